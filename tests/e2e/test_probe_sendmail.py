# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe` against a real sendmail, with and without the guard."""

import pytest

from lab import Guard, Sendmail
from sink import PAPER, Result


def test_sendmail_wide_open():
    with Sendmail(wide_open=True) as mta:
        r = Result(mta.port)
        queued = mta.queued()
    assert (r.exit, r.verdict) == (1, "relays")
    # its parser refuses these two in every configuration
    assert r.with_outcome("refused") == ["P12", "P14"]
    assert r.tests["P12"]["by"]["text"] == "parser 5.1.3"
    assert r.totals["accepted"] == 18
    assert queued == []  # no message was ever sent


def test_full_profile_against_sendmail():
    """A4: quick, on few connections, and not slowed down by the throttle of
    bad recipients, which Debian's sendmail.mc sets."""
    with Sendmail(relay_domains=["relay.test"],
                  extra_mc=["define(`confBAD_RCPT_THROTTLE',`3')"]) as mta:
        r = Result(mta.port, "--profile", "full", "--relay-domain", "relay.test")
        assert "O BadRcptThrottle=3" in mta.text("sendmail.cf")
        assert "throttl" not in mta.log().lower()
        # each has a process of its own, which logs its banner
        assert mta.log().count(" connect from ") == r.doc["connections"] <= 10
    assert r.seconds < 15
    assert len(r.tests) > 200


def test_full_profile_against_greet_pause():
    """sendmail makes strangers wait for its banner, at each connection."""
    with Sendmail(extra_mc=["FEATURE(`greet_pause',`500')"]) as mta:
        r = Result(mta.port, "--profile", "full")
        assert "pre-greeting traffic" not in mta.log()
    assert (r.exit, r.verdict) == (0, "closed")
    assert 0.5 < r.seconds < 15


def test_sendmail_that_relays_to_its_own_domain():
    """The gateway of guard.test, by the name of mx.guard.test, is no open relay."""
    with Sendmail(relay_domains=["guard.test"]) as mta:
        r = Result(mta.port, "--profile", "full")
    assert (r.exit, r.with_outcome("accepted")) == (2, ["P01.31"])
    assert "if that domain is yours" in r.doc["reasons"][0]


def test_sendmail_closed():
    with Sendmail() as mta:
        r = Result(mta.port)
    assert (r.exit, r.verdict) == (0, "closed")
    assert r.totals["refused"] == 20
    assert ("C", "before", "accepted") in r.controls()  # trusted by design
    assert r.doc["connections"] == 2
    assert r.seconds < 10


def test_sendmail_that_trusts_the_source():
    """Another stranger is refused the same: the source proves nothing."""
    with Sendmail(relay_domains=["127.0.0.2"]) as mta:
        r = Result(mta.port)
        assert (r.exit, r.verdict) == (3, "invalid")
        assert "trusts the source" in r.doc["reasons"][0]
        assert ("S", "before", "refused") in r.controls()
        assert Result(mta.port, "--source", "127.0.0.9").exit == 0


def test_sendmail_that_trusts_all_of_loopback():
    """As Debian's Postfix does: an interface's address tells."""
    with Sendmail(relay_domains=["127"]) as mta:
        r = Result(mta.port)
    strangers = [o for i, _, o in r.controls() if i == "S"]
    if len(strangers) == 1:  # this machine has loopback alone
        assert (strangers, r.verdict) == (["accepted"], "relays")
        assert "trusts the source" in r.doc["reasons"][-1]
    else:
        assert (strangers, r.verdict) == (["accepted", "refused"], "invalid")


def test_sendmail_without_dns_for_senders():
    with Sendmail(sender_domains_must_exist=True) as mta:
        r = Result(mta.port)
    assert (r.exit, r.totals["refused"]) == (0, 20)
    assert (r.tests["P02"]["code"], r.tests["P02"]["dsn"]) == (553, "5.1.8")
    assert r.tests["P02"]["as_paper"]


def test_sendmail_that_believes_its_own_name_in_senders():
    with Sendmail(extra_mc=["FEATURE(`relay_local_from')"]) as mta:
        r = Result(mta.port)
    assert r.exit == 1
    assert {"P00", "P06", "P19"} <= set(r.with_outcome("accepted"))
    assert {"P01", "P02", "P05", "P08", "P15", "P17"} <= set(r.with_outcome("refused"))


