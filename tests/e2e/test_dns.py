# SPDX-License-Identifier: BSD-2-Clause
"""The resolver, with a real DNS server and with servers that misbehave."""
import time
from contextlib import ExitStack

import dns_server
import lab
import pytest
from dns_server import ADDRESS, BrokenServer, RealServer, ScriptServer, rr
from resolver import Resolver

STRINGS = " ".join(f'"s{i:03d}."' for i in range(512))
ZONE = [
    "@ MX 10 mx", "@ MX 20 Backup.Example.", "@ A 192.0.2.1", "@ AAAA 2001:db8::1",
    'txt TXT "v=spf1 " "-all"', 'txt TXT "other"', r'bytes TXT "a\000\013\010\255\"\\"',
    "strings TXT " + STRINGS, 'long TXT ' + " ".join(['"' + "x" * 250 + '"'] * 16),
    *(f'many TXT "record {i:03d}"' for i in range(512)),
    *(f"addresses A 192.0.{i // 256 + 2}.{i % 256}" for i in range(400)),
    "alias CNAME alias2", "alias2 CNAME @", "dangling CNAME nowhere",
    "loop1 CNAME loop2", "loop2 CNAME loop1", "self CNAME self",
    "null MX 0 .", "nullplus MX 0 .", "nullplus MX 10 mx",
    "a4 A 192.0.2.4", "a6 AAAA 2001:db8::6", 'only-txt TXT "x"',
    "4.2.0.192 PTR a4.Guard.test.", "*.wild A 192.0.2.8", r"dot\.in.label A 192.0.2.9",
    r"to-dot PTR dot\.in.label", "under_score A 192.0.2.10", "x.below A 192.0.2.11",
    "short 1 A 192.0.2.12", "day 86400 A 192.0.2.13",
]


@pytest.fixture(scope="module")
def real():
    if dns_server.available():
        pytest.skip(dns_server.available())
    with RealServer({"guard.test": ZONE}) as server:
        yield server


@pytest.fixture
def ours(real):
    with Resolver([real]) as resolver:
        yield resolver


# ---- a real server ------------------------------------------------------------

KINDS = [
    ("MX", "guard.test", "found", [[10, "mx.guard.test"], [20, "backup.example"]]),
    ("A", "guard.test", "found", ["192.0.2.1"]),
    ("AAAA", "guard.test", "found", ["2001:db8::1"]),
    ("TXT", "txt.guard.test", "found", ["other", "v=spf1 -all"]),
    ("TXT", "bytes.guard.test", "found", [r'a\x00\x0d\x0a\xff"\x5c']),
    ("PTR", "4.2.0.192.guard.test", "found", ["a4.guard.test"]),
    ("A", "GUARD.Test.", "found", ["192.0.2.1"]),
    ("A", "alias.guard.test", "found", ["192.0.2.1"]),
    ("MX", "alias.guard.test", "found", [[10, "mx.guard.test"], [20, "backup.example"]]),
    ("A", "any.thing.wild.guard.test", "found", ["192.0.2.8"]),
    ("A", "under_score.guard.test", "found", ["192.0.2.10"]),
    ("MX", "null.guard.test", "found", [[0, ""]]),
    ("A", "nowhere.guard.test", "no name", []),
    ("A", "dangling.guard.test", "no name", []),
    ("AAAA", "a4.guard.test", "no data", []),
    ("TXT", "alias.guard.test", "no data", []),
    ("A", "below.guard.test", "no data", []),  # exists, for it has a name below
    ("A", "loop1.guard.test", "unknown", []),
    ("A", "self.guard.test", "unknown", []),
    ("A", "elsewhere.example", "unknown", []),  # REFUSED
    ("PTR", "to-dot.guard.test", "unknown", []),  # no name in text
    ("A", "dot.in.label.guard.test", "no name", []),  # has another owner
    ("A", "a..guard.test", "no name", []),
    ("A", ".", "no name", []),
    ("A", "x" * 64 + ".guard.test", "no name", []),
    ("A", ".".join(["x" * 63] * 4), "no name", []),
    ("A", ".".join(["y" * 63] * 3 + ["y" * 50, "guard.test"]), "no name", []),
    ("A", r"\x00\x20\xff!*.guard.test", "no name", []),
]


@pytest.mark.parametrize("kind,name,status,records", KINDS)
def test_real_server(ours, kind, name, status, records):
    for cached in (False, True):
        found = ours.ask(kind, name)
        assert (found.status, sorted(found.records)) == (status, records)
        assert found.seconds < 1
        assert not found.cached or cached


