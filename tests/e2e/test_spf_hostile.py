# SPDX-License-Identifier: BSD-2-Clause
"""SPF checks against servers on loopback that lie, tease, or never come to an end."""
import random
import struct
from collections import Counter

import pytest
from dns_server import (AA, NXDOMAIN, QR, SERVFAIL, TC, BrokenServer, ScriptServer, loop,
                        other_question, rr)
from lab import LabError
from resolver import Spf
from spf_zone import SuiteServer
from test_spf import make, told

SENDER = "a@a.example.com"


def outcome(zone, sender=SENDER, **how):
    """What comes of a zone {name: [(type, value)]}; its server."""
    with SuiteServer(zone) as server, Spf(server) as spf:
        return spf.check(sender, **how), server


def txt(*texts):
    return {"a.example.com": [("TXT", text) for text in texts]}


# ---- records that have libspf2 ask for ever -----------------------------------------


def tower(height):
    """Each name includes ten more, that all differ: no cache helps."""
    def answer(q):
        terms = "?all"
        if q.name.count(".") < height + 1:
            terms = " ".join(f"include:{i}.{q.name}" for i in range(10))
        data = {"TXT": SuiteServer.data("TXT", f"v=spf1 {terms}"), "MX": (10, "mx.test")}
        return q.reply([rr(q.name, q.type, data[q.type])] if q.type in data else [])
    return ScriptServer(answer)


def test_nested_includes_cost_eleven_questions():
    with tower(5) as server, Spf(server) as spf:
        said = spf.check("a@tower.test")
        print(f"nested includes: {server.questions()} questions at the server")
        assert said["result"] == "permerror"
        assert server.questions() == said["queries"] <= 11


def test_nested_includes_in_a_mail():
    """Both names that the client tells are such a tower."""
    with tower(5) as server, make(server, spf_permerror="refuse") as guard:
        assert told(guard, "tower.test", helo="client.example") == "rcpt 550 5.7.24 S08"
        asked = Counter(name.split(".")[-1] for name, kind in server.asked.elements()
                        if kind == "TXT")
        assert 0 < asked["test"] <= 11 and asked["example"] <= 11
        assert server.questions() - asked.total() <= 1  # MX of the sender's domain


def test_nested_includes_and_libspf2_alone():
    with tower(3) as server, Spf(server) as spf:
        spf.check("a@tower.test", who="stock")
        # with five storeys 111,111
        assert server.questions() == 1111


def test_mx_hosts_are_bounded():
    """Ten mx terms of ten hosts each are allowed, and no more (4.6.4)."""
    zone = txt("v=spf1 " + " ".join(f"mx:m{i}.test" for i in range(10)) + " mx:m10.test -all")
    for i in range(11):
        zone[f"m{i}.test"] = [("MX", f"10 h{j}.m{i}.test") for j in range(10)]
        zone.update({f"h{j}.m{i}.test": [("A", "192.0.2.99")] for j in range(10)})
    said, server = outcome(zone)
    assert said["result"] == "permerror"
    assert server.questions() == said["queries"] == 1 + 10 + 100


@pytest.mark.parametrize("server", ["silent", "slow"])
def test_a_check_ends_in_time(server):
    with BrokenServer(server) as server, Spf(server) as spf:
        said = spf.check(SENDER, ms=200)
    assert said["result"] == "temperror"
    assert 190 <= said["ms"] < 300


# ---- records that are too much for libspf2 --------------------------------------------

LONG = {  # a name with a label of 4,000 bytes: no such host, no such record
    "exists:": "neutral", "a:": "neutral", "mx:": "neutral", "ptr:": "neutral",
    "redirect=": "neutral", "exp=": "neutral", "x=": "neutral",
    "include:": "permerror", "ip4:": "permerror", "foo": "permerror",
}


@pytest.mark.parametrize("begin", LONG)
def test_tokens_of_4000_bytes(begin):
    said, server = outcome(txt(f"v=spf1 {begin}%{{d}}{'x' * 4000}.com ?all"))
    assert said["result"] == LONG[begin]
    assert server.tcp == 1


def test_an_explanation_of_608_bytes():
    """CVE-2023-42118."""
    zone = {**txt("v=spf1 -all exp=e.example.com"),
            "e.example.com": [("TXT", "%{d}" * 127 + "x" * 100)]}
    said, _ = outcome(zone)
    assert said["result"] == "fail"
    assert said["explanation"] == ("a.example.com" * 127)[:508] + "..."


def test_an_explanation_of_608_bytes_and_libspf2_alone():
    """Some distributions have mended it, so this only tells."""
    zone = {**txt("v=spf1 -all exp=e.example.com"),
            "e.example.com": [("TXT", "%{d}" * 127 + "x" * 100)]}
    with SuiteServer(zone) as server:
        spf = Spf(server)
        try:
            print("libspf2 alone says", spf.check(SENDER, who="stock")["result"])
        except LabError:
            print("libspf2 alone died, status", spf.child.returncode)
        spf.child.kill()
        spf.child.communicate()


