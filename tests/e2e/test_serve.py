# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard serve`: signals, reload, stop, its socket, whom it trusts, and
its rights."""
import os
import pwd
import select
import signal
import socket
import stat
import struct
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab
from lab import AS_ROOT, LabError, Sendmail, SmtpSession
from rawmilter import (ALL_ACTIONS, ALL_STEPS, CONTINUE, SETSYMLIST, MilterSession,
                       ask, letters, packet, strings)
from watched import Guard

POLICY = "local guard.test\nrelay relay.test\n"
STOP_SECONDS = 8  # libmilter looks every 5 s whether it shall stop


@pytest.fixture(scope="module")
def guard():
    with Guard(POLICY) as running:
        yield running


def verdict(guard, recipient, **more):
    return ask(guard.socket, recipient, **more).verdict


# ----------------------------------------------------------- reload and stop

@pytest.mark.parametrize("sig", [signal.SIGHUP, signal.SIGUSR1], ids=lambda s: s.name)
def test_thirty_signals_are_thirty_reloads(sig):
    """HUP stops libmilter's daemons; ours it must not."""
    with Guard(POLICY) as guard:
        for n in range(1, 31):
            guard.child.send_signal(sig)
            guard.says("relayguard: reloaded", n)
        for _ in range(30):
            guard.child.send_signal(sig)
        guard.says("relayguard: reloaded", 31)
        assert verdict(guard, "<a@new.test>") == "refuse"
        guard.set_policy(POLICY + "relay new.test\n")
        before = guard.output().count("reloaded")
        guard.child.send_signal(sig)
        guard.says("relayguard: reloaded", before + 1)
        lab.wait_for(lambda: verdict(guard, "<a@new.test>") == "accept", "the new policy", 20)
        assert guard.alive()


def test_removed_entry_is_refused_in_the_next_transaction():
    """Also in a session that was open before."""
    with Guard(POLICY + "relay leaving.test\n") as guard, MilterSession(guard.socket) as m:
        m.greet()
        assert m.mail("<a@outside.test>").kind == CONTINUE
        assert m.rcpt("<a@leaving.test>").kind == CONTINUE
        guard.set_policy(POLICY)
        guard.reload_and_wait()
        m.abort()
        assert m.mail("<a@outside.test>").kind == CONTINUE
        assert m.rcpt("<a@leaving.test>").verdict == "refuse"
        assert m.rcpt("<a@relay.test>").kind == CONTINUE


def test_mode_changes_by_reload():
    with Guard(POLICY) as guard:
        assert verdict(guard, "<a@d.test>") == "refuse"
        guard.set_options(mode="monitor")
        guard.reload_and_wait()
        assert verdict(guard, "<a@d.test>") == "accept"
        guard.set_options(mode="enforce")
        guard.reload_and_wait()
        assert verdict(guard, "<a@d.test>") == "refuse"


def test_reload_begins_a_new_audit_file():
    """After logrotate has moved the old one away."""
    with Guard(POLICY) as guard:
        ask(guard.socket, "<before@d.test>")
        log = guard.folder / "run/audit.jsonl"
        log.rename(log.with_name("audit.1"))
        guard.reload_and_wait()
        lab.wait_for(log.exists, "a new audit file", 20)
        ask(guard.socket, "<after@d.test>")
        assert [r["recipient"] for r in guard.audit()] == ["<after@d.test>"]
        assert "before@d.test" in guard.text("run/audit.1")


@pytest.fixture(scope="module")
def hung_up():
    """A guard that has got many HUPs while it was busy reloading, and when."""
    many = "".join(f"relay d{i}.test\n" for i in range(50000))
    with Guard(POLICY + many) as guard:
        for _ in range(50):
            guard.child.send_signal(signal.SIGHUP)
            time.sleep(0.003)
        yield guard, time.monotonic()


def test_stop(hung_up):
    """TERM and INT: exit 0 in time, idle or under an open session, and the
    last words count the sessions.  All at once, because each takes 5 s."""
    with ExitStack() as stack:
        def start():
            return stack.enter_context(Guard(POLICY))

        idle, busy, interrupted, reloading = start(), start(), start(), start()
        m = stack.enter_context(MilterSession(busy.socket))
        m.greet()
        assert m.mail("<a@outside.test>").kind == CONTINUE
        half = stack.enter_context(MilterSession(busy.socket))
        half.greet().send_bytes(b"\0\0\0\x20R<a@")
        for _ in range(20):
            reloading.child.send_signal(signal.SIGUSR1)
        begin = time.monotonic()
        for g in (idle, busy, reloading):
            g.child.terminate()
        interrupted.child.send_signal(signal.SIGINT)
        for g in (idle, busy, interrupted, reloading):
            assert g.child.wait(30) == 0, g.output()
            assert "relayguard: stopped: " in g.output()
        assert time.monotonic() - begin < STOP_SECONDS
        assert "stopped: 2 sessions, 0 audit records, 0 lost" in busy.output()
        assert m.rcpt("<a@d.test>").verdict in ("gone", "defer")


