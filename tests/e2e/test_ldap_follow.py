# SPDX-License-Identifier: BSD-2-Clause
"""The follower of a directory against real slapds: what the sink is told."""
import os
import statistics
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import lab
import ldap_fake
import slapd as directory
from ldap_wire import ADD, DELETE, REPLACE
from slapd import BASE, Slapd
from tell import Tell

pytestmark = pytest.mark.skipif(directory.available() is not None,
                                reason=str(directory.available()))


def domain(client, name, **more):
    """An entry for a domain; gives its DN."""
    dn = Slapd.dn(f"rgDomain={name}")
    client.add(dn, objectClass="rgRelayDomain", rgDomain=name, **more)
    return dn


def domains(n):
    """n entries as LDIF."""
    return "".join(f"dn: rgDomain=d{i}.example,{BASE}\nobjectClass: rgRelayDomain\n"
                   f"rgDomain: d{i}.example\n\n" for i in range(n))


def told(tell):
    """Kinds of events without those of the program itself, runs as one."""
    kinds = [e.what for e in tell.events() if e.what not in ("state", "log", "health", "end")]
    return [k for i, k in enumerate(kinds) if i == 0 or kinds[i - 1] != k]


# ------------------------------------------------------------ content sync

def test_refresh_and_live_changes():
    with Slapd() as slapd, slapd.client() as client:
        domain(client, "old.example", description="there before")
        with Tell(slapd) as tell:
            tell.wait("state", "live")
            assert told(tell) == ["begin", "entry", "refreshed", "flush", "cookie"]
            assert tell.events("begin")[0].rest == "fresh"
            assert tell.events("refreshed")[0].rest == "mentioned 1"
            assert "rgDomain=old.example" in tell.events("entry")[0].rest
            assert "description=there before" in tell.events("entry")[0].rest
            added = domain(client, "new.example")
            tell.wait("entry", added)
            client.modify(added, REPLACE, description="changed")
            change = tell.wait("entry", "description=changed")
            uuid = change.rest.split()[0]
            client.rename(added, "rgDomain=renamed.example")
            renamed = tell.wait("entry", "rgDomain=renamed.example")
            assert renamed.rest.split()[0] == uuid
            client.delete(Slapd.dn("rgDomain=renamed.example"))
            tell.wait("gone", uuid)
            tell.wait("flush", count=5)
            tell.wait("cookie", count=5)
            # nothing is put in force late, and its cookie not before
            assert told(tell)[5:] == ["entry", "flush", "cookie"] * 3 + ["gone", "flush", "cookie"]
            assert tell.stop() < 1
            health = tell.events("health")[0].rest
            assert "refreshes=1 " in health and "reconnects=0 trouble=" in health


def test_entry_leaves_and_enters_the_filter():
    with Slapd() as slapd, slapd.client() as client:
        dn = domain(client, "a.example", description="shown")
        with Tell(slapd, filter="(description=shown)") as tell:
            uuid = tell.wait("entry", dn).rest.split()[0]
            tell.wait("state", "live")
            client.modify(dn, REPLACE, description="hidden")
            tell.wait("gone", uuid)
            client.modify(dn, REPLACE, description="shown")
            tell.wait("entry", dn, count=2)


def test_every_one_of_many_changes_is_told_at_once():
    latencies = []
    with Slapd() as slapd, slapd.client() as client, Tell(slapd) as tell:
        tell.wait("state", "live")
        sent = {}
        for i in range(300):
            sent[f"d{i}.example"] = time.time()
            domain(client, f"d{i}.example")
        for i in range(300):
            client.modify(Slapd.dn(f"rgDomain=d{i}.example"), ADD, description=f"n{i}.")
        for i in range(300):
            client.delete(Slapd.dn(f"rgDomain=d{i}.example"))
        tell.wait("gone", count=300)
        tell.stop()
        added = [e for e in tell.events("entry") if "description" not in e.rest]
        assert len(added) == 300
        assert len({e.rest for e in tell.events("entry") if "description=n" in e.rest}) == 300
        latencies = [(e.at - sent[e.rest.split("rgDomain=")[1].split(",")[0]]) * 1000
                     for e in added]
    print(f"add to told: median {statistics.median(latencies):.2f} ms, "
          f"worst {max(latencies):.1f} ms")
    assert statistics.median(latencies) < 200  # far less; a sanitizer may be at work


