# SPDX-License-Identifier: BSD-2-Clause
"""The map door behind a real sendmail: FEATURE(`relayguard') alone in front of
sendmail's closed rules grants what the policy grants, denies what it does not,
and sees what a milter never sees."""
import os
import signal
import sys
import time
from pathlib import Path

import lab
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rawmap import MapSession
from rawmilter import MilterSession
from test_map_access import makemap
from test_paper import TABLE, bracketed
from watched import Guard, command, vectors

POLICY = "local guard.test\nrelay relay.test\nclient 127.0.0.3\n"
CLIENT = "127.0.0.3"


# sendmail hands the map its own form of the sender: [127.0.0.1] is our name
RENAMED = {"P07": "P00 own-domain-sender"}


def answer(mta, recipient, source=lab.OUTSIDER, sender="<a@b.example>"):
    with lab.SmtpSession(mta, source=source) as smtp:
        assert smtp.cmd(f"MAIL FROM:{sender}").code == 250
        return smtp.cmd(f"RCPT TO:{recipient}")


@pytest.fixture(scope="module")
def guard():
    with Guard(POLICY, audit_accepted=True) as g:
        yield g


@pytest.fixture(scope="module")
def mta(guard):
    """Closed: no class R, no access map; class w has guard.test.  Senders at
    an address literal get as far as RCPT."""
    with lab.Sendmail(guard=guard,
                      extra_mc=["FEATURE(`accept_unqualified_senders')"]) as m:
        yield m


@pytest.mark.parametrize("test", TABLE, ids=[t[0] for t in TABLE])
def test_an_outsider_is_refused_the_papers_tests(mta, test):
    _, sender, _, recipients, denied, named = test
    with lab.SmtpSession(mta) as smtp:
        reply = smtp.cmd(f"MAIL FROM:{bracketed(sender)}")
        if reply.code != 250:  # by sendmail's own check_mail
            assert reply.code == 553 and test[0] in ("P03", "P04")
            return
        for recipient in recipients:
            reply = smtp.cmd(f"RCPT TO:{bracketed(recipient)}")
            assert (reply.code, reply.text.split()[0]) == denied
            named = RENAMED.get(test[0], named)
            assert named is None or f"({named})" in reply.text


def test_sendmail_alone_grants_nothing():
    with lab.Sendmail() as mta:
        assert answer(mta, "<x@relay.test>").code == 550
        assert answer(mta, "<x@d.example>", CLIENT).code == 550


def test_grants_of_the_policy(mta):
    assert answer(mta, "<x@relay.test>").code == 250
    assert answer(mta, "<x@d.example>", CLIENT).code == 250
    assert answer(mta, "<u%d.example@relay.test>", CLIENT).code == 250
    assert answer(mta, "<root@guard.test>").code == 250
    assert answer(mta, "<no-such-user@guard.test>").text.startswith("5.1.1")


def test_the_policy_changes_without_sendmail_knowing():
    with Guard(POLICY) as guard, lab.Sendmail(guard=guard) as mta:
        with lab.SmtpSession(mta, source=CLIENT) as old:
            assert old.cmd("MAIL FROM:<a@b.example>").code == 250
            assert old.cmd("RCPT TO:<x@d.example>").code == 250
            guard.set_policy("local guard.test\nrelay new.test\n")
            guard.reload_and_wait()
            assert old.cmd("RCPT TO:<y@d.example>").code == 550
        assert answer(mta, "<x@d.example>", CLIENT).code == 550
        assert answer(mta, "<x@relay.test>").code == 550
        assert answer(mta, "<x@new.test>").code == 250


def test_a_roaming_client(guard, mta):
    who = "127.0.0.77"
    assert answer(mta, "<x@d.example>", who).code == 550
    roaming = ["roaming", "-c", str(guard.config)]
    assert command(*roaming, "add", who).returncode == 0
    lab.wait_for(lambda: answer(mta, "<x@d.example>", who).code == 250, "the grant")
    assert command(*roaming, "drop", who).returncode == 0
    lab.wait_for(lambda: answer(mta, "<x@d.example>", who).code == 550, "its end")


@pytest.mark.parametrize("doors, seen", [("milter", False), ("map", True)])
def test_one_door_alone(doors, seen):
    with Guard(POLICY) as guard, lab.Sendmail(guard=guard, doors=doors) as mta:
        reply = answer(mta, "<x@d.example>")
        assert reply.code == 550 and ("P01" in reply.text) == seen
        assert answer(mta, "<x@relay.test>").code == (250 if seen else 550)