def test_hangups_during_a_reload(hung_up):
    """libmilter waits for HUP too, and would stop the daemon within 5 s when
    it is the first to get one.  (The time was spent in test_stop.)"""
    guard, since = hung_up
    time.sleep(max(0, since + 7 - time.monotonic()))
    assert guard.alive(), guard.output()[-300:]
    assert verdict(guard, "<a@d49999.test>") == "accept"


def test_two_hundred_reloads_under_load():
    """F19: 0 wrong decisions while the policy changes to and fro."""
    wrong, asked, done = [], [0], threading.Event()
    always = {"<a@guard.test>": "accept", "<a@relay.test>": "accept",
              "<a@d.test>": "refuse", "<a%d.test@relay.test>": "refuse"}

    def client(guard):
        while not done.is_set():
            with MilterSession(guard.socket) as m:
                m.greet()
                for _ in range(20):
                    m.mail("<a@outside.test>")
                    for recipient, right in always.items():
                        got = m.rcpt(recipient).verdict
                        asked[0] += 1
                        if got != right:
                            wrong.append((recipient, got))
                    m.abort()

    with Guard(POLICY) as guard:
        thread = threading.Thread(target=client, args=(guard,), daemon=True)
        thread.start()
        try:
            for n in range(200):
                extra = "relay flip.test\n" if n % 2 else "client 10.0.0.0/8\n"
                guard.set_policy(POLICY + extra)
                guard.reload_and_wait()
                if verdict(guard, "<a@flip.test>") != ("accept" if n % 2 else "refuse"):
                    wrong.append((n, "flip.test"))
        finally:
            done.set()
            thread.join(30)
        assert not thread.is_alive()
        assert guard.output().count("relayguard: reloaded") == 200
    print(f"200 reloads, {asked[0]} decisions meanwhile, {len(wrong)} wrong")
    assert wrong == [] and asked[0] > 200


# ---------------------------------------------------------------- the socket

def test_stale_socket_is_replaced():
    with Guard(POLICY) as guard:
        guard.kill()
        assert stat.S_ISSOCK(guard.socket.lstat().st_mode)
        guard.start()
        assert verdict(guard, "<a@guard.test>") == "accept"


def test_nobody_else_may_connect(guard):
    mode = guard.socket.stat().st_mode
    assert stat.S_IMODE(mode) & 0o007 == 0, oct(mode)


@contextmanager
def not_started(spoil):
    """A guard that must not start after spoil(its socket path)."""
    guard = Guard(POLICY)
    try:
        spoil(guard.socket)
        with pytest.raises(LabError, match="does not start"):
            guard.start()
        assert guard.child.wait(20) not in (0, None)
        yield guard
    finally:
        guard.close()


def test_a_file_in_the_place_of_the_socket_stays():
    with not_started(lambda path: path.write_text("precious\n")) as guard:
        assert guard.socket.read_text() == "precious\n"
        assert "milter_socket: cannot listen" in guard.output()


def test_a_link_to_a_file_stays():
    def spoil(path):
        path.with_name("target").write_text("precious\n")
        path.symlink_to("target")

    with not_started(spoil) as guard:
        assert guard.socket.is_symlink()
        assert guard.socket.read_text() == "precious\n"


def test_a_link_to_a_live_socket_stays():
    """Somebody else's service must not be taken over."""
    with socket.socket(socket.AF_UNIX) as victim:
        def spoil(path):
            victim.bind(str(path.with_name("victim")))
            victim.listen()
            path.symlink_to("victim")

        guard = Guard(POLICY)
        try:
            spoil(guard.socket)
            try:
                guard.start()  # libmilter may replace the link itself
            except LabError:
                pass
            victim_path = guard.socket.with_name("victim")
            assert stat.S_ISSOCK(victim_path.lstat().st_mode)
            assert lab.listening(victim_path)
            assert not select.select([victim], [], [], 0)[0], "it was spoken to"
        finally:
            guard.close()