def resume(slapd, change):
    """What a follower is told that was away during change()."""
    with Tell(slapd) as tell:
        tell.wait("state", "live")
        tell.wait("cookie")
        tell.stop()
        cookie = tell.events("cookie")[-1].rest
    change()
    with Tell(slapd, cookie=cookie) as tell:
        tell.wait("state", "live")
        tell.stop()
        return tell.events()


def of_kind(events, what):
    return [e.rest for e in events if e.what == what]


@pytest.mark.parametrize("sessionlog", [0, 100])
def test_resume_with_cookie(sessionlog):
    """Without a log of deletions the server tells what is present, else what
    is gone: only after the former may what was not mentioned be dropped."""
    with Slapd(sessionlog=sessionlog) as slapd, slapd.client() as client:
        for name in "abcd":
            domain(client, name + ".example")

        def change():
            client.modify(Slapd.dn("rgDomain=a.example"), REPLACE, description="new")
            client.delete(Slapd.dn("rgDomain=b.example"))
        events = resume(slapd, change)
        assert of_kind(events, "begin") == ["cookie"]
        [entry] = of_kind(events, "entry")
        assert "description=new" in entry
        if sessionlog:
            assert len(of_kind(events, "gone")) == 1 and not of_kind(events, "present")
            assert of_kind(events, "refreshed") == ["told 1"]
        else:
            # the changed one is among them
            assert not of_kind(events, "gone") and len(of_kind(events, "present")) == 3
            assert of_kind(events, "refreshed") == ["mentioned 1"]


def test_resume_with_nothing_new():
    with Slapd() as slapd, slapd.client() as client:
        domain(client, "a.example")
        events = resume(slapd, lambda: None)
        assert of_kind(events, "begin") == ["cookie"]
        assert not of_kind(events, "entry") and not of_kind(events, "gone")
        assert of_kind(events, "refreshed") == ["told 0"]


def test_cookie_of_the_future_is_dropped():
    """The server is back with older data: code 53."""
    with Slapd() as slapd, slapd.client() as client:
        domain(client, "a.example")
        slapd.stop()
        slapd.keep("older")
        slapd.run()
        with slapd.client() as client, Tell(slapd) as tell:
            tell.wait("state", "live")
            domain(client, "b.example")
            tell.wait("entry", "b.example")
            slapd.kill()
            slapd.put_back("older")
            slapd.run()
            tell.wait("state", "live", count=2)
            begun = tell.events("begin")
            assert [e.rest for e in begun] == ["fresh", "cookie", "fresh"]
            assert "code 53" in tell.log()
            # the one that was given up is told so before the next one
            assert told(tell)[-7:] == ["begin", "abandoned", "begin", "entry", "refreshed",
                                       "flush", "cookie"]
            assert tell.events("refreshed")[-1].rest == "mentioned 1"


def test_refresh_on_demand_and_each_day():
    """Over the same connection, and without a cookie."""
    with Slapd() as slapd, slapd.client() as client:
        domain(client, "a.example")
        with Tell(slapd) as tell:
            tell.wait("state", "live")
            tell.refresh()
            tell.wait("refreshed", count=2)
            domain(client, "b.example")
            tell.wait("entry", "b.example")
            tell.stop()
            assert [e.rest for e in tell.events("begin")] == ["fresh", "fresh"]
            assert [e.rest for e in tell.events("refreshed")] == ["mentioned 1"] * 2
            assert "refreshes=2 " in tell.log() and "reconnects=0" in tell.log()
        with Tell(slapd, refresh=1) as tell:
            tell.wait("refreshed", count=3, seconds=6)
            assert tell.events("begin")[2].rest == "fresh"
            tell.stop()
            assert "reconnects=0" in tell.log()