def test_what_sendmail_blocks_stays_blocked():
    """A grant goes no further than relaying: a recipient that the access map
    rejects is rejected, by sendmail."""
    folder = lab.safe_base() / "blocked"
    folder.mkdir(mode=0o755, exist_ok=True)
    text = "To:blocked@relay.test\tREJECT\nTo:later@relay.test\tERROR:4.2.1:450 later\n"
    assert makemap("hash", folder / "access", text=text).returncode == 0
    with Guard(POLICY) as guard, lab.Sendmail(guard=guard, extra_mc=[
            f"FEATURE(`access_db',`hash -T<TMPF> {folder}/access')",
            "FEATURE(`blocklist_recipients')"]) as mta:
        assert answer(mta, "<x@relay.test>").code == 250
        assert answer(mta, "<blocked@relay.test>").code == 550
        assert answer(mta, "<later@relay.test>").code == 450
        assert answer(mta, "<blocked@relay.test>", CLIENT).code == 550
        assert answer(mta, "<x@d.example>", CLIENT).code == 250


def test_a_grant_ends_with_its_recipient(mta):
    with lab.SmtpSession(mta) as smtp:
        assert smtp.cmd("MAIL FROM:<a@b.example>").code == 250
        codes = [smtp.cmd(f"RCPT TO:<x@{d}>").code for d in ("relay.test", "d.example",
                                                             "relay.test", "e.example")]
    assert codes == [250, 550, 250, 550]


# ------------------------------------------- what a milter never gets to see

# refused by sendmail's check_rcpt, from an outsider, with its default rules
INVISIBLE = [
    "<x@d.example>", "<u%d.example@guard.test>", "<u%d.example>",
    '<"u%d.example"@guard.test>', '<"u%d.example">', '<"u@d.example"@guard.test>',
    '<"u@d.example">', "<d.example!u>", "<d.example!u@guard.test>",
    "<@d.example:u@e.example>", "<@guard.test:u@d.example>",
    "<@a.example,@b.example:u@c.example>", "<u%d.example@[127.0.0.1]>",
    "<d.example!u@[127.0.0.1]>", '<"u@d.example"@[127.0.0.1]>', "<u@[192.0.2.1]>",
    "<a%b.example%c.example@guard.test>", "<b.example!a%c.example@guard.test>",
    "<u%d.example@localhost>", "<u@d.example.>", "<U@D.EXAMPLE>",
]


def refused_by_check_rcpt(mta, recipients):
    """Those that sendmail's log says check_rcpt refused."""
    with lab.SmtpSession(mta) as smtp:
        assert smtp.cmd("MAIL FROM:<a@b.example>").code == 250
        codes = [smtp.cmd(f"RCPT TO:{r}").code for r in recipients]
    return codes, mta.log().count("ruleset=check_rcpt")


def records(doors):
    with Guard(POLICY) as guard, lab.Sendmail(guard=guard, doors=doors) as mta:
        refused_by_check_rcpt(mta, INVISIBLE)
        return {r["recipient"] for r in guard.audit() if r["verdict"] == "refuse"}


def test_every_refusal_of_check_rcpt_is_on_record():
    with lab.Sendmail() as alone:
        codes, logged = refused_by_check_rcpt(alone, INVISIBLE)
    assert codes == [550] * 21 and logged == 21
    assert records("milter") == set(), "a milter sees none of them"
    assert records("map") == set(INVISIBLE)


# ------------------------------------------------------------------- faults

def test_guard_killed_is_451():
    with Guard(POLICY) as guard, lab.Sendmail(guard=guard, doors="map") as mta:
        with lab.SmtpSession(mta) as smtp:
            assert smtp.cmd("MAIL FROM:<a@b.example>").code == 250
            assert smtp.cmd("RCPT TO:<x@relay.test>").code == 250
            guard.kill()
            for recipient in "<y@relay.test>", "<root@guard.test>", "<u@d.example>":
                reply = smtp.cmd(f"RCPT TO:{recipient}")
                assert (reply.code, reply.text.split()[0]) == (451, "4.3.0")
        assert answer(mta, "<x@relay.test>").code == 451