@pytest.mark.parametrize("name,size", [("strings", 512 * 5), ("long", 4000)])
def test_long_texts_come_by_tcp(ours, name, size):
    [text] = ours.ask("TXT", name + ".guard.test").records
    assert len(text) == size
    if name == "strings":
        assert text == "".join(f"s{i:03d}." for i in range(512))


@pytest.mark.parametrize("kind,name,n", [("TXT", "many", 512), ("A", "addresses", 400)])
def test_many_records(ours, kind, name, n):
    for _ in range(2):
        assert len(set(ours.ask(kind, name + ".guard.test").records)) == n


def test_ttls_are_real_but_clamped(ours):
    assert ours.ask("A", "guard.test").ttl == 60
    assert ours.ask("A", "short.guard.test").ttl == 5
    assert ours.ask("A", "day.guard.test").ttl == 3600
    assert ours.ask("A", "nowhere.guard.test").ttl == 30  # minimum of the SOA
    time.sleep(1.1)
    again = ours.ask("A", "guard.test")
    assert again.cached and again.ttl in (58, 59)


@pytest.mark.parametrize("name,what", [
    ("guard.test", "exists, has mail servers"),
    ("alias.guard.test", "exists, has mail servers"),
    ("nullplus.guard.test", "exists, has mail servers"),
    ("a4.guard.test", "exists, has an address"),
    ("a6.guard.test", "exists, has an address"),
    ("null.guard.test", "takes no mail (null MX)"),
    ("nowhere.guard.test", "does not exist"),
    ("only-txt.guard.test", "has neither MX nor address"),
    ("dangling.guard.test", "does not exist"),
    ("loop1.guard.test", "not known"),
    ("elsewhere.example", "not known"),
])
def test_sender_domain(ours, name, what):
    assert ours.sender(name) == what


# ---- servers that misbehave ------------------------------------------------------

WAYS = {
    "good": "found", "silent": "unknown", "wrong id": "found",
    "wrong question": "found", "only wrong id": "unknown",
    "only wrong question": "unknown", "wrong type": "unknown",
    "not an answer": "unknown", "truncated": "found", "truncated in vain": "unknown",
    "servfail": "unknown", "refused": "unknown", "nxdomain": "no name",
    "nxdomain with records": "unknown", "no data": "no data",
    "no data, no SOA": "no data", "referral": "unknown", "garbage": "unknown",
    "short": "unknown", "empty": "found", "cut off": "unknown",
    "loop of 1": "unknown", "loop of 2": "unknown", "loop of 300": "unknown",
    "chain of 16": "found", "chain of 17": "unknown", "bad address": "unknown",
    "another's address": "unknown", "half a chain": "unknown",
    "no EDNS": "found", "slow": "found", "very slow": "found",
}


def test_every_way_is_tested():
    assert set(WAYS) == set(dns_server.WAYS)


@pytest.mark.parametrize("way", WAYS)
def test_broken_server(way):
    with BrokenServer(way) as server, Resolver([server]) as ours:
        found = ours.ask("A", "a.example.test", 2500)
    assert found.status == WAYS[way]
    assert found.records == ([ADDRESS] if WAYS[way] == "found" else [])
    assert found.seconds < 2.6
    if way.startswith("truncated"):
        assert server.tcp > 0
    if way in ("servfail", "refused", "garbage", "short"):
        assert server.questions() <= 2  # no storm of retries


@pytest.mark.parametrize("way,trouble", [
    ("good", ""), ("nxdomain", ""), ("silent", "late"), ("servfail", "servfail"),
    ("refused", "refused"), ("referral", "nonsense"),
    ("loop of 2", "nonsense")])
def test_the_reason_and_the_server_are_known(way, trouble):
    with BrokenServer(way) as server, Resolver([server]) as ours:
        found = [ours.ask("A", "a.test", 500) for _ in range(2)]
        for answer in found:
            assert answer.trouble == trouble
            # who says nonsense is not heard: a forger could
            if trouble in ("", "servfail", "refused"):
                assert answer.server == server.name
        assert found[1].cached == (way != "silent")


def test_the_server_that_answered_is_told():
    with BrokenServer("servfail") as bad, BrokenServer("silent") as dead, \
            BrokenServer("good") as good, Resolver([bad, dead, good]) as ours:
        for name in ("a.test", "b.test", "a.test"):
            assert ours.ask("A", name, 2500).server == good.name


