# SPDX-License-Identifier: BSD-2-Clause
"""mode and rule_modes: what is recorded is what would be refused; what is off
passes the guard, is granted nothing, and sendmail decides."""
import json
import sys
from pathlib import Path

import lab
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rawmap import MapSession
from rawmilter import ask
from watched import Guard, command

POLICY = "local guard.test\nrelay relay.test\n"
HACK, BANG, FAR = "<u%d.example@relay.test>", "<d.example!u@relay.test>", "<u@d.example>"
OUTSIDER = "198.51.100.7"


@pytest.fixture(scope="module")
def guard():
    with Guard(POLICY, rule_modes=["P08=monitor", "P18=off"], audit_accepted=True) as g:
        yield g


def both(guard, recipient):
    """(by milter, by map), and the two records."""
    before = len(guard.audit())
    milter = ask(guard.socket, recipient).verdict
    with MapSession(guard.map_socket) as m:
        by_map = m.judge(OUTSIDER, recipient).verdict
    return (milter, by_map), guard.audit()[before:]


def comparable(guard, records):
    """Without what differs from run to run, and mode."""
    differ = ("time", "session", "mode", "policy_serial")
    kept = [{k: v for k, v in r.items() if k not in differ} for r in records]
    return json.dumps(kept).replace(str(guard.folder), "")


def test_enforced(guard):
    answers, records = both(guard, FAR)
    assert answers == ("refuse", "refuse")
    assert [(r["verdict"], r["rule"], r["mode"]) for r in records] == [("refuse", "P01", "enforce")] * 2


def test_monitored(guard):
    """Passes, with the record of enforce but for the mode; no grant."""
    answers, records = both(guard, HACK)
    assert answers == ("accept", "local")
    assert [(r["verdict"], r["rule"], r["mode"]) for r in records] == [("refuse", "P08", "monitor")] * 2
    with Guard(POLICY) as enforcing:
        _, enforced = both(enforcing, HACK)
    assert comparable(guard, records) == comparable(enforcing, enforced)


def test_off(guard):
    answers, records = both(guard, BANG)
    assert answers == ("accept", "local"), "no grant by the map door"
    assert [(r["verdict"], r["rule"]) for r in records] == [("accept", None)] * 2


def test_monitor_for_all_changes_nothing_that_is_off():
    with Guard(POLICY, mode="monitor", rule_modes=["P18=off"]) as guard:
        for recipient, verdict, mode in (FAR, "refuse", "monitor"), (HACK, "refuse", "monitor"):
            answers, records = both(guard, recipient)
            assert answers == ("accept", "local")
            assert {(r["verdict"], r["mode"]) for r in records} == {(verdict, mode)}
        assert both(guard, BANG) == (("accept", "local"), [])


def test_a_reload_changes_them(guard):
    try:
        guard.set_options(rule_modes=["P01=monitor"])
        guard.reload_and_wait()
        assert both(guard, HACK)[0] == ("refuse", "refuse")
        assert both(guard, FAR)[0] == ("accept", "local")
    finally:
        guard.set_options(rule_modes=["P08=monitor", "P18=off"])
        guard.reload_and_wait()


def test_sendmail_decides_what_is_off():
    with Guard(POLICY, rule_modes=["P01=off", "P18=off"]) as guard, \
            lab.Sendmail(guard=guard) as mta, lab.SmtpSession(mta) as smtp:
        assert smtp.cmd("MAIL FROM:<a@b.example>").code == 250
        reply = smtp.cmd(f"RCPT TO:{FAR}")
        assert reply.code == 550 and "P01" not in reply.text


def test_check_tells(guard):
    for recipient, said, status in (HACK, "[monitor: recorded, but accepted]", 1), \
            (BANG, "[the rule that would refuse is off]", 0):
        done = command("check", "-c", str(guard.config), "--client", OUTSIDER,
                       "--from", "<a@b.example>", "--rcpt", recipient)
        assert said in done.stdout and done.returncode == status