def test_refresh_wished_for_while_nobody_is_there():
    with Slapd(ldif=domains(3)) as slapd, Tell(slapd) as tell:
        tell.wait("state", "live")
        slapd.kill()
        tell.wait("log", "no LDAP server answers")
        tell.forget()
        tell.refresh()
        before = cpu_seconds(tell)
        time.sleep(1)
        assert cpu_seconds(tell) - before < 0.3
        slapd.run()
        assert tell.wait("begin").rest == "fresh"
        tell.wait("refreshed", "mentioned 3")


def cpu_seconds(process):
    fields = Path(f"/proc/{process.child.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def test_no_change_is_lost_in_refreshes():
    with Slapd(ldif=domains(300)) as slapd, slapd.client() as client, Tell(slapd) as tell:
        tell.wait("state", "live")
        for i in range(300):
            if i % 30 == 0:
                tell.refresh()
            client.modify(Slapd.dn(f"rgDomain=d{i}.example"), REPLACE, description=f"n{i}.")
        client.modify(Slapd.dn("rgDomain=d0.example"), REPLACE, description="last")
        tell.wait("entry", "description=last")
        lab.wait_for(lambda: told(tell)[-1] == "cookie", "the last refresh to end")
        tell.stop()
        found = {}
        for e in tell.events():
            if e.what == "begin":
                assert e.rest == "fresh"
            if e.what == "entry":
                found[e.rest.split()[0]] = e.rest
        texts = "\n".join(found.values()) + "\n"
        assert all(f"description=n{i}.\n" in texts for i in range(1, 300))


def test_hidden_by_acl_is_found_by_a_refresh():
    """An ACL's change is not told; only a refresh without a cookie shows it."""
    with Slapd() as slapd, slapd.client() as client:
        dn = domain(client, "a.example")
        domain(client, "b.example")
        with Tell(slapd) as tell:
            tell.wait("refreshed", "mentioned 2")
            slapd.stop()
            slapd.access = [f'access to dn.base="{dn}" by * none', "access to * by * read"]
            slapd.run()
            tell.wait("refreshed", "told 0")
            tell.refresh()
            tell.wait("refreshed", "mentioned 1")


def test_several_lines_of_hundreds_of_values():
    with Slapd() as slapd, slapd.client() as client, Tell(slapd) as tell:
        tell.wait("state", "live")
        many = [f"m{i}.example" for i in range(1000)]
        client.add(Slapd.dn("rgDomain=many"), objectClass="rgRelayDomain",
                   rgDomain=["many", *many])
        found = tell.wait("entry", "rgDomain=many,").rest.split("\t")[1:]
        assert sorted(found) == sorted(f"rgDomain={v}" for v in ["many", *many])
        client.modify(Slapd.dn("rgDomain=many"), DELETE, rgDomain=many[:1])
        tell.wait("entry", "rgDomain=many,", count=2)
        assert len(tell.events("entry")[1].rest.split("\t")) == 1001


# ---------------------------------------------------------------- fail-over

@contextmanager
def pair():
    """Two providers with the same data that replicate both ways."""
    with Slapd(ldif=domains(500), server_id=1) as one, Slapd(server_id=2, like=one) as two:
        one.join(two)
        two.join(one)
        yield one, two


def replicated(source, target, name):
    """Write an entry at one server and wait for it at the other."""
    with source.client() as client, target.client() as other:
        dn = domain(client, name)
        deadline = time.monotonic() + 20
        while True:
            try:
                return other.read(dn, "rgDomain")
            except Exception:
                assert time.monotonic() < deadline, "not replicated"
                time.sleep(0.02)


def test_fail_over_with_merged_cookie():
    """Changes were made at both providers: the next one needs the numbers of
    both, or it sends everything again."""
    times = []
    with pair() as (one, two), Tell(one, two) as tell:
        tell.wait("state", "live", seconds=30)
        assert tell.events("refreshed")[0].rest == "mentioned 500"
        here, other = one, two
        for turn in range(5):
            name = f"t{turn}.example"
            replicated(here, other, "a" + name)
            replicated(other, here, "b" + name)
            tell.wait("entry", "a" + name)
            tell.wait("entry", "b" + name)
            tell.forget()
            killed = time.time()
            here.kill()
            times.append((tell.wait("refreshed").at - killed) * 1000)
            tell.wait("state", f"live {other.uri}")
            with other.client() as client:
                domain(client, f"alone{turn}.example")
            tell.wait("entry", f"alone{turn}.example")
            here.run()
            replicated(other, here, f"back{turn}.example")
            here, other = other, here
        cookie = tell.events("cookie")[-1].rest
        assert "#001#" in cookie and "#002#" in cookie
        refreshed = tell.events("refreshed")[1:]
        assert all(int(e.rest.split()[1]) < 50 for e in refreshed), refreshed
        assert all(e.rest == "cookie" for e in tell.events("begin")[1:])
    print(f"SIGKILL to live at the other: median {statistics.median(times):.0f} ms, "
          f"{', '.join(f'{t:.0f}' for t in times)}")
    assert statistics.median(times) < 250


def test_fail_over_to_one_that_lacks_changes():
    """What the dead one had not passed on stays, and nothing is sent again."""
    with pair() as (one, two), Tell(one, two) as tell:
        tell.wait("state", f"live {one.uri}", seconds=30)
        replicated(one, two, "a.example")
        replicated(two, one, "b.example")
        tell.wait("entry", "b.example")
        two.kill()
        with one.client() as client:
            domain(client, "lost.example")
            client.delete(Slapd.dn("rgDomain=a.example"))
        tell.wait("gone")
        one.kill()
        two.run()
        with two.client() as client:
            domain(client, "new.example")
        tell.wait("state", f"live {two.uri}", seconds=30)
        tell.wait("entry", "new.example")
        assert tell.events("begin")[-1].rest == "cookie"
        assert int(tell.events("refreshed")[-1].rest.split()[1]) < 5
        assert len(tell.events("gone")) == 1


def test_hanging_server_is_noticed():
    """Nothing but a second connection can tell."""
    with Slapd(ldif=domains(3)) as one, Slapd(ldif=domains(3)) as two, \
            Tell(one, two, watch=1, timeout=1) as tell:
        tell.wait("state", f"live {one.uri}")
        one.pause()
        paused = time.time()
        live = tell.wait("state", f"live {two.uri}", seconds=15)
        print(f"SIGSTOP to live at the other: {live.at - paused:.1f} s")
        assert live.at - paused < 6
        assert "does not answer" in tell.log()
        one.go_on()


def test_hanging_server_comes_back():
    with Slapd(ldif=domains(3)) as slapd, Tell(slapd, watch=1, timeout=1) as tell:
        tell.wait("state", "live")
        tell.forget()
        slapd.pause()
        tell.wait("state", "refresh")
        slapd.go_on()
        tell.wait("state", "live")
        assert tell.events("begin")[-1].rest == "cookie"


def test_quiet_server_is_left_alone():
    with Slapd(ldif=domains(3)) as slapd, Tell(slapd, watch=1, timeout=1) as tell:
        tell.wait("state", "live")
        time.sleep(4)
        tell.stop()
        assert "reconnects=0" in tell.log()


def test_stale_is_said_once():
    with Slapd(ldif=domains(3)) as slapd, Tell(slapd, stale=1) as tell:
        tell.wait("state", "live")
        slapd.kill()
        tell.wait("state", "stale")
        time.sleep(2.5)
        assert tell.log().count("may be out of date") == 1
        slapd.run()
        tell.wait("state", "live", count=2, seconds=40)
        assert tell.log().count("is in force") == 2


# ------------------------------------------------------------------ polling

def test_polling_without_syncprov():
    with Slapd(syncprov=False, ldif=domains(2500)) as slapd, slapd.client() as client, \
            Tell(slapd, poll=1) as tell:
        tell.wait("state", "poll")
        assert tell.events("refreshed")[-1].rest == "mentioned 2500"
        added = domain(client, "new.example")
        uuid = tell.wait("entry", added).rest.split()[0]
        client.modify(added, REPLACE, description="changed")
        tell.wait("entry", "description=changed")
        client.delete(added)
        # found by the next full poll, in which it is not mentioned
        tell.wait("refreshed", "mentioned 2500", count=2, seconds=40)
        events = tell.events()
        last = max(i for i, e in enumerate(events) if e.what == "begin")
        assert not any(uuid in e.rest for e in events[last:])


def test_polling_tells_nothing_twice_for_ever():
    with Slapd(syncprov=False, ldif=domains(50)) as slapd, slapd.client() as client, \
            Tell(slapd, poll=1, sync="poll") as tell:
        tell.wait("state", "poll")
        domain(client, "new.example")
        tell.wait("entry", "new.example")
        time.sleep(12)  # as long as a write may take to be seen, and more
        before = len(tell.events("entry"))
        time.sleep(2)
        # but for a full poll, which may have come
        assert len(tell.events("entry")) == before or len(tell.events("refreshed")) > 1


def test_polling_loses_nothing_of_one_second():
    """Changes while it polls, several in the second of the last one seen."""
    with Slapd(syncprov=False, ldif=domains(10)) as slapd, slapd.client() as client, \
            Tell(slapd, poll=1, sync="poll") as tell:
        tell.wait("state", "poll")
        for i in range(60):
            domain(client, f"x{i}.example")
            time.sleep(0.05)
        for i in range(60):
            tell.wait("entry", f"x{i}.example", seconds=5)


def test_polling_on_demand():
    with Slapd(syncprov=False, ldif=domains(10)) as slapd, slapd.client() as client, \
            Tell(slapd, poll=60) as tell:
        tell.wait("state", "poll")
        client.delete(Slapd.dn("rgDomain=d3.example"))
        tell.refresh()
        tell.wait("refreshed", "mentioned 9", seconds=5)
        assert tell.stop() < 1


def test_polling_notices_that_the_server_is_gone():
    with Slapd(syncprov=False, ldif=domains(10)) as slapd, Tell(slapd, poll=1) as tell:
        tell.wait("state", "poll")
        tell.forget()
        slapd.kill()
        tell.wait("state", "refresh")
        slapd.run()
        tell.wait("state", "poll")


def test_content_sync_comes_later():
    """A server that was polled has got syncprov: seen at the next full poll."""
    with Slapd(syncprov=False, ldif=domains(10)) as slapd, Tell(slapd, poll=1) as tell:
        tell.wait("state", "poll")
        slapd.stop()
        slapd.syncprov = True
        slapd.run()
        tell.refresh()
        tell.wait("state", "live", seconds=30)


# ---------------------------------------------------------------------- end

@pytest.mark.parametrize("bind", [True, False])
def test_stop_while_the_server_hangs(bind):
    way = ldap_fake.silence
    with ldap_fake.FakeServer(way, answers_bind=bind) as fake, \
            Tell(fake.uri, timeout=30) as tell:
        time.sleep(0.5)
        assert tell.stop() < 1


def test_stop_while_a_slapd_hangs():
    with Slapd(ldif=domains(3)) as slapd, Tell(slapd, watch=1, timeout=20) as tell:
        tell.wait("state", "live")
        slapd.pause()
        time.sleep(1.5)  # the watchdog waits for its answer
        assert tell.stop() < 1


def test_stop_while_nobody_is_there():
    with Tell("ldap://127.0.0.1:1") as tell:
        time.sleep(1)
        assert tell.stop() < 1