def stopped(guard):
    """A stop reaches thread by thread, each when it gets a processor."""
    tasks = Path(f"/proc/{guard.child.pid}/task").iterdir()
    return all((t / "stat").read_text().rpartition(")")[2].split()[0] == "T" for t in tasks)


def test_guard_hung_is_451_within_6_s():
    with Guard(POLICY) as guard, lab.Sendmail(guard=guard, doors="map") as mta:
        with lab.SmtpSession(mta) as smtp:
            assert smtp.cmd("MAIL FROM:<a@b.example>").code == 250
            os.kill(guard.child.pid, signal.SIGSTOP)
            lab.wait_for(lambda: stopped(guard), "all threads to stop")
            begun = time.monotonic()
            reply = smtp.cmd("RCPT TO:<x@relay.test>")
            took = time.monotonic() - begun
            os.kill(guard.child.pid, signal.SIGCONT)
    assert reply.code == 451 and 4 < took < 6


# --------------------------------------------------------------- both doors

# what the head of tests/vectors/decide.txt says
POLICY_OF_VECTORS = """local guard.test
local [192.0.2.25]
relay relay.test
relay .below.test
relay both.test
relay .both.test
deny relay deny.both.test
relay expired.test until=2020-01-01
client 10.0.0.0/8
deny client 10.66.0.0/16
client 2001:db8::/32
auth alice
"""

def ask_milter(session, sender, recipient):
    if session.mail(sender).verdict != "accept":
        return None  # refused at MAIL: the map door is not asked at all
    reply = session.rcpt(recipient)
    return reply.verdict, reply.rule


def ask_map(session, *question):
    j = session.judge(*question)
    return ("accept", None) if j.verdict in ("relay", "local") else (j.verdict, j.rule)


def test_both_doors_agree_on_every_vector():
    rows = [f for _, f in vectors("decide.txt")]
    legal = [f[0] for name in ("legal.txt", "legal_grammar.txt") for _, f in vectors(name)]
    readings = [f[0] for _, f in vectors("readings.txt")]
    questions = [(f[0], b"" if f[1] == b"-" else f[1], f[2], f[3]) for f in rows
                 if len(f) > 3]
    questions += [(b"198.51.100.7", b"", b"<a@outside.test>", b"<" + user + b"@" + d + b">")
                  for user in legal for d in (b"guard.test", b"relay.test")]
    questions += [(b"198.51.100.7", b"", b"<a@outside.test>", r) for r in readings]
    asked = 0
    with Guard(POLICY_OF_VECTORS) as guard, MapSession(guard.map_socket) as by_map:
        for client, auth, sender, recipient in questions:
            if b"\x9b" in sender + recipient or b"\0" in sender + recipient:
                continue  # sendmail takes neither, and neither has a place there
            with MilterSession(guard.socket) as by_milter:
                by_milter.greet(client.decode())
                first = by_milter.mail(sender, auth=auth)
                if first.verdict != "accept":
                    continue
                reply = by_milter.rcpt(recipient)
            bare = sender.strip().removeprefix(b"<").removesuffix(b">").strip()
            got = ask_map(by_map, client, recipient, bare, auth, "mx.guard.test",
                          "192.0.2.1")
            assert got == (reply.verdict, reply.rule), (client, sender, recipient)
            asked += 1
    assert asked > 4000


# ------------------------------------------------- beside other features

def test_delay_checks_still_checks_sender_and_client():
    """A grant answers one question, not those that delay_checks puts off."""
    folder = lab.safe_base() / "delayed"
    folder.mkdir(mode=0o755, exist_ok=True)
    text = ("Connect:127.0.0.4\tERROR:5.7.1:550 not you\nConnect:127.0.0.5\tREJECT\n"
            "From:spam@b.example\tREJECT\n")
    assert makemap("hash", folder / "access", text=text).returncode == 0
    with Guard(POLICY) as guard, lab.Sendmail(guard=guard, extra_mc=[
            f"FEATURE(`access_db',`hash -T<TMPF> {folder}/access')",
            "FEATURE(`delay_checks')"]) as mta:
        assert answer(mta, "<x@relay.test>").code == 250
        assert answer(mta, "<x@relay.test>", "127.0.0.4").code == 550
        assert answer(mta, "<x@relay.test>", "127.0.0.5").code == 550
        assert answer(mta, "<x@relay.test>", sender="<spam@b.example>").code == 550
        assert answer(mta, "<x@d.example>").code == 550
