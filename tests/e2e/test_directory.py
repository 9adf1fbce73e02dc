# SPDX-License-Identifier: BSD-2-Clause
"""A guard whose policy is in a directory: live changes, restarts, held changes,
the commands."""
import os
import pwd
import re
import shutil
import time
from pathlib import Path

import lab
import pytest
import slapd as s
from directory import DirectoryGuard, add_domain, add_network
from ldap_wire import REPLACE

pytestmark = pytest.mark.skipif(s.available() is not None, reason=str(s.available()))


@pytest.fixture(scope="module")
def server():
    with s.Slapd() as slapd, slapd.client() as client:
        add_domain(client, "first.test", description="the first")
        add_network(client, "198.51.100.0/24")
        yield slapd


@pytest.fixture(scope="module")
def guard(server):
    with DirectoryGuard(server) as g:
        g.wait_state("live")
        yield g


def test_files_and_directory_together(guard):
    assert guard.relays("first.test") and guard.relays("file.test")
    assert guard.trusts("198.51.100.7") and not guard.trusts("198.51.101.7")
    assert not guard.relays("other.test")


def test_every_change_is_in_force_soon(guard, server):
    serial = guard.status()["policy"]["serial"]
    with server.client() as client:
        add_domain(client, "second.test")
        guard.wait_relays("second.test")
        client.modify(server.dn("rgDomain=second.test"), REPLACE,
                      rgDomain=["second.test", "third.test"])
        guard.wait_relays("third.test")
        assert guard.relays("second.test")
        client.modify(server.dn("rgDomain=second.test"), REPLACE, rgDomain=["second.test"],
                      rgAction="REJECT")
        guard.wait_relays("third.test", False)
        guard.wait_relays("second.test", False)
        client.modify(server.dn("rgDomain=second.test"), REPLACE, rgAction=[])
        guard.wait_relays("second.test")
        client.rename(server.dn("rgDomain=second.test"), "rgDomain=fourth.test")
        guard.wait_relays("fourth.test")
        guard.wait_relays("second.test", False)
        client.delete(server.dn("rgDomain=fourth.test"))
        guard.wait_relays("fourth.test", False)
    lab.wait_for(lambda: guard.status()["policy"]["serial"] > serial + 5, "the status file", 5)


def test_two_entries_that_say_the_same(guard, server):
    with server.client() as client:
        add_domain(client, "twice.test")
        client.add(server.dn("cn=again"), objectClass="rgRelayDomain", rgDomain="twice.test")
        guard.wait_relays("twice.test")
        client.delete(server.dn("rgDomain=twice.test"))
        add_domain(client, "mark.test")
        guard.wait_relays("mark.test")
        assert guard.relays("twice.test")
        client.delete(server.dn("cn=again"))
        guard.wait_relays("twice.test", False)


def test_expiry_at_the_decision(guard, server):
    at = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 2))
    with server.client() as client:
        add_domain(client, "expires.test", rgExpires=at)
    guard.wait_relays("expires.test")
    guard.wait_relays("expires.test", False)


def test_wrong_values_are_named_and_grant_nothing(guard, server):
    with server.client() as client:
        for i, value in enumerate(["com", ".", "a b.test", "10.0.0.1"]):
            client.add(server.dn(f"cn=bad{i}"), objectClass="rgRelayDomain", rgDomain=value)
        for i, value in enumerate(["0.0.0.0/0", "::/0", "10.1.1.1/8", "x.test"]):
            client.add(server.dn(f"cn=net{i}"), objectClass="rgClientNetwork", rgNetwork=value)
        add_domain(client, "behind.test")
    guard.wait_relays("behind.test")
    assert not guard.relays("x.com") and not guard.trusts("203.0.113.1")
    lab.wait_for(lambda: guard.directory()["wrong"] == 8, "eight wrong values", 5)
    for i in range(4):
        assert re.search(rf"cn=bad{i},ou=relay,dc=lab: .*rgDomain", guard.text("output"))
        assert re.search(rf"cn=net{i},ou=relay,dc=lab: .*rgNetwork", guard.text("output"))
    with server.client() as client:
        for i in range(4):
            client.delete(server.dn(f"cn=bad{i}"))
            client.delete(server.dn(f"cn=net{i}"))