def test_sendmail_wide_open_behind_the_guard():
    """What the mail server alone would relay, the guard refuses, by name."""
    policy = "local guard.test\nlocal mx.guard.test\nlocal [127.0.0.1]\n"
    with Guard(policy=policy) as guard, \
         Sendmail(wide_open=True, milter=guard.socket) as mta:
        r = Result(mta.port)
    assert (r.exit, r.totals["refused"]) == (0, 20)
    rules = {i: t["by"].get("rule") for i, t in r.tests.items()}
    # without DNS nobody knows that P02's domain does not exist
    assert rules.pop("P02") in ("P01", "P02")
    # sendmail's parser is first with P12 and P14
    assert rules == {i: i for i in PAPER if i != "P02"} | {"P12": None, "P14": None}


# ---- the full profile and what each setting opens ----------------------------

POLICY = "local guard.test\nlocal mx.guard.test\nlocal [127.0.0.1]\nrelay relay.test\n"
# What a sendmail as it comes passes on to a relay domain as it is: escaped and
# half-quoted operators, DECnet, programs and files, bytes with bit 7 set.
AS_IT_COMES = {"G13", "G14", "G15", "G16", "G17", "G18", "G19", "G27", "G29"}
PERCENT_AND_BANG = {"G01", "G03", "G06", "G08", "G09", "G10", "G21", "G22", "G23",
                    "G24", "G25", "G28"}
OWN_SENDER = {"P00", "P06", "P09", "P10", "P11", "P13", "P16", "P18", "P19", "T10",
              "P00.1", "P00.6", "P00.8", "P00.10", "P01.1", "P03.1", "P06.1", "P06.2",
              "P19.2", "P19.3"}
OPENS = {
    "closed": ({}, set()),
    "gateway": ({"relay_domains": ["relay.test"]}, AS_IT_COMES),
    "loose_relay_check": (
        {"relay_domains": ["relay.test"], "extra_mc": ["FEATURE(`loose_relay_check')"]},
        AS_IT_COMES | PERCENT_AND_BANG | {"G02", "G07", "G11", "G20"}),
    "nospecial": (
        {"relay_domains": ["relay.test"],
         "extra_mc": ["FEATURE(`nouucp',`nospecial')", "FEATURE(`nopercenthack',`nospecial')"]},
        AS_IT_COMES | PERCENT_AND_BANG),
    "relay_local_from": ({"extra_mc": ["FEATURE(`relay_local_from')"]}, OWN_SENDER),
}


def full(mta):
    r = Result(mta.port, "--profile", "full", "--relay-domain", "relay.test",
               "--local-user", "daemon@guard.test")
    assert not r.with_outcome("deferred") and not r.with_outcome("unanswered")
    # no SMTPUTF8 here, and no relay domain without the setting
    assert all(r.tests[i]["skipped"] for i in r.with_outcome("untested"))
    return r


@pytest.mark.parametrize("name", OPENS)
def test_what_a_setting_opens_and_the_guard_closes(name):
    settings, opens = OPENS[name]
    with Sendmail(**settings) as mta:
        alone = full(mta)
    assert set(alone.with_outcome("accepted")) == opens
    assert alone.verdict == ("relays" if opens else "closed")
    hops = [reason for reason in alone.doc["reasons"] if "two hops" in reason]
    assert bool(hops) == any(i.startswith("G") for i in opens)
    with Guard(POLICY) as guard, Sendmail(milter=guard.socket, **settings) as mta:
        guarded = full(mta)
    assert (guarded.exit, guarded.verdict) == (0, "closed")
    for i in opens:
        assert guarded.tests[i]["by"]["layer"] == "guard", i


def test_what_a_wide_open_server_accepts_is_what_the_guard_refuses():
    with Sendmail(wide_open=True, relay_domains=["relay.test"]) as mta:
        alone = full(mta)
    assert alone.verdict == "relays"
    opens = set(alone.with_outcome("accepted"))
    assert len(opens) > 150
    # what is left the parser refuses, or nobody here has such a name
    assert {alone.tests[i]["by"]["layer"] for i in alone.with_outcome("refused")} == {
        "parser", "mailbox"}
    with Guard(POLICY) as guard, \
         Sendmail(wide_open=True, milter=guard.socket, relay_domains=["relay.test"]) as mta:
        guarded = full(mta)
    assert (guarded.exit, guarded.verdict) == (0, "closed")
    by_guard = {i for i, t in guarded.tests.items() if t["by"] and t["by"]["layer"] == "guard"}
    assert by_guard == opens
    for i in by_guard:
        # without DNS nobody knows that P02's domain does not exist; where
        # sendmail refuses a sender at MAIL the next one carries the recipient
        test = guarded.tests[i]
        assert test["by"]["rule"] == test["rule"] or i == "P02", i
