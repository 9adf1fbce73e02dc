# SPDX-License-Identifier: BSD-2-Clause
"""What systemd is told: sd_notify(3)'s messages and the watchdog, and the units
that are installed with the documents."""
import configparser
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab
from rawmilter import ask
from sink import BINARY, Sink, closed, open_relay
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


# ---- the units in contrib -----------------------------------------------------

UNITS = ["relayguard.service", "relayguard-probe.service", "relayguard-probe.timer"]
CONTRIB = lab.TOP / "contrib"
ANALYZE = shutil.which("systemd-analyze")


def analyze(folder, *words):
    """systemd-analyze over copies of the units that name the binary built here."""
    for unit in UNITS:
        text = (CONTRIB / unit).read_text()
        (folder / unit).write_text(text.replace("/usr/local/sbin/relayguard", str(BINARY)))
    return subprocess.run([ANALYZE, *words], capture_output=True, text=True, check=False,
                          timeout=60, cwd=folder,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"})


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here")
@pytest.mark.parametrize("unit", UNITS)
def test_unit_is_verified(unit, tmp_path):
    done = analyze(tmp_path, "verify", "--man=no", f"./{unit}")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    with (tmp_path / "bad.service").open("w") as bad:  # this test can fail
        bad.write("[Service]\nExecStart=relayguard\nProtectClocks=yes\n")
    assert analyze(tmp_path, "verify", "--man=no", "./bad.service").stderr != ""


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here")
@pytest.mark.parametrize("unit", UNITS[:2])
def test_unit_may_do_little(unit, tmp_path):
    done = analyze(tmp_path, "security", "--offline=yes", "--threshold=25", f"./{unit}")
    assert done.returncode == 0, done.stdout


def probe_service():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(CONTRIB / "relayguard-probe.service")
    return unit["Service"]


def start_probe(state, port, journal=False):
    """What the service would run, with its state below this folder."""
    line = probe_service()["ExecStart"].replace("%S", str(state)).replace(
        "$PROBE_OPTIONS", f"127.0.0.1:{port}")
    words = [str(BINARY), *line.split()[1:]]
    read, write = os.pipe()
    env = dict(os.environ)
    if journal:
        st = os.fstat(write)
        env["JOURNAL_STREAM"] = f"{st.st_dev}:{st.st_ino}"
    done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, env=env, check=False,
                          timeout=60)
    os.close(write)
    with os.fdopen(read) as output:
        return done.returncode, output.read(), done.stderr


def test_probe_service_tells_what_changed(tmp_path):
    (tmp_path / "relayguard-probe").mkdir()
    answers = [closed]
    with Sink(lambda *a: answers[-1](*a)) as sink:
        code, out, _ = start_probe(tmp_path, sink.port, journal=True)
        assert code == 0 and "<" not in out
        answers.append(open_relay)
        code, out, err = start_probe(tmp_path, sink.port, journal=True)
        assert (code, err) == (1, b"")
        assert "\n<4>verdict: relays\n" in out and "\n<4>  opened: P00 P01 " in out
        code, out, _ = start_probe(tmp_path, sink.port)
        assert code == 1 and "<4>" not in out and "\nnothing changed since " in out
        answers.append(closed)
        code, out, _ = start_probe(tmp_path, sink.port, journal=True)
        assert code == 0 and "\n<4>  closed: P00 P01 " in out
    assert (tmp_path / "relayguard-probe/last.json").exists()


ADDRESSES = """
import ctypes, os, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
families = [getattr(socket, name) for name in sys.argv[1:]]
number = {"x86_64": 41, "aarch64": 198}[os.uname().machine]  # of socket(2)
load, equal, answer = 0x20, 0x15, 0x06
code = [(load, 0, 0, 0), (equal, 0, len(families) + 2, number), (load, 0, 0, 16)]
code += [(equal, len(families) - i, 0, f) for i, f in enumerate(families)]
code += [(answer, 0, 0, 0x50000 | 97), (answer, 0, 0, 0x7fff0000)]  # EAFNOSUPPORT; yes
rows = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *c) for c in code))
program = struct.pack("@HP", len(code), ctypes.addressof(rows))
assert libc.prctl(38, 1, 0, 0, 0) == 0  # no new privileges
assert libc.prctl(22, 2, program, 0, 0) == 0  # seccomp, a filter
sys.exit(libc.getifaddrs(ctypes.byref(ctypes.c_void_p())) != 0 and 7)
"""


@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"),
                    reason="socket(2) has another number here")
def test_probe_service_may_ask_for_the_addresses_of_this_machine():
    """Control S comes from one of them; without it a server that trusts all of
    loopback, as Debian's Postfix does, would be called open each night."""
    def code(families):
        return subprocess.run([sys.executable, "-c", ADDRESSES, *families], check=False,
                              timeout=60).returncode

    families = probe_service()["RestrictAddressFamilies"].split()
    assert code(families) == 0
    assert code([f for f in families if f != "AF_NETLINK"]) == 7  # it can fail
