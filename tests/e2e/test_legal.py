# SPDX-License-Identifier: BSD-2-Clause
"""A3: honest recipients are never refused.  Every local part of
tests/vectors/legal.txt, at every kind of domain that is ours: asked directly
at the milter socket, and through a real sendmail that is compared with one
that has no guard."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from lab import Sendmail, SmtpSession
from rawmilter import CONTINUE, MilterSession
from watched import Guard, vectors

POLICY = """\
local guard.test
local [192.0.2.25]
relay relay.test
relay .below.test
"""
LOCAL_PARTS = [fields[0] for _, fields in vectors("legal.txt")]
OWN = [b"guard.test", b"mx.guard.test", b"GUARD.Test", b"guard.test.",
       b"[192.0.2.1]", b"[192.0.2.25]", b"localhost"]
RELAY = [b"relay.test", b"Relay.TEST", b"relay.test.", b"x.below.test"]
SPECIAL = ["<root>", "<Postmaster>", "<POSTMASTER>", "<postmaster>", "postmaster",
           "root", "<Root@GUARD.TEST.>", "<root@guard.test.>", "root@guard.test",
           "<root@[127.0.0.1]>", "<root@localhost>", "<root@mx.guard.test>",
           "<USER@RELAY.TEST.>", "u@relay.test", "<@relay.test:u@relay.test>",
           "<u%relay.test@guard.test>", "<relay.test!u>", '<"root"@guard.test>']
BATCH = 40  # recipients a transaction


@pytest.fixture(scope="module")
def guard():
    with Guard(POLICY) as running:
        yield running


def test_the_vectors_are_many():
    """A3 wants at least 200; nobody may thin them out unseen."""
    assert len(set(LOCAL_PARTS)) >= 270


@pytest.mark.parametrize("domain", OWN + RELAY, ids=lambda d: d.decode())
def test_the_guard_itself_refuses_none(guard, domain):
    with MilterSession(guard.socket) as m:
        m.greet()
        assert m.mail("<someone@outside.test>").kind == CONTINUE
        answers = {p: m.rcpt(b"<%b@%b>" % (p, domain)) for p in LOCAL_PARTS}
        assert m.rcpt("<someone@elsewhere.test>").code == 550, "guard is asleep"
    assert {p: a for p, a in answers.items() if a.kind != CONTINUE} == {}


def test_unqualified_and_null_sender(guard):
    """A bare local part goes to the server itself; bounces are mail too."""
    with MilterSession(guard.socket) as m:
        m.greet()
        assert m.mail("<>").kind == CONTINUE
        answers = {r: m.rcpt(r) for r in [*LOCAL_PARTS, *SPECIAL]}
    assert {r: a for r, a in answers.items() if a.kind != CONTINUE} == {}


def codes(mta, recipients):
    """The reply code of each recipient, asked in batches."""
    found = []
    with SmtpSession(mta, seconds=60) as smtp:
        for i in range(0, len(recipients), BATCH):
            assert smtp.cmd("RSET").code == 250
            assert smtp.cmd("MAIL FROM:<someone@outside.test>").code == 250
            found += [smtp.cmd(b"RCPT TO:" + r).code for r in recipients[i:i + BATCH]]
    return found


@pytest.fixture(scope="module")
def servers(guard):
    """Without and with the guard.  Local users need not exist: else sendmail
    would refuse nearly all of them by itself and nothing were compared."""
    options = dict(wide_open=True, relay_domains=["relay.test"],
                   extra_mc=["define(`LUSER_RELAY', `local:root')"])
    with Sendmail(**options) as alone, \
         Sendmail(milter=guard.socket, **options) as guarded:
        yield alone, guarded


def compare(servers, recipients):
    """How many sendmail accepts by itself; the guard must spoil none."""
    alone, guarded = (codes(mta, recipients) for mta in servers)
    worse = [(r, a, b) for r, a, b in zip(recipients, alone, guarded)
             if a == 250 and b != 250]
    assert worse == []
    return alone.count(250)


@pytest.mark.parametrize("domain", [b"guard.test", b"relay.test"])
def test_sendmail_refuses_no_more_than_without(servers, domain):
    recipients = [b"<%b@%b>" % (p, domain) for p in LOCAL_PARTS]
    taken = compare(servers, recipients)
    print(f"{len(recipients)} at {domain.decode()}: sendmail alone takes {taken}, "
          f"refuses {len(recipients) - taken}; the guard refused 0 of those taken")
    assert taken > len(recipients) * 0.9  # else it was no test of the guard


def test_special_recipients_through_sendmail(servers):
    recipients = [r.encode() for r in SPECIAL]
    assert compare(servers, recipients) >= len(recipients) - 2


def test_the_guarded_one_is_guarded(servers):
    """The control: the same recipients would not pass if they were foreign."""
    recipients = [b"<%b@elsewhere.test>" % p for p in LOCAL_PARTS[:BATCH]]
    alone, guarded = (codes(mta, recipients) for mta in servers)
    assert alone.count(250) == BATCH and guarded.count(250) == 0