@pytest.mark.parametrize("ways,trouble", [
    (["servfail", "servfail"], "no server"), (["refused", "servfail"], "no server"),
    (["silent"], "silent"), (["silent", "silent"], "silent")])
def test_the_reason_of_all_servers(ways, trouble):
    servers = [BrokenServer(way) for way in ways]
    try:
        with Resolver(servers, "-p", "400") as ours:
            assert ours.ask("A", "a.test", 2500).trouble == trouble
    finally:
        for server in servers:
            server.__exit__(None, None, None)


@pytest.mark.parametrize("way", ["silent", "servfail"])
def test_trouble_is_kept_for_five_seconds_at_most(way):
    with BrokenServer(way) as server, Resolver([server], "-p", "300") as ours:
        assert ours.ask("A", "a.test").ttl <= 5
        before = server.questions()
        assert ours.ask("A", "a.test").cached
        assert server.questions() == before
        time.sleep(5.1)
        assert not ours.ask("A", "a.test").cached
        assert server.questions() > before


@pytest.mark.parametrize("bad", ["silent", "servfail", "refused", "garbage"])
def test_the_next_server_is_asked(bad):
    with BrokenServer(bad) as first, BrokenServer("good") as second, \
            Resolver([first, second]) as ours:
        assert ours.ask("A", "a.test").records == [ADDRESS]
        found = ours.ask("A", "b.test")
    assert found.records == [ADDRESS]
    if bad == "silent":  # it is not waited for every time
        assert found.seconds < 0.2


def test_a_port_where_nobody_listens():
    with BrokenServer("good") as server, \
            Resolver([f"127.0.0.1:{lab.free_port()}", server]) as ours:
        assert ours.ask("A", "a.test").status == "found"


# ---- deadlines ---------------------------------------------------------------------


@pytest.mark.parametrize("servers", [1, 2, 3])
@pytest.mark.parametrize("ms", [50, 500, 2000])
def test_dead_servers_nobody_waits_longer(servers, ms):
    with ExitStack() as stack:
        dead = [stack.enter_context(BrokenServer("silent")) for _ in range(servers)]
        ours = stack.enter_context(Resolver(dead))
        answers = ours.each(50, "MX", "dead.test", ms)
        assert {a.status for a in answers} == {"unknown"}
        assert all(ms / 1000 - 0.01 <= a.seconds < ms / 1000 + 0.1 for a in answers)
        if ms == 2000:  # all of them have had their chance
            assert all(server.questions() >= 50 for server in dead)
        assert ours.stats()["late"] == 50


def test_a_deadline_that_is_over():
    with BrokenServer("good") as server, Resolver([server]) as ours:
        assert ours.ask("A", "a.test", 0).status == "unknown"
        assert server.questions() == 0


def test_a_late_answer_is_for_the_next_one():
    with BrokenServer("slow") as server, Resolver([server]) as ours:
        first = ours.ask("A", "a.test", 100)
        assert first.status == "unknown" and first.seconds < 0.2
        time.sleep(0.5)
        second = ours.ask("A", "a.test", 100)
        assert second.status == "found" and second.cached
        assert server.questions() == 1


def test_free_ends_at_once():
    with BrokenServer("silent") as server, Resolver([server]) as ours:
        ours.begin(50, "A", "dead.test", 60000)
        lab.wait_for(lambda: server.questions() >= 50, "the questions")
        seconds, told = ours.close()
    assert seconds < 0.5
    assert told == ["unknown"] * 50


# ---- one question once ---------------------------------------------------------------


def test_single_flight():
    with BrokenServer("slow") as server, Resolver([server]) as ours:
        answers = ours.same(100, "A", "a.test")
        assert [a.records for a in answers] == [[ADDRESS]] * 100
        assert server.asked == {("a.test", "A"): 1}
        stats = ours.stats()
        assert stats["queries"] == 1
        assert stats["joined"] + stats["hits"] == 99


def test_prefetch():
    with BrokenServer("slow") as server, Resolver([server]) as ours:
        ours.prefetch("A", "a.test")
        found = ours.ask("A", "A.test")
        assert found.status == "found" and found.seconds < 0.35
        ours.prefetch("A", "a.test")  # known already
        assert ours.ask("A", "a.test").cached
        assert server.questions() == 1


def half_dead(q):
    return None if "dead" in q.name else dns_server.good(q)


