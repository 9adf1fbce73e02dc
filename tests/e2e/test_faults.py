# SPDX-License-Identifier: BSD-2-Clause
"""A4: whatever happens to the guard, it never opens the relay: absent, killed
or stopped.  (test_hostile.py: spoken to by somebody who is no mail server.)

Environment: KILLS  how many random SIGKILLs (default 25)
             SEED   of the random moments (default: another one each time)
"""
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab
from lab import Sendmail, SmtpSession
from watched import Guard

POLICY = "local guard.test\nrelay relay.test\nclient 10.0.0.0/8\n"
KILLS = int(os.environ.get("KILLS", "25"))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10 ** 6)))


def test_guard_not_running():
    """F1: 451 at MAIL, honest recipients included, and sendmail says why."""
    with Guard(POLICY) as guard:
        guard.kill()
        with Sendmail(wide_open=True, milter=guard.socket) as mta, \
             SmtpSession(mta) as smtp:
            assert smtp.banner.code == 220
            replies = smtp.envelope("<a@b.example>", "<u@guard.test>")
            assert [r.code for r in replies] == [451, 503]
            assert "to error state" in mta.log()


class Assassin(threading.Thread):
    """Kills the guard a random moment after being told to (or unasked)."""

    def __init__(self, guard, delay):
        super().__init__(daemon=True)
        self.pid, self.delay, self.told = guard.child.pid, delay, threading.Event()

    def run(self):
        self.told.wait(20)
        time.sleep(self.delay)
        os.kill(self.pid, signal.SIGKILL)


def recipients_of_round(i):
    """(recipient, honest?), all unique so that the log can be searched."""
    return [(f"<u{i}@guard.test>", True), (f"<u{i}%d.test@relay.test>", False),
            (f"<u{i}@relay.test>", True), (f"<u{i}@d.test>", False),
            (f"<d.test!u{i}>", False), (f"<v{i}@relay.test>", True),
            (f'<"u{i}@d.test"@guard.test>', False), (f"<v{i}@guard.test>", True)]


def session_under_fire(mta, i, step, assassin):
    """One session; the kill is ordered just before the given step.  Returns
    the recipients answered 250, those deferred, and whether MAIL passed."""
    taken, deferred = [], []
    with SmtpSession(mta) as smtp:
        commands = [("", "")] + recipients_of_round(i)
        for n, (recipient, _) in enumerate(commands):
            if n == step:
                assassin.told.set()
            if n == 0:
                mail = smtp.cmd(f"MAIL FROM:<s{i}@outside.test>").code
                continue
            code = smtp.cmd("RCPT TO:" + recipient).code
            if code == 250:
                taken.append(recipient)
            elif code // 100 == 4:
                deferred.append(recipient)
        assassin.told.set()
        if taken:  # sendmail must ask the guard again, or give up
            smtp.data()
    assassin.join(30)
    return taken, deferred, mail


@pytest.fixture(scope="module")
def open_users():
    return dict(wide_open=True, relay_domains=["relay.test"],
                extra_mc=["define(`LUSER_RELAY', `local:root')"])


def test_killed_at_random_moments(open_users):
    """F2: 0 recipients answered 250 without a decision in the audit log."""
    rnd = random.Random(SEED)
    honest = {r for i in range(KILLS) for r, good in recipients_of_round(i) if good}
    taken, cut = [], 0
    with Guard(POLICY, audit_accepted=True) as guard, \
         Sendmail(milter=guard.socket, **open_users) as mta:
        for i in range(KILLS):
            assassin = Assassin(guard, rnd.choice([0, rnd.uniform(0, 0.004)]))
            assassin.start()
            step = rnd.randrange(len(recipients_of_round(i)) + 1)
            got, deferred, mail = session_under_fire(mta, i, step, assassin)
            taken += got
            cut += bool(deferred) or mail == 451
            guard.child.wait(20)
            guard.start()
        records = guard.audit()
    accepted = {r["recipient"] for r in records if r["verdict"] == "accept"}
    seed = f"SEED={SEED}"
    assert [r for r in taken if r not in honest] == [], seed
    assert [r for r in taken if r not in accepted] == [], seed
    print(f"{KILLS} kills, {cut} inside a session: {len(taken)} recipients taken, "
          f"{len(records)} decisions on record")
    assert cut >= KILLS / 4, f"too few kills hit anything, {seed}"
    assert taken and records


def freeze(guard):
    """SIGSTOP, and wait until it has reached every thread."""
    guard.child.send_signal(signal.SIGSTOP)
    tasks = Path(f"/proc/{guard.child.pid}/task")
    lab.wait_for(lambda: all(t.read_text().rpartition(")")[2].split()[0] == "T"
                             for t in tasks.glob("*/stat")), "all threads to stop", 20)


def test_killed_inside_a_callback(open_users):
    """The guard has the question, cannot answer yet, and dies."""
    with Guard(POLICY) as guard, Sendmail(
            milter=guard.socket, timeouts="C:20s;S:20s;R:20s;E:20s",
            **open_users) as mta, SmtpSession(mta, seconds=30) as smtp:
        assert smtp.cmd("MAIL FROM:<a@outside.test>").code == 250
        assert smtp.cmd("RCPT TO:<a@guard.test>").code == 250
        freeze(guard)
        timer = threading.Timer(0.3, guard.child.kill)
        timer.start()
        try:
            assert smtp.cmd("RCPT TO:<u%d.test@relay.test>").code == 451
        finally:
            timer.join()
        assert smtp.cmd("RCPT TO:<b@guard.test>").code == 451
        assert smtp.data().code == 451


def test_stopped(open_users):
    """F4: hangs longer than R=: that recipient and all later ones 451; the
    next session finds a guard that works again."""
    with Guard(POLICY) as guard, Sendmail(
            milter=guard.socket, timeouts="C:20s;S:20s;R:2s;E:20s",
            **open_users) as mta:
        with SmtpSession(mta, seconds=30) as smtp:
            replies = smtp.envelope("<a@outside.test>", "<a@guard.test>")
            assert [r.code for r in replies] == [250, 250]
            freeze(guard)
            try:
                assert smtp.cmd("RCPT TO:<b@guard.test>").code == 451
                assert smtp.cmd("RCPT TO:<u@d.test>").code == 451
            finally:
                guard.child.send_signal(signal.SIGCONT)
            assert smtp.data().code == 451
        with SmtpSession(mta) as smtp:
            replies = smtp.envelope("<a@outside.test>", "<a@guard.test>", "<u@d.test>")
            assert [r.code for r in replies] == [250, 250, 550]