def test_the_origin_is_the_dn(guard):
    done = guard.command("check", "--client", "203.0.113.1", "--from", "<a@b.example>",
                         "--rcpt", "<u@first.test>", "--own-name", "guard.test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(rgDomain=first.test,ou=relay,dc=lab)" in done.stdout


def test_show(guard):
    done = guard.command("policy", "show", "--ldap")
    assert done.returncode == 0
    assert re.search(r"relay +first\.test .*rgDomain=first\.test,ou=relay,dc=lab", done.stdout)
    assert "file.test" in done.stdout and "198.51.100.0/24" in done.stdout
    files = guard.command("policy", "show")
    assert "first.test" not in files.stdout and "--ldap" in files.stderr


def test_status(guard):
    done = guard.command("status")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^directory +live since .* entries", done.stdout, re.M)


def test_restart_without_the_directory():
    """The saved policy is in force while no server answers, and live again after."""
    with s.Slapd() as slapd, DirectoryGuard(slapd) as guard:
        with slapd.client() as client:
            add_domain(client, "kept.test")
            add_domain(client, "gone.test")
        guard.wait_relays("gone.test")
        guard.stop()
        slapd.kill()
        guard.start()
        assert guard.relays("kept.test") and guard.relays("gone.test")
        lab.wait_for(lambda: guard.directory().get("saved", 0) > 0, "saved in the status", 5)
        slapd.run()
        with slapd.client() as client:
            client.delete(slapd.dn("rgDomain=gone.test"))
        guard.wait_relays("gone.test", False, seconds=30)
        assert guard.relays("kept.test")


def keep_and_stop(slapd, guard):
    """The guard has saved what it was told, and neither runs any more."""
    with slapd.client() as client:
        add_domain(client, "kept.test")
    guard.wait_relays("kept.test")
    guard.stop()
    slapd.kill()


@pytest.mark.parametrize("others,used", [("more", True), ("instead", False)])
def test_another_server_after_a_restart(others, used):
    """One more server is no other directory; no server of before is one."""
    with s.Slapd() as slapd, DirectoryGuard(slapd) as guard:
        keep_and_stop(slapd, guard)
        dead = "ldap://127.0.0.1:1"
        guard.set_options(ldap_uri=[dead, slapd.uri] if others == "more" else [dead])
        guard.start()
        assert guard.relays("kept.test") == used
        named = re.search(r"ldap\.state:3: saved from other servers \(ldap_uri\); not used",
                          guard.output())
        assert bool(named) != used


def test_a_reload_does_not_go_back_to_what_was_saved():
    """An old file in another state_dir brings no revoked grant back."""
    with s.Slapd() as slapd, DirectoryGuard(slapd) as guard:
        with slapd.client() as client:
            add_domain(client, "kept.test")
            add_domain(client, "revoked.test")
        guard.wait_relays("revoked.test")
        state = guard.folder / "run" / "ldap.state"
        lab.wait_for(lambda: state.exists() and "revoked.test" in state.read_text(), "saved", 5)
        old = guard.folder / "run" / "old"
        old.mkdir()
        shutil.copy(state, old)
        if lab.AS_ROOT:
            nobody = pwd.getpwnam("nobody")
            for path in (old, old / "ldap.state"):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        with slapd.client() as client:
            client.delete(slapd.dn("rgDomain=revoked.test"))
        guard.wait_relays("revoked.test", False)
        slapd.kill()
        refreshes = guard.directory()["refreshes"]
        guard.set_options(state_dir=str(old))
        guard.reload()
        lab.wait_for(lambda: guard.directory().get("refreshes", refreshes) < refreshes,
                     "the reload", 10)
        assert guard.relays("kept.test") and not guard.relays("revoked.test")


@pytest.mark.skipif(not lab.AS_ROOT, reason="gives the host another name")
def test_what_was_saved_is_for_the_host_of_that_name(tmp_path, monkeypatch):
    """A new name: entries for the old one (rgServer) do not come from the disk."""
    binary = Path(os.environ.get("RELAYGUARD", lab.BUILD / "relayguard")).resolve()
    wrapper = tmp_path / "guard"

    def name_host(name):
        wrapper.write_text(f'#!/bin/sh\nexec unshare --uts sh -c \'hostname {name}; '
                           f'exec {binary} "$@"\' x "$@"\n')
        wrapper.chmod(0o755)

    monkeypatch.setenv("RELAYGUARD", str(wrapper))
    name_host("mx1")
    with s.Slapd() as slapd, DirectoryGuard(slapd) as guard:
        with slapd.client() as client:
            add_domain(client, "both.test")
            add_domain(client, "one.test", rgServer="mx1")
        guard.wait_relays("one.test")
        state = guard.folder / "run" / "ldap.state"
        lab.wait_for(lambda: state.exists() and "one.test" in state.read_text(), "saved", 5)
        guard.stop()
        name_host("mx2")
        guard.start()
        guard.wait_relays("both.test")
        assert not guard.relays("one.test")


def test_no_policy_at_all_defers():
    with s.Slapd() as slapd:
        slapd.kill()
        with DirectoryGuard(slapd) as guard:
            answer = guard.ask("guard", "RCPT 203.0.113.1")
            assert answer.startswith("TEMP"), answer
            slapd.run()
            with slapd.client() as client:
                add_domain(client, "now.test")
            guard.wait_relays("now.test", seconds=30)


@pytest.mark.parametrize("damage", ["cut", "flip", "other search"])
def test_damaged_state_is_refused_and_named(damage):
    with s.Slapd() as slapd, DirectoryGuard(slapd) as guard:
        keep_and_stop(slapd, guard)
        state = guard.folder / "run/ldap.state"
        content = state.read_bytes()
        if damage == "cut":
            state.write_bytes(content[:-20])
        elif damage == "flip":
            state.write_bytes(content.replace(b"kept.test\n", b"evil.test\n"))
        else:
            guard.set_options(ldap_filter="(rgDomain=*)")
        guard.start()
        assert re.search(r"ldap\.state:\d+: .*not used", guard.text("output"))
        assert guard.ask("relay", "evil.test").startswith(("TEMP", "NOTFOUND"))
        assert not guard.relays("kept.test")


def test_mass_delete_is_held_until_confirmed():
    with s.Slapd() as slapd, DirectoryGuard(slapd) as guard:
        with slapd.client() as client:
            for i in range(100):
                add_domain(client, f"d{i}.test")
            guard.wait_relays("d99.test")
            state = guard.folder / "run/ldap.state"
            lab.wait_for(lambda: state.exists() and "d99.test" in state.read_text(),
                         "the saved policy", 10)
            for i in range(60):
                client.delete(slapd.dn(f"rgDomain=d{i}.test"))
            add_domain(client, "late.test")
            lab.wait_for(lambda: (guard.directory().get("held") or {}).get("lost") == 60,
                         "60 held", 10)
            held = guard.directory()["held"]
            assert held["of"] == 100
            assert guard.relays("d59.test") and not guard.relays("late.test")
            done = guard.command("status")
            assert done.returncode == 1 and "relayguard policy confirm" in done.stdout
            # a restart knows no better
            guard.stop()
            guard.start()
            guard.wait_state("live")
            assert guard.relays("d59.test")
            done = guard.command("policy", "confirm")
            assert done.returncode == 0, done.stdout + done.stderr
            assert not guard.relays("d59.test") and guard.relays("late.test")
            assert guard.relays("d99.test")
            assert guard.command("policy", "confirm").stdout == "nothing is held\n"


def test_a_wrong_confirmation_is_named_once(guard):
    """What "policy confirm" leaves for the guard, in other forms."""
    path = guard.folder / "run/ldap.confirm"

    def left(content):
        fresh = path.with_suffix(".fresh")
        fresh.write_text(content)
        fresh.replace(path)

    for n, content in enumerate(["", "twelve\n", "12 \n", "-1\n", "1\n2\n", "9" * 19], 1):
        left(content)
        guard.says(f"{path}: not a number of values; nothing is confirmed", n)
        lab.wait_for(lambda: not path.exists(), "it is gone")
    left("12")
    guard.says("confirmation of 12 values does not fit what is held now")
    path.mkdir()
    words = f"{path}: cannot be read: Is a directory; nothing is confirmed"
    guard.says(words)
    time.sleep(2.5)  # looked at again
    assert guard.output().count(words) == 1
    path.rmdir()
    time.sleep(1.5)
    path.mkdir()
    guard.says(words, 2)
    path.rmdir()


def test_what_comes_back_is_not_held():
    with s.Slapd() as slapd, DirectoryGuard(slapd) as guard, slapd.client() as client:
        for i in range(40):
            add_domain(client, f"d{i}.test")
        guard.wait_relays("d39.test")
        for i in range(40):
            client.delete(slapd.dn(f"rgDomain=d{i}.test"))
        lab.wait_for(lambda: guard.directory().get("held"), "held", 10)
        for i in range(40):
            add_domain(client, f"d{i}.test")
        lab.wait_for(lambda: not guard.directory().get("held"), "not held", 10)
        assert guard.relays("d0.test")


def test_testconf_explains():
    with s.Slapd() as slapd, DirectoryGuard(slapd) as guard:
        with slapd.client() as client:
            add_domain(client, "one.test")
        assert guard.command("testconf").returncode == 0
        for option, value, words in [
                ("ldap_bind_dn", "cn=nobody,dc=lab", "password"),
                ("ldap_base", "ou=none,dc=lab", "base"),
                ("ldap_uri", ["ldap://127.0.0.1:1"], "127.0.0.1:1")]:
            old = guard.options[option]
            guard.set_options(**{option: value})
            done = guard.command("testconf")
            guard.set_options(**{option: old})
            assert done.returncode == 78
            assert words in done.stderr, done.stderr