def test_nobody_stands_in_the_way():
    """Questions that nobody waits for any more give way to those that count."""
    with ScriptServer(half_dead) as server, Resolver([server], "-f", "4") as ours:
        answers = ours.each(4, "A", "dead.test", 100)
        assert {a.status for a in answers} == {"unknown"}
        found = ours.ask("A", "good.test")
        assert found.status == "found" and found.seconds < 0.1


def test_too_many_questions():
    with ScriptServer(half_dead) as server, Resolver([server], "-f", "2") as ours:
        answers = ours.each(40, "A", "dead.test", 500)
        assert {a.status for a in answers} == {"unknown"}
        assert max(a.seconds for a in answers) < 0.6
        stats = ours.stats()
        assert stats["dropped"] == 40 - 2 * 8
        assert 2 <= stats["queries"] <= 2 * 8
        assert ours.ask("A", "good.test").status == "found"


# ---- servers, by option and by resolv.conf -----------------------------------------


def test_ports_and_ids_cannot_be_foreseen():
    with BrokenServer("slow") as server, Resolver([server]) as ours:
        ours.each(200, "A", "a.test")
        ports, ids = map(set, zip(*server.seen))
        assert len(ports) > 190
        assert len(ids) > 190


def test_ipv6_server():
    try:
        server = BrokenServer("good", "::1")
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    with server, Resolver([server]) as ours:
        assert ours.ask("A", "a.test").records == [ADDRESS]


@pytest.mark.parametrize("server", [
    "", "localhost", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "[127.0.0.1]:53",
    "[::1", "::1]:53", "[::1]53", "127.0.0.1:53:53", "[::1]:-1", "127.0.0.1:053"])
def test_wrong_server_names(server):
    with Resolver([server]) as ours, pytest.raises(lab.LabError, match="Invalid"):
        ours.stats()


def test_resolv_conf_is_read_again(tmp_path):
    conf = tmp_path / "resolv.conf"
    conf.write_text("# none\nnameserver 127.0.0.77\n")
    try:
        server = ScriptServer(dns_server.good, "127.0.0.78", 53)
    except OSError as error:
        pytest.skip(f"no port 53 for us: {error}")
    with server, Resolver([], "-r", str(conf)) as ours:
        assert ours.ask("A", "a.test").status == "unknown"
        conf.write_text("nameserver 127.0.0.78\n")
        assert ours.ask("A", "b.test").status == "unknown"
        assert ours.reload()
        # what the other servers said is forgotten
        assert ours.ask("A", "a.test").status == "found"
        assert server.questions() == 1


def test_reload():
    with BrokenServer("good") as first, BrokenServer("nxdomain") as second, \
            Resolver([first]) as ours:
        assert ours.ask("A", "a.test").status == "found"
        assert ours.reload(first)
        assert ours.ask("A", "a.test").cached
        assert ours.reload(second)
        assert ours.ask("A", "a.test").status == "no name"
        assert not ours.reload("nonsense")
        assert ours.ask("A", "b.test").status == "no name"
        assert first.questions() == 1


def test_reload_forgets_what_is_under_way():
    with BrokenServer("slow") as first, BrokenServer("nxdomain") as second, \
            Resolver([first]) as ours:
        ours.prefetch("A", "a.test")
        lab.wait_for(first.questions, "the question")
        assert ours.reload(second)
        time.sleep(0.5)  # now the first one has answered
        assert ours.ask("A", "a.test").status == "no name"


# ---- the sender's domain, when the DNS is in trouble -----------------------------------


@pytest.mark.parametrize("mx,a,aaaa,what", [
    ("fail", "found", "found", "not known"),
    ("none", "fail", "none", "not known"),
    ("none", "fail", "found", "exists, has an address"),
    ("none", "none", "fail", "not known"),
    ("none", "found", "fail", "exists, has an address"),
    ("none", "nxdomain", "found", "exists, has an address"),
    ("none", "found", "nxdomain", "exists, has an address"),
    ("none", "none", "none", "has neither MX nor address"),
    ("nxdomain", "found", "found", "does not exist"),
])
def test_sender_domain_in_trouble(mx, a, aaaa, what):
    ways = {"MX": mx, "A": a, "AAAA": aaaa}
    data = {"A": ADDRESS, "AAAA": "2001:db8::7"}

    def answer(q):
        way = ways[q.type]
        if way == "found":
            return q.reply([rr(q.name, q.type, data[q.type])])
        return q.reply(rcode={"none": 0, "fail": dns_server.SERVFAIL,
                              "nxdomain": dns_server.NXDOMAIN}[way])

    with ScriptServer(answer) as server, Resolver([server]) as ours:
        assert ours.sender("a.test") == what
