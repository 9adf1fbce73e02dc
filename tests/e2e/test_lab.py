# SPDX-License-Identifier: BSD-2-Clause
"""The laboratory itself: the other tests mean nothing if this is wrong."""
import os
import socket
import stat
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab
from lab import Guard, LabError, Sendmail, SmtpSession

FOREIGN = "<user@dst.example>"
LOCAL = "<root@guard.test>"
SENDER = "<someone@src.example>"


@pytest.fixture(scope="module")
def wide_open():
    with Sendmail(wide_open=True) as mta:
        yield mta


@pytest.fixture(scope="module")
def closed():
    with Sendmail(relay_domains=["relay.test"]) as mta:
        yield mta


def codes(mta, sender, *recipients, **options):
    with SmtpSession(mta, **options) as smtp:
        return [reply.code for reply in smtp.envelope(sender, *recipients)]


def test_it_starts_without_the_pause_for_a_name():
    """sendmail sleeps for a minute when its own name has no dot."""
    begin = time.monotonic()
    with Sendmail() as mta, SmtpSession(mta) as smtp:
        assert smtp.banner.code == 220
        assert smtp.banner.text.startswith(lab.HOSTNAME)
    assert time.monotonic() - begin < 30


def test_wide_open_relays_for_an_outsider(wide_open):
    assert codes(wide_open, SENDER, FOREIGN, LOCAL) == [250, 250, 250]


def test_wide_open_takes_unqualified_senders(wide_open):
    assert codes(wide_open, "<somebody>", FOREIGN) == [250, 250]


def test_closed_refuses_to_relay_for_an_outsider(closed):
    with SmtpSession(closed) as smtp:
        _, relayed, local = smtp.envelope(SENDER, FOREIGN, LOCAL)
    assert relayed.code == 550 and relayed.text.startswith("5.7.1 ")
    assert local.code == 250


def test_closed_relays_for_itself(closed):
    """The control: without it "refused" might mean that nothing works."""
    assert codes(closed, SENDER, FOREIGN, source="127.0.0.1") == [250, 250]


def test_closed_relays_to_its_relay_domain(closed):
    assert codes(closed, SENDER, "<a@relay.test>") == [250, 250]


def test_local_recipients(closed):
    recipients = ["<postmaster>", "<root>", "<root@[127.0.0.1]>", "<nobody.such@guard.test>"]
    assert codes(closed, SENDER, *recipients) == [250, 250, 250, 250, 550]


def test_aliases_are_local_recipients():
    with Sendmail(aliases={"sales": "root"}) as mta:
        assert codes(mta, SENDER, "<sales@guard.test>") == [250, 250]


def test_sender_domains_must_exist():
    with Sendmail(sender_domains_must_exist=True) as mta, SmtpSession(mta) as smtp:
        reply = smtp.cmd("MAIL FROM:<a@b.example>")
    assert reply.code == 553 and reply.text.startswith("5.1.8 ")


def test_an_absent_milter_means_try_later():
    socket_path = lab.safe_base() / "no-such.sock"
    with Sendmail(wide_open=True, milter=socket_path) as mta, SmtpSession(mta) as smtp:
        assert smtp.banner.code == 220
        assert [r.code for r in smtp.envelope(SENDER, FOREIGN)] == [451, 503]
        assert "ritable directory" not in mta.log()


def test_a_live_milter_is_asked():
    """Nobody speaks milter here: enough that sendmail calls and gives up."""
    path = lab.safe_base() / f"{os.getpid()}.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        try:
            assert not lab.listening(path)
            server.listen()
            assert lab.listening(path)
            with Sendmail(milter=path, timeouts="C:1s;S:1s;R:1s;E:1s") as mta:
                assert codes(mta, SENDER, LOCAL)[0] == 451
            server.settimeout(1)
            server.accept()[0].close()
        finally:
            path.unlink()


def test_accepted_mail_stays_in_the_queue(wide_open):
    with SmtpSession(wide_open) as smtp:
        smtp.envelope(SENDER, FOREIGN)
        assert smtp.data("Subject: stay here\r\n\r\nbody\r\n").code == 250
    assert any("stay here" in mail for mail in wide_open.queued())
    assert "stat=queued" in wide_open.log()


