# SPDX-License-Identifier: BSD-2-Clause
"""Clients that have logged in lately: `relayguard roaming`, the file it writes,
and a running guard that takes each change up by itself."""
import fcntl
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import lab
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rawmap import MapSession
from rawmilter import ask
from watched import Guard, binary, command

POLICY = "local guard.test\nrelay relay.test\ndeny client 203.0.113.66\n"
FAR = "<u@d.example>"


@pytest.fixture(scope="module")
def guard():
    with Guard(POLICY) as g:
        yield g


def roaming(guard, *words):
    return command("roaming", "-c", str(guard.config), *words)


def may_relay(guard, client):
    """By both doors; asked again when it changed in between."""
    while True:
        with MapSession(guard.map_socket) as m:
            by_map = m.judge(client, FAR).verdict == "relay"
            by_milter = ask(guard.socket, FAR, client=client).verdict == "accept"
            if (m.judge(client, FAR).verdict == "relay") != by_map:
                continue
        assert by_map == by_milter
        return by_map


def soon(guard, client, wanted):
    lab.wait_for(lambda: may_relay(guard, client) == wanted, f"{client}: {wanted}", 5)


@pytest.mark.parametrize("client", ["198.51.100.7", "2001:db8::7"])
def test_login_grants_and_logout_takes_back(guard, client):
    assert not may_relay(guard, client)
    assert roaming(guard, "add", client, "--note", "alice").returncode == 0
    soon(guard, client, True)
    assert not may_relay(guard, "198.51.100.8")
    listed = roaming(guard, "list").stdout
    assert re.search(rf"^{client} +until \S+Z? \(30 min\)  alice$", listed, re.M)
    assert roaming(guard, "drop", client).returncode == 0
    soon(guard, client, False)
    assert roaming(guard, "drop", client).returncode == 1


def test_it_ends_by_itself_and_can_be_renewed(guard):
    client = "198.51.100.20"
    roaming(guard, "add", client, "--for", "3s")
    soon(guard, client, True)
    roaming(guard, "add", client, "--for", "6s")
    time.sleep(3.5)
    assert may_relay(guard, client), "renewed"
    soon(guard, client, False)
    roaming(guard, "add", "198.51.100.21")
    assert client not in (guard.folder / "run/roaming.policy").read_text(), "swept out"


def test_a_denial_of_the_policy_goes_first(guard):
    roaming(guard, "add", "203.0.113.66")
    roaming(guard, "add", "203.0.113.67")
    soon(guard, "203.0.113.67", True)
    assert not may_relay(guard, "203.0.113.66")


def test_check_knows_them(guard):
    roaming(guard, "add", "198.51.100.30")
    done = command("check", "-c", str(guard.config), "--client", "198.51.100.30",
                   "--from", "<a@b.example>", "--rcpt", FAR)
    assert done.returncode == 0 and "has logged in lately" in done.stdout


def test_many_at_once_lose_nothing(guard):
    clients = [f"198.51.101.{i}" for i in range(1, 41)]
    running = [subprocess.Popen([binary(), "roaming", "-c", guard.config, "add", c])
               for c in clients]
    assert [p.wait(timeout=30) for p in running] == [0] * 40
    listed = roaming(guard, "list").stdout
    assert all(c + " " in listed for c in clients)


def test_a_damaged_file_changes_nothing(guard):
    client, path = "198.51.100.40", guard.folder / "run/roaming.policy"
    roaming(guard, "add", client)
    soon(guard, client, True)
    good = path.read_text()
    for bad, said in [("relay d.example until=2031-01-01\n", "only client entries belong"),
                      ("client 10.0.0.0/8 until=2031-01-01\n", "is one address"),
                      ("client 198.51.100.9\n", "needs until="),
                      ("client 198.51.100.9 untill=2031-01-01\n", "unknown attribute")]:
        path.write_text(good + bad)
        guard.says(said)
        assert may_relay(guard, client) and not may_relay(guard, "198.51.100.9")
        line = good.count("\n") + 1
        refused = roaming(guard, "add", "198.51.100.41")
        assert refused.returncode == 78 and f"{path}:{line}: " in refused.stderr
        assert path.read_text() == good + bad, "nothing is lost"
    path.write_text(good)