def test_a_directory_in_the_place_of_the_socket_stays():
    with not_started(lambda path: path.mkdir()) as guard:
        assert guard.socket.is_dir()


def test_a_link_in_the_place_of_the_lock_is_not_followed():
    def spoil(path):
        path.with_name("target").write_text("precious\n")
        path.with_name(path.name + ".lock").symlink_to("target")

    with not_started(spoil) as guard:
        assert guard.socket.with_name("target").read_text() == "precious\n"


def test_inet_socket():
    """libmilter's other notation; the guard then takes whoever connects."""
    guard = Guard(POLICY)
    port = lab.free_port()
    guard.set_options(milter_socket=f"inet:{port}@127.0.0.1")
    guard.socket = port  # what lab waits for
    try:
        guard.start()
        assert lab.listening(port)
    finally:
        guard.close()


# ----------------------------------------------------------- modes and limits

def test_monitor_mode():
    """Nothing is refused; the record says what would have been."""
    with Guard(POLICY, mode="monitor") as guard:
        with MilterSession(guard.socket) as m:
            m.greet()
            assert m.mail("<a@localhost>").kind == CONTINUE
            assert m.rcpt("<u%d.test@relay.test>").kind == CONTINUE
            assert m.rcpt("<a@d.test> <b@d.test>").kind == CONTINUE
            assert m.rcpt("<a@guard.test>").kind == CONTINUE
        records = guard.audit()
        assert [(r["stage"], r["rule"], r["code"]) for r in records] == [
            ("mail", "P03", 553), ("rcpt", "P08", 550), ("rcpt", "F01", 553)]
        assert {(r["mode"], r["verdict"]) for r in records} == {("monitor", "refuse")}
        assert "monitor mode: nothing is refused" in guard.output()


def test_session_limit():
    """Over the limit: 451 at MAIL, also through sendmail; free again when
    the first session has gone."""
    with Guard(POLICY, max_sessions=1) as guard, \
         Sendmail(wide_open=True, milter=guard.socket) as mta:
        with SmtpSession(mta) as first, SmtpSession(mta) as second:
            assert first.cmd("MAIL FROM:<a@outside.test>").code == 250
            late = second.cmd("MAIL FROM:<a@outside.test>")
            assert late.code == 451 and late.text.startswith("4.3.2 ")
            # whoever goes on nevertheless gets nowhere: RCPT is not answered
            hasty = [packet("O", struct.pack(">III", 6, 0, 0)),
                     packet("M", strings("<a@outside.test>")),
                     packet("R", strings("<root@guard.test>"))]
            assert letters(guard.socket, b"".join(hasty)) == ["O", "y"]
            assert first.cmd("RCPT TO:<root@guard.test>").code == 250
            record = guard.audit()[0]
            assert (record["verdict"], record["code"], record["dsn"]) == \
                ("defer", 451, "4.3.2")
            assert "max_sessions" in record["why"][0]
        lab.wait_for(lambda: verdict(guard, "<root@guard.test>") == "accept",
                     "the session to be free again", 20)


# ---------------------------------------------------------------------- trust

FOREIGN = "<a@d.test>"


def test_any_authenticated_client_is_trusted_without_auth_entries(guard):
    assert verdict(guard, FOREIGN, auth="anybody") == "accept"
    assert verdict(guard, FOREIGN, auth="") == "refuse"
    assert verdict(guard, FOREIGN) == "refuse"


def test_only_listed_identities_with_auth_entries():
    with Guard(POLICY + "auth alice\nauth bob@guard.test\nauth gone until=2001-01-01\n") as guard:
        found = {who: verdict(guard, FOREIGN, auth=who) for who in
                 ("alice", "Alice", "alice ", "bob@guard.test", "bob", "gone", "*", "mallory")}
    assert [who for who, v in found.items() if v == "accept"] == ["alice", "bob@guard.test"]
    assert set(found.values()) == {"accept", "refuse"}


def test_identity_belongs_to_one_message(guard):
    with MilterSession(guard.socket) as m:
        m.greet()
        m.mail("<a@outside.test>", auth="anybody")
        assert m.rcpt(FOREIGN).verdict == "accept"
        m.abort()
        m.mail("<a@outside.test>")
        assert m.rcpt(FOREIGN).verdict == "refuse"


def test_helo_and_names_prove_nothing(guard):
    for helo in ("localhost", "mx.guard.test", "127.0.0.1", "[127.0.0.1]", ""):
        assert verdict(guard, FOREIGN, helo=helo) == "refuse"


