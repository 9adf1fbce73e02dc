# SPDX-License-Identifier: BSD-2-Clause
"""Host names of clients grant only with client_names and a name entry, with a
warning, and only names that the MTA says lead back to the address."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rawmap import MapSession
from rawmilter import MilterSession, peer, strings
from watched import Guard, command

POLICY = "local guard.test\nname mx.net.test\nname .pool.test\n"
FAR, OUTSIDER = "<u@d.example>", "198.51.100.7"


@pytest.fixture(scope="module")
def guard():
    with Guard(POLICY, client_names=True) as g:
        yield g


def by_map(guard, name, resolved):
    with MapSession(guard.map_socket) as m:
        return m.judge(OUTSIDER, FAR, "a@b.example", "", "mx.guard.test", "192.0.2.1", "q1",
                       "NONE", "", resolved, name, "helo.example").verdict == "relay"


def by_milter(guard, name, resolved):
    with MilterSession(guard.socket) as m:
        m.negotiate()
        m.macros("C", j="mx.guard.test", if_addr="192.0.2.1", client_name=name,
                 client_resolve=resolved)
        m.ask("C", peer(OUTSIDER))
        m.ask("H", strings(name))
        m.mail("<a@b.example>")
        return m.rcpt(FAR).verdict == "accept"


@pytest.mark.parametrize("name, resolved, wanted", [
    ("mx.net.test", "OK", True), ("MX.NET.test", "OK", True), ("a.pool.test", "OK", True),
    ("pool.test", "OK", False), ("other.test", "OK", False), ("mx.net.test", "FORGED", False),
    ("mx.net.test", "FAIL", False), ("mx.net.test", "TEMP", False), ("mx.net.test", "", False),
    ("[198.51.100.7]", "OK", False), ("", "OK", False)])
def test_what_a_name_is_worth(guard, name, resolved, wanted):
    assert (by_map(guard, name, resolved), by_milter(guard, name, resolved)) == (wanted, wanted)


def test_it_is_said_at_start_and_after_each_reload(guard):
    warning = "relay.policy:2: note: name mx.net.test: whoever owns an address chooses its name"
    assert warning in guard.output()
    guard.reload_and_wait()
    guard.says(warning, 2)


def test_without_the_option_it_is_a_mistake(guard):
    config = guard.folder / "off.yaml"
    config.write_text(guard.config.read_text().replace("client_names: true", "client_names: false"))
    done = command("testconf", "-c", str(config))
    assert done.returncode == 78
    assert "relay.policy:2: name mx.net.test: " in done.stderr
    assert "only with client_names: true" in done.stderr


def test_check_takes_a_name(guard):
    done = command("check", "-c", str(guard.config), "--client", OUTSIDER, "--name", "mx.net.test",
                   "--from", "<a@b.example>", "--rcpt", FAR)
    assert done.returncode == 0 and "client is named mx.net.test: trusted" in done.stdout