@pytest.mark.parametrize("words, said", [
    ((), "usage"), (("ad", "198.51.100.7"), "usage"), (("add",), "usage"),
    (("add", "198.51.100.7", "198.51.100.8"), "usage"),
    (("add", "198.51.100.0/24"), "not the address of a client"),
    (("add", "host.example"), "not the address of a client"),
    (("add", "127.0.0.1"), "not the address of a client"),
    (("add", "198.51.100.7", "--for", "8d"), "--for takes"),
    (("add", "198.51.100.7", "--for", "0m"), "--for takes"),
    (("add", "198.51.100.7", "--for", "99999999999999999999s"), "--for takes"),
    (("add", "198.51.100.7", "--for", "5"), "--for takes"),
    (("add", "198.51.100.7", "--for", "-5m"), "--for takes"),
    (("add", "198.51.100.7", "--note", 'a"b'), "--note takes"),
    (("add", "198.51.100.7", "--note", "a\nclient 10.0.0.1"), "--note takes"),
    (("drop", "x"), "not the address of a client")])
def test_wrong_usage(guard, words, said):
    done = roaming(guard, *words)
    assert done.returncode == 64 and said in done.stderr


def test_a_place_that_cannot_be_written(guard, tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text(f"roaming_file: {tmp_path}/no/where\n")
    done = command("roaming", "-c", str(config), "add", "198.51.100.7")
    assert done.returncode == 73 and f"{tmp_path}/no/where.lock: No such file" in done.stderr


def test_dovecot_hook(guard, tmp_path):
    hook = [lab.TOP / "contrib/dovecot-postlogin", "echo", "went", "on"]
    env = {**os.environ, "RELAYGUARD": binary(), "RELAYGUARD_CONFIG": str(guard.config),
           "IP": "198.51.100.50", "USER": 'bob@example.org"\n; rm x'}
    done = subprocess.run(hook, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "went on\n"
    soon(guard, "198.51.100.50", True)
    assert "bob@example.orgrmx" in roaming(guard, "list").stdout
    env["RELAYGUARD"] = "/no/such/program"
    assert subprocess.run(hook, env=env, capture_output=True, text=True).stdout == "went on\n"


def test_a_reload_takes_another_file(tmp_path):
    with Guard(POLICY) as guard:
        roaming(guard, "add", "198.51.100.60")
        soon(guard, "198.51.100.60", True)
        old = guard.options["roaming_file"]
        guard.set_options(roaming_file="")
        guard.reload_and_wait()
        soon(guard, "198.51.100.60", False)
        guard.set_options(roaming_file=old.replace("roaming.policy", "other.policy"))
        guard.reload_and_wait()
        roaming(guard, "add", "198.51.100.61")
        soon(guard, "198.51.100.61", True)
        assert not may_relay(guard, "198.51.100.60")


@pytest.mark.skipif(not lab.AS_ROOT, reason="only root gives files away")
def test_a_lock_that_is_there_already_is_not_given_away(tmp_path):
    with Guard(POLICY) as guard:
        lock = Path(guard.options["roaming_file"] + ".lock")
        lock.write_text("")
        assert roaming(guard, "add", "198.51.100.62").returncode == 0
        assert lock.stat().st_uid == 0
        assert Path(guard.options["roaming_file"]).stat().st_uid == lock.parent.stat().st_uid


def test_the_hook_does_not_wait_for_ever(guard):
    with open(guard.options["roaming_file"] + ".lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        env = {**os.environ, "RELAYGUARD": binary(), "IP": "198.51.100.70",
               "RELAYGUARD_CONFIG": str(guard.config)}
        begun = time.monotonic()
        done = subprocess.run([lab.TOP / "contrib/dovecot-postlogin", "echo", "on"], env=env,
                              capture_output=True, text=True, timeout=20)
        assert done.stdout == "on\n" and time.monotonic() - begun < 10
