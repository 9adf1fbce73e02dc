# SPDX-License-Identifier: BSD-2-Clause
"""What systemd is told: sd_notify(3)'s messages and the watchdog."""
import os
import socket
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab
from rawmilter import ask
from watched import Guard

POLICY = "local guard.test\n"


@contextmanager
def notify_socket(kind):
    """A datagram socket like systemd's; gives it and its $NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.settimeout(20)
        if kind == "abstract":
            name = f"@relayguard-test-{os.getpid()}"
            server.bind("\0" + name[1:])
            yield server, name
            return
        path = lab.safe_base() / f"notify-{os.getpid()}"
        server.bind(str(path))
        try:
            path.chmod(0o777)
            yield server, str(path)
        finally:
            path.unlink()


def told(server):
    """The next message, as a dict."""
    lines = server.recv(4096).decode().strip().split("\n")
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_systemd_is_told(monkeypatch, kind):
    with notify_socket(kind) as (server, name):
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        with Guard(POLICY) as guard:
            assert told(server)["READY"] == "1"
            # ready means ready
            assert ask(guard.socket, "<a@guard.test>").verdict == "accept"
            before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            guard.reload()
            reloading = told(server)
            assert reloading["RELOADING"] == "1"
            assert int(reloading["MONOTONIC_USEC"]) >= before
            assert told(server)["READY"] == "1"
            guard.set_policy("nonsense\n")
            guard.reload()  # that fails: it is ready all the same
            assert told(server)["RELOADING"] == "1"
            assert told(server)["READY"] == "1"
            guard.child.terminate()
            assert told(server)["STOPPING"] == "1"


def test_watchdog(monkeypatch):
    """Twice in the time that systemd waits."""
    with notify_socket("path") as (server, name):
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        monkeypatch.setenv("WATCHDOG_USEC", "4000000")
        with Guard(POLICY):
            assert told(server)["READY"] == "1"
            begin = time.monotonic()
            assert told(server)["WATCHDOG"] == "1"
            assert told(server)["WATCHDOG"] == "1"
            assert 3 < time.monotonic() - begin < 8


def test_watchdog_during_reloads(monkeypatch):
    """One reload chases the other: systemd must hear of us all the same."""
    with notify_socket("path") as (server, name):
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        monkeypatch.setenv("WATCHDOG_USEC", "4000000")
        with Guard(POLICY) as guard:
            assert told(server)["READY"] == "1"
            begin = time.monotonic()
            while time.monotonic() - begin < 7:
                guard.reload()
                if "WATCHDOG" in told(server):
                    break
                time.sleep(0.3)
            else:
                pytest.fail("no WATCHDOG=1 for 7 s, systemd waits for 4 s")


def test_no_watchdog_unless_asked(monkeypatch):
    with notify_socket("path") as (server, name):
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        with Guard(POLICY):
            assert told(server)["READY"] == "1"
            server.settimeout(2)
            with pytest.raises(TimeoutError):
                told(server)