def strings(*parts):
    """A server with one TXT record of these strings."""
    return ScriptServer(lambda q: q.reply([rr(q.name, "TXT", parts)]
                                          if q.type == "TXT" else []))


@pytest.mark.parametrize("parts,result", [
    ([b"v=spf1"] + [b" ip4:198.51.100.77"] * 511, "neutral"),
    ([b"v=spf1"] + [b" ip4:198.51.100.77"] * 510 + [b" -all"], "fail"),
    ([b"v=spf1 "] + [b"-ip6:2001:db8:ffff::77/128 -ip4:203.0.113.0/24 "] * 510
     + [b"ip4:192.0.2.1"], "pass"),
    ([bytes([c]) for c in b"v=spf1 " + b" " * 495 + b" ?all -all"], "neutral"),
    ([b""] * 500 + [b"v=spf1 -all"] + [b""] * 11, "fail"),
    # and as long as a message can be
    ([b"v=spf1 "] + [b"-ip4:198.51.100.77  " * 12] * 260 + [b"-all"], "fail"),
    ([b"v=spf1 "] + [b"exists:%{i}.%{s}.x  " * 12] * 260 + [b"-all"], "permerror"),
])
def test_512_strings(parts, result):
    with strings(*parts) as server, Spf(server) as spf:
        assert spf.check(SENDER)["result"] == result
        assert server.tcp == (sum(map(len, parts)) > 1024)


def test_512_records():
    others = [f"word {i}" for i in range(512)]
    said, server = outcome(txt(*others, "v=spf1 -all"))
    assert (said["result"], said["mechanism"]) == ("fail", "-all")
    assert server.tcp == 1
    said, _ = outcome(txt("v=spf1 +all", *others, "v=spf1 -all"))
    assert said["result"] == "permerror"


# ---- answers that are none --------------------------------------------------------------


def truth(q):
    if q.type == "TXT":
        return [rr(q.name, "TXT", [b"v=spf1 a:host.example.com -all"])]
    return [rr(q.name, "A", "192.0.2.99")]


def lie(q):
    """With it the client passes."""
    return [rr(q.name, "TXT", [b"v=spf1 +all"]) if q.type == "TXT"
            else rr(q.name, "A", "192.0.2.1")]


def other_id(q):
    return q._replace(id=(q.id + 1) % 65536)


def other_type(q):
    return q._replace(raw=q.raw[:-4] + struct.pack("!HH", 255, 1))


LIES = {
    "wrong id, then the truth": lambda q: [other_id(q).reply(lie(q)), q.reply(truth(q))],
    "wrong question, then the truth": lambda q: [
        other_question(q).reply(lie(q)), q.reply(truth(q))],
    "every wrong id but one": lambda q: [
        q._replace(id=(q.id + i) % 65536).reply(lie(q)) for i in range(1, 200)],
    "wrong id": lambda q: other_id(q).reply(lie(q)),
    "wrong question": lambda q: other_question(q).reply(lie(q)),
    "wrong type of question": lambda q: other_type(q).reply(lie(q)),
    "a question back": lambda q: q.reply(lie(q), flags=0),
    "truncated, with a lie, and the truth by TCP": lambda q: q.reply(
        truth(q) if q.tcp else lie(q), flags=QR | AA | (0 if q.tcp else TC)),
    "truncated by TCP too": lambda q: q.reply(lie(q), flags=QR | AA | TC),
    "truncated, and silence": lambda q: None if q.tcp else q.reply(flags=QR | AA | TC),
    "about another name": lambda q: q.reply(
        [rr("other.test", "A", "192.0.2.1"), rr("other.test", "TXT", [b"v=spf1 +all"])]),
    "nxdomain with records": lambda q: q.reply(lie(q), rcode=NXDOMAIN),
    "servfail with records": lambda q: q.reply(lie(q), rcode=SERVFAIL),
    "cut off": lambda q: q.reply(lie(q))[:-2],
    "more counted than there is": lambda q: (
        lambda m: m[:6] + b"\0\7" + m[8:])(q.reply(lie(q))),
    "garbage": lambda q: struct.pack("!H", q.id) + random.Random(q.id).randbytes(300),
    "loop of 1": lambda q: loop(q, 1),
    "loop of 2": lambda q: loop(q, 2),
    "loop of 300": lambda q: loop(q, 300),
}


@pytest.mark.parametrize("kind", ["TXT", "A"])
@pytest.mark.parametrize("way", LIES)
def test_lies(way, kind):
    """Only questions of one type are answered with lies."""
    def answer(q):
        return LIES[way](q) if q.type == kind else q.reply(truth(q))

    with ScriptServer(answer) as server, Spf(server, patience_ms=500) as spf:
        said = spf.check(SENDER, ms=3000)
    wanted = "fail" if "truth" in way else "temperror"
    assert said["result"] == wanted, said
    assert said["queries"] <= 2