NETWORKS = {
    "127.0.0.1": "accept", "127.0.0.2": "refuse", "0.0.0.0": "refuse",
    "10.0.0.0": "accept", "10.255.255.255": "accept", "11.0.0.0": "refuse",
    "9.255.255.255": "refuse", "192.0.2.7": "accept", "192.0.2.8": "refuse",
    "192.0.2.6": "refuse", "198.51.100.7": "refuse",
    "::1": "accept", "::2": "refuse", "::": "refuse", "::ffff:127.0.0.1": "accept",
    "::ffff:127.0.0.2": "refuse", "::ffff:10.1.2.3": "accept",
    "::ffff:11.1.2.3": "refuse", "::10.1.2.3": "refuse", "64:ff9b::10.1.2.3": "refuse",
    "2001:db8::1": "accept", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff": "accept",
    "2001:db9::": "refuse", "2001:db7:ffff::": "refuse", "fe80::1": "refuse",
    "2001:4:5:6::7": "accept", "2001:4:5:6::8": "refuse", "unknown": "refuse",
    "unix": "refuse",
}


def test_trust_by_network():
    networks = ("client 10.0.0.0/8\nclient 192.0.2.7\nclient 2001:db8::/32\n"
                "client 2001:4:5:6::7\nclient 198.51.100.0/24 until=2001-01-01\n")
    with Guard(POLICY + networks) as guard:
        assert {c: verdict(guard, FOREIGN, client=c) for c in NETWORKS} == NETWORKS


# --------------------------------------------------------------------- rights

def status_of(guard):
    lines = Path(f"/proc/{guard.child.pid}/status").read_text().splitlines()
    return {k: v.split() for k, _, v in (line.partition(":") for line in lines)}


def test_runs_unprivileged(guard):
    uid = pwd.getpwnam("nobody").pw_uid if AS_ROOT else os.geteuid()
    assert uid != 0
    status = status_of(guard)
    assert status["Uid"] == [str(uid)] * 4
    assert "0" not in status["Gid"] + status["Groups"] or not AS_ROOT
    assert int(status["CapEff"][0], 16) == int(status["CapPrm"][0], 16) == 0
    assert status["NoNewPrivs"] == ["1"]
    limits = Path(f"/proc/{guard.child.pid}/limits").read_text()
    core = next(s for s in limits.splitlines() if s.startswith("Max core"))
    assert core.split()[4:6] == ["0", "0"]


# ---------------------------------------------------------------- negotiation

@pytest.mark.parametrize("actions", [0, 1, SETSYMLIST, 0xff, ALL_ACTIONS, 0xffffffff], ids=hex)
@pytest.mark.parametrize("steps", [0, 0x7f, ALL_STEPS, 0x1000, 0x2000], ids=hex)
def test_negotiation(guard, actions, steps):
    """It never asks for the right to change a message, nor for a step that
    was not offered, and judges the same whatever was agreed."""
    with MilterSession(guard.socket) as m:
        m.greet(actions=actions, steps=steps)
        assert m.actions == actions & SETSYMLIST
        # libmilter takes an offer of none for that of the oldest MTAs
        assert m.steps & ~(steps or 0x3f) == 0
        assert bool(m.symbols) == bool(actions & SETSYMLIST)
        assert m.mail("<a@outside.test>").kind == CONTINUE
        assert m.rcpt("<u%d.test@mx.guard.test>").rule == "P08"
        assert m.rcpt("<u@[192.0.2.1]>").kind == CONTINUE
        assert m.ask("E").kind == CONTINUE


def test_symbols(guard):
    """What it needs: our names at connect, identity and queue id at MAIL."""
    with MilterSession(guard.socket) as m:
        m.greet()
        assert set(m.symbols[0].split()) >= {"j", "{if_addr}"}
        assert set(m.symbols[2].split()) >= {"i", "{auth_authen}"}


@pytest.mark.parametrize("parameters, rule", [
    (["AUTH=root@guard.test"], "S04"), (["SIZE=9", "auth=<root@guard.test>"], "S04"),
    (["AUTH=<>"], "P01"), (["AUTH="], "P01"), (["XAUTH=root@guard.test"], "P01"), ([], "P01")])
def test_auth_parameter_names_who_tried(guard, parameters, rule):
    with MilterSession(guard.socket) as m:
        m.greet()
        m.mail("<a@b.example>", *parameters)
        assert m.rcpt("<u@d.example>").rule == rule
        m.abort()
        m.mail("<a@b.example>")
        assert m.rcpt("<u@d.example>").rule == "P01", "forgotten with its message"