def test_the_log_is_captured(closed):
    codes(closed, SENDER, "<captured@dst.example>")
    line = next(s for s in closed.log().splitlines() if "captured@dst.example" in s)
    assert "ruleset=check_rcpt" in line and "reject=550 5.7.1" in line


def test_bytes_go_out_as_they_are(wide_open):
    with SmtpSession(wide_open) as smtp:
        smtp.cmd("MAIL FROM:" + SENDER)
        assert smtp.cmd(b"RCPT TO:<\x01@dst.example>").code == 501
        assert smtp.cmd(b"RCPT TO:<\xe4@dst.example>").code == 250


def test_nothing_is_left_behind():
    with Sendmail() as mta:
        session = SmtpSession(mta)
        folder, port = mta.folder, mta.port
    with pytest.raises(ConnectionError):  # the forked session has died too
        session.cmd("NOOP")
    assert not folder.exists() and not lab.listening(port)
    session.close()


def test_a_taken_port_is_replaced(monkeypatch, closed):
    ports = [closed.port, lab.free_port()]
    monkeypatch.setattr(lab, "free_port", lambda _: ports.pop(0))
    with Sendmail() as mta:
        assert mta.port != closed.port
        assert codes(mta, SENDER, LOCAL) == [250, 250]


def test_a_broken_configuration_is_reported():
    with pytest.raises(LabError, match="unknown configuration line"):
        with Sendmail(extra_cf=["nonsense"]):
            pass


def test_local_rules_can_be_added():
    rules = ["LOCAL_RULESETS", "SLocal_check_rcpt", "R$*\t$#error $@ 5.7.1 $: \"550 mine\""]
    with Sendmail(extra_cf=rules) as mta, SmtpSession(mta) as smtp:
        assert smtp.envelope(SENDER, LOCAL)[1] == (550, "5.7.1 <root@guard.test>... mine")


def test_unsafe_folders_are_seen(tmp_path):
    (tmp_path / "lab").mkdir()
    assert lab.why_unsafe(lab.safe_base()) is None
    tmp_path.chmod(0o777)
    assert "writable by others" in lab.why_unsafe(tmp_path / "lab")
    assert "too long" in lab.why_unsafe(lab.safe_base() / ("x" * 80))


def test_wait_for_ends():
    with pytest.raises(LabError, match="in vain for pigs to fly"):
        lab.wait_for(lambda: False, "pigs to fly", 0.05)


STUB = """#!/usr/bin/env python3
import json, signal, socket, sys, time
options = dict(l.split(": ", 1) for l in open(sys.argv[3]).read().splitlines())
audit = open(json.loads(options["audit_log"]), "a", buffering=1)
def reload(*_): audit.write(json.dumps({"event": "reload"}) + "\\n")
signal.signal(signal.SIGUSR1, reload)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = socket.socket(socket.AF_UNIX)
server.bind(json.loads(options["milter_socket"])[len("unix:"):])
server.listen()
while True: time.sleep(1)
"""


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """A program that keeps the promises of `relayguard serve` towards lab."""
    path = tmp_path / "stub"
    path.write_text(STUB)
    path.chmod(0o755)
    monkeypatch.setenv("RELAYGUARD", str(path))


def test_a_guard_is_started_reloaded_and_stopped(stub):
    with Guard("local guard.test\n", rule_modes=["P06=monitor"], syslog=None) as guard:
        assert guard.alive() and guard.audit() == []
        assert stat.S_IMODE(guard.socket.parent.stat().st_mode) == 0o755
        text = guard.config.read_text()
        assert 'rule_modes: ["P06=monitor"]\n' in text and "syslog" not in text
        guard.reload()
        assert lab.wait_for(guard.audit, "a record") == [{"event": "reload"}]
        assert guard.stop() == 0


def test_a_guard_that_dies_at_once_is_reported(tmp_path, monkeypatch):
    path = tmp_path / "stub"
    path.write_text("#!/bin/sh\necho no such option >&2\nexit 78\n")
    path.chmod(0o755)
    monkeypatch.setenv("RELAYGUARD", str(path))
    with pytest.raises(LabError, match="no such option"):
        with Guard():
            pass
