# SPDX-License-Identifier: BSD-2-Clause
"""A reload that brings a directory, or another one, while it does not answer."""
import lab
import pytest
import rawmap
import rawmilter
import slapd as s
from directory import DirectoryGuard, add_domain, add_network

pytestmark = pytest.mark.skipif(s.available() is not None, reason=str(s.available()))

BEFORE = "local guard.test\nrelay file.test\nrelay removed.test\nclient 192.0.2.0/24\n"
AFTER = "local guard.test\nrelay file.test\nrelay added.test\n"
OUTSIDE, OFFICE = "203.0.113.1", "192.0.2.7"


def answers(guard, *envelopes):
    """The verdicts at both doors, which must agree."""
    found = []
    for client, recipient in envelopes:
        with rawmap.MapSession(guard.map_socket) as session:
            by_map = session.judge(client, recipient).verdict
        by_milter = rawmilter.ask(guard.socket, recipient, client=client).verdict
        assert by_milter == ("accept" if by_map in ("relay", "local") else by_map)
        found.append(by_map)
    return found


def reload_files(guard, text, **options):
    guard.set_policy(text)
    guard.set_options(**options)
    guard.reload_and_wait()


def grant(slapd, guard):
    with slapd.client() as client:
        add_domain(client, "granted.test")
    guard.wait_relays("granted.test")


def test_the_first_directory_is_dead():
    with s.Slapd() as slapd, DirectoryGuard(slapd, policy=BEFORE, ldap_uri=[],
                                            access_file="") as guard:
        with slapd.client() as client:
            add_domain(client, "granted.test")
            add_network(client, "192.0.2.0/24")
        slapd.kill()
        asked = [(OUTSIDE, f"<u@{d}>") for d in ("guard.test", "file.test", "added.test",
                                                 "removed.test", "granted.test")]
        asked += [(OUTSIDE, "<a%granted.test@guard.test>"), (OFFICE, "<u@foreign.test>"),
                  (OUTSIDE, "<two@a.test> <b@c.test>")]
        assert answers(guard, *asked) == ["local", "relay", "refuse", "relay", "refuse",
                                          "refuse", "relay", "refuse"]
        reload_files(guard, AFTER, ldap_uri=[slapd.uri])
        waiting = ["local", "relay", "relay", "defer", "defer", "defer", "defer", "refuse"]
        assert answers(guard, *asked) == waiting
        for name, key, wanted in [
                ("relay", "added.test", "OK RELAY"), ("relay", "removed.test", "TEMP"),
                ("client", OFFICE, "TEMP"), ("access", "to:added.test", "OK RELAY"),
                ("access", "connect:" + OFFICE, "TEMP"), ("none", "x", "PERM")]:
            assert guard.ask(name, key).startswith(wanted), (name, key)
        assert "what the files do not grant is deferred" in guard.output()
        lab.wait_for(lambda: guard.status()["policy"]["waiting"], "the status file")
        done = guard.command("status")
        assert done.returncode == 1 and "what the files do not grant is deferred" in done.stdout
        # nobody is refused for trying, also not the next time
        reload_files(guard, AFTER)
        assert answers(guard, *asked) == waiting
        slapd.run()
        guard.wait_relays("granted.test", seconds=30)
        assert answers(guard, *asked) == ["local", "relay", "relay", "refuse", "relay",
                                          "relay", "relay", "refuse"]
        lab.wait_for(lambda: not guard.status()["policy"]["waiting"], "the status file")


def test_in_monitor_mode_nothing_is_deferred():
    with s.Slapd() as slapd, DirectoryGuard(slapd, policy=BEFORE, ldap_uri=[],
                                            mode="monitor") as guard:
        slapd.kill()
        reload_files(guard, AFTER, ldap_uri=[slapd.uri])
        assert answers(guard, (OUTSIDE, "<u@removed.test>")) == ["local"]


def test_the_next_directory_is_dead():
    """What the one before it told stays, with the files of now."""
    with s.Slapd() as slapd, DirectoryGuard(slapd, policy=BEFORE) as guard:
        grant(slapd, guard)
        slapd.kill()
        reload_files(guard, AFTER, ldap_base="ou=none,dc=lab")
        assert answers(guard, (OUTSIDE, "<u@granted.test>"), (OUTSIDE, "<u@added.test>"),
                       (OUTSIDE, "<u@removed.test>"), (OFFICE, "<u@foreign.test>")) == \
            ["relay", "relay", "refuse", "refuse"]
        # none at all, and then one again: nothing of the old one is left
        reload_files(guard, AFTER, ldap_uri=[])
        assert answers(guard, (OUTSIDE, "<u@granted.test>")) == ["refuse"]
        reload_files(guard, AFTER, ldap_uri=[slapd.uri])
        assert answers(guard, (OUTSIDE, "<u@granted.test>")) == ["defer"]


def test_what_was_saved_of_the_first_directory_is_used():
    with s.Slapd() as slapd, DirectoryGuard(slapd, policy=BEFORE) as guard:
        grant(slapd, guard)
        lab.wait_for(lambda: "granted.test" in guard.text("run/ldap.state"), "saved", 10)
        slapd.kill()
        reload_files(guard, BEFORE, ldap_uri=[])
        reload_files(guard, AFTER, ldap_uri=[slapd.uri])
        assert answers(guard, (OUTSIDE, "<u@granted.test>"), (OUTSIDE, "<u@removed.test>")) == \
            ["relay", "refuse"]
