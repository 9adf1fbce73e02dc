# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe` against a real sendmail, with and without the guard."""

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
        assert "throttl" not in mta.log().lower()
        connections = mta.log().count("connect from ")
    assert r.seconds < 15
    assert r.doc["connections"] <= 10
    assert connections <= r.doc["connections"]
    assert len(r.tests) > 200
    print(f"{len(r.tests)} tests, {r.seconds:.1f} s, {r.doc['connections']} connections")


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
