# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard check` and the DNS: it asks as the guard at work does, and with
--explain it tells each question and answer, and SPF term by term.  The word-for-
word account is in tests/unit/test_explain.c; here it is a server that speaks."""
import json
import re

import dns_server
import lab
import pytest
import spf_zone
from dns_server import SERVFAIL
from rawmilter import ask
from watched import command

POLICY = "local guard.test\nclient 192.0.2.0/24\n"
FAR = "198.51.100.7"
ZONE = {
    "real.test": [("MX", "10 mail.real.test"),
                  ("TXT", "v=spf1 ip4:203.0.113.0/24 ip4:198.51.100.0/25 -all")],
    "mail.real.test": [("A", "192.0.2.1")],
    "six.test": [("AAAA", "2001:db8::1")],
    "null.test": [("MX", "0 ")],
    "text.test": [("TXT", "v=spf1 -all")],
    "fail.test": [("A", "192.0.2.1"),
                  ("TXT", "v=spf1 include:inner.test exists:%{ir}.x.fail.test -all "
                          "exp=why.fail.test")],
    "inner.test": [("TXT", "v=spf1 a:mail.real.test -all")],
    "why.fail.test": [("TXT", "no mail from %{i}")],
    "trouble.test": [("A", "192.0.2.1"), ("TXT", "v=spf1 a:servfail.test -all")],
    "slow.test": [("A", "192.0.2.1"), ("TXT", "v=spf1 a:silent.test -all")],
    "wrong.test": [("A", "192.0.2.1"), ("TXT", "v=spf1 mx ip4:1.2.3 -all")],
    "rude.test": [("MX", "10 \x1b[2J.rude.test"), ("TXT", "v=spf1 -all \x1b]0;x\x07")],
}


class Server(spf_zone.SuiteServer):
    def look_up(self, q):
        if q.name == "silent.test":
            return None
        if q.name == "servfail.test":
            return q.reply(rcode=SERVFAIL)
        return super().look_up(q)


@pytest.fixture(scope="module")
def server():
    with Server(ZONE) as running:
        yield running


def settings(server, **more):
    return dict({"sender_domain_check": True, "spf": "enforce", "budget_ms": 700,
                 "dns_servers": [getattr(server, "name", server)]}, **more)


@pytest.fixture(scope="module")
def guard(server):
    with lab.Guard(POLICY, **settings(server)) as running:
        yield running


def check(guard, sender, *more, client=FAR, helo="client.test"):
    return command("check", "-c", guard.config, "--client", client, "--from", sender,
                   "--helo", helo, "--own-name", "mx.guard.test", "--rcpt", "<u@guard.test>",
                   *more)


def lines(guard, *arguments, **more):
    """What --explain adds, without the times.  What is asked ahead may be there,
    or not yet, when it is waited for."""
    done = check(guard, *arguments, "--explain", **more)
    assert done.stderr == ""
    plain = check(guard, *arguments, **more)
    assert done.returncode == plain.returncode
    left = iter(plain.stdout.splitlines())
    found, wait = [], next(left)
    for line in done.stdout.splitlines():
        if line == wait:
            wait = next(left, None)
        else:
            found.append(re.sub(r", \d+ ms\]$", "]", line[4:])
                         .replace("from the cache, of ", ""))
    assert wait is None
    return found


def asked(guard, *arguments, **more):
    done = check(guard, *arguments, "--explain", "--json", **more)
    assert done.stderr == ""
    return [s for step in json.loads(done.stdout) for s in step["asked"]]


# ---------------------------------------------------------------- agreement

ENVELOPES = [(sender, client, helo) for sender in (
    "<a@real.test>", "<a@six.test>", "<a@null.test>", "<a@no.test>", "<a@text.test>",
    "<a@fail.test>", "<a@trouble.test>", "<a@wrong.test>", "<>", "<a@guard.test>",
    "<a@[192.0.2.9]>") for client, helo in (
        (FAR, "client.test"), ("198.51.100.200", "real.test"), ("192.0.2.7", "fail.test"))]


@pytest.mark.parametrize("sender,client,helo", ENVELOPES)
def test_check_answers_as_the_guard_does(guard, sender, client, helo):
    live = ask(guard.socket, "<u@guard.test>", sender=sender, client=client, helo=helo)
    for more in [], ["--explain"]:
        done = check(guard, sender, "--json", *more, client=client, helo=helo)
        last = json.loads(done.stdout)[-1]
        assert (last["verdict"], last["rule"]) == (live.verdict, live.rule)
        assert done.returncode == {"accept": 0, "refuse": 1, "defer": 2}[live.verdict]


def test_no_dns(server, guard):
    before = server.questions()
    done = check(guard, "<a@no.test>", "--no-dns")
    assert done.returncode == 0 and server.questions() == before
    assert done.stdout.startswith("what the DNS says of the sender is left out (--no-dns)\n")
    assert check(guard, "<a@no.test>").returncode == 1
    assert server.questions() > before
    assert check(guard, "<a@no.test>", "--no-dns", "--explain").returncode == 64


# ------------------------------------------------------------------ account

def test_exists_and_passes(server, guard):
    record = "v=spf1 ip4:203.0.113.0/24 ip4:198.51.100.0/25 -all"
    account = [
        f'  real.test TXT: "{record}"  [{server.name}, TTL 60]',
        f"  record of real.test: {record}",
        "  ip4:203.0.113.0/24: no match (the client is not in it)",
        "  ip4:198.51.100.0/25: match: pass (the client is in it)",
        "  result: pass by ip4:198.51.100.0/25 of real.test  "
        "[terms 0/10, voids 0/2, 1 query]"]
    assert lines(guard, "<a@real.test>", helo="real.test") == [
        "real.test TXT: asked meanwhile",
        "real.test TXT: asked meanwhile",
        "sender's domain real.test",
        f"  real.test MX: 10 mail.real.test  [{server.name}, TTL 60]",
        "  exists, has mail servers",
        "SPF of MAIL FROM a@real.test", *account,
        "SPF of HELO real.test", *account]


def test_the_second_identity_finds_the_answer_in_the_cache(server, guard):
    first, second = (s for s in asked(guard, "<a@real.test>", helo="real.test")
                     if s["step"] == "query" and s["type"] == "TXT")
    assert second["cached"] and second["server"] == server.name
    assert first["records"] == second["records"] and second["ms"] <= first["ms"] + 5
    done = check(guard, "<a@real.test>", "--explain", helo="real.test")
    assert done.stdout.count(f"[from the cache, of {server.name}, TTL ") >= 1


def test_fails_with_an_explanation(server, guard):
    found = lines(guard, "<a@fail.test>")
    at = found.index("SPF of MAIL FROM a@fail.test")
    s = f"[{server.name}, TTL"
    assert found[at + 2:] == [
        "  record of fail.test: " + ZONE["fail.test"][1][1],
        "  include:inner.test  [term 1/10]",
        f'    inner.test TXT: "v=spf1 a:mail.real.test -all"  {s} 60]',
        "    record of inner.test: v=spf1 a:mail.real.test -all",
        "    a:mail.real.test  [term 2/10]",
        f"      mail.real.test A: 192.0.2.1  {s} 60]",
        "      a:mail.real.test: no match",
        "    -all: match: fail",
        "    include:inner.test: no match (fail there)",
        "  exists:%{ir}.x.fail.test  [term 3/10]",
        "    %{ir}.x.fail.test is 7.100.51.198.x.fail.test",
        f"    7.100.51.198.x.fail.test A: no such name  {s} 5]",
        "    finds nothing  [void 1/2]",
        "    exists:%{ir}.x.fail.test: no match",
        "  -all: match: fail",
        f'  why.fail.test TXT: "no mail from %{{i}}"  {s} 60]',
        f"  the owner explains: no mail from {FAR}",
        "  result: fail by -all of fail.test  [terms 3/10, voids 1/2, 5 queries]",
        "SPF of HELO: not asked: MAIL FROM fails"]


@pytest.mark.parametrize("sender,wanted", [
    ("<a@no.test>", ["no.test MX: no such name  [{s}, TTL 5]", "does not exist"]),
    ("<a@null.test>", ["null.test MX: 0 .  [{s}, TTL 60]", "takes no mail (null MX)"]),
    ("<a@six.test>", ["six.test MX: no such record  [{s}, TTL 5]",
                      "six.test AAAA: asked meanwhile",
                      "six.test A: no such record  [{s}, TTL 5]",
                      "six.test AAAA: 2001:db8::1  [{s}, TTL 60]",
                      "exists, has an address"]),
    ("<a@servfail.test>", ["servfail.test MX: no answer: SERVFAIL  [{s}, TTL 5]", "not known"]),
    ("<a@silent.test>", ["silent.test MX: no answer: none in time  [TTL 0]", "not known"]),
])
def test_the_domain(server, guard, sender, wanted):
    found = lines(guard, sender)
    at = found.index("sender's domain " + sender[3:-1]) + 1
    assert found[at:at + len(wanted)] == ["  " + w.format(s=server.name) for w in wanted]


@pytest.mark.parametrize("sender,steps", [
    ("<a@wrong.test>", ["  wrong at byte 11: bad address: ip4:1.2.3",
                        "  result: permerror: bad address: ip4:1.2.3  "
                        "[terms 0/10, voids 0/2, 1 query]"]),
    ("<a@trouble.test>", ["    servfail.test A: no answer: SERVFAIL  [{s}, TTL 5]",
                          "  result: temperror: no answer of the DNS: servfail.test  "
                          "[terms 1/10, voids 0/2, 2 queries]"]),
    ("<a@slow.test>", ["    silent.test A: no answer: none in time  [TTL 0]",
                       "  result: temperror: no answer in time: silent.test  "
                       "[terms 1/10, voids 0/2, 2 queries]"]),
])
def test_errors(server, guard, sender, steps):
    found = lines(guard, sender)
    for step in steps:
        assert step.format(s=server.name) in found


def test_how_long_an_answer_took(guard):
    [query] = [s for s in asked(guard, "<a@slow.test>")
               if s["step"] == "query" and s["name"] == "silent.test"]
    assert query["status"] == "no answer" and query["server"] is None
    assert 300 <= query["ms"] <= 2000


@pytest.mark.parametrize("sender,client,why", [
    ("<a@real.test>", "192.0.2.7", "the DNS: not asked: the client is trusted"),
    ("<a@localhost>", FAR, "the DNS: not asked: the sender is refused anyway"),
    ("<>", FAR, "the sender's domain: not asked: the sender has none"),
    ("<a@[192.0.2.9]>", FAR, "the sender's domain: not asked: the sender has none"),
    ("<a@guard.test>", FAR, "the sender's domain: not asked: it is ours"),
    ("<a@real.test>", FAR, "SPF of HELO: not asked: it is no name"),
])
def test_what_is_not_asked_and_why(guard, sender, client, why):
    assert why in lines(guard, sender, client=client, helo="[198.51.100.7]")


def test_a_recipient_that_is_refused_anyway(guard):
    done = command("check", "-c", guard.config, "--client", FAR, "--from", "<a@real.test>",
                   "--rcpt", "<u@d.test>", "--explain")
    assert done.returncode == 1
    assert "    SPF: not asked: the recipient is refused anyway\n" in done.stdout


def test_what_would_be_marked(server):
    """A result that decides nothing is told nevertheless."""
    with lab.Guard(POLICY, **settings(server, spf="mark")) as marks:
        found = lines(marks, "<a@fail.test>")
    assert "SPF: not asked: it decides nothing (spf: mark)" not in found
    assert "  -all: match: fail" in found


@pytest.mark.parametrize("options,why", [
    ({"spf": "off"}, "SPF: not asked: spf is off"),
    ({"sender_domain_check": False},
     "the sender's domain: not asked: sender_domain_check is off"),
    ({"spf": "off", "sender_domain_check": False},
     "the DNS: not asked: sender_domain_check and spf are off"),
    ({"rule_modes": ["P02=off", "S06=off"], "spf": "off"},  # S07 is off by default
     "the DNS: not asked: P02, S06, S07 and spf are off"),
    ({"rule_modes": ["P02=off", "S06=off", "S07=off"]},
     "the sender's domain: not asked: P02, S06 and S07 are off"),
    ({"mode": "off"}, "the sender's domain: not asked: P02, S06 and S07 are off"),
    ({"mode": "off", "spf": "off"}, "the DNS: not asked: P02, S06, S07 and spf are off"),
    ({"spf_forwarders": [FAR]}, "the DNS: not asked: the client forwards (spf_forwarders)")])
def test_what_is_switched_off(server, options, why):
    with lab.Guard(POLICY, **settings(server, **options)) as quiet:
        assert why in lines(quiet, "<a@real.test>")


def test_international_names(server, guard):
    found = lines(guard, "<a@b\xfccher.test>", "--utf8", helo="m\xfcller.test")
    assert "sender's domain xn--bcher-kva.test" in found
    assert "SPF of HELO xn--mller-kva.test" not in found  # the sender does not exist
    found = lines(guard, "<a@\u0301b.real.test>", "--utf8", helo="\u0301x.real.test")
    for what, why in (("the sender's domain", "it is no valid name"),
                      ("SPF of MAIL FROM", "its domain is no valid name"),
                      ("SPF of HELO", "it is no name")):
        assert f"{what}: not asked: {why}" in [line.strip() for line in found]


def test_an_entry_of_the_policy_switches_off(server):
    with lab.Guard(POLICY + f"forwarder {FAR}\n", **settings(server)) as quiet:
        policy = quiet.options["policy_files"][0]
        assert lines(quiet, "<a@real.test>") == [
            f"the DNS: not asked: the client forwards ({policy}:3)"]


def test_the_server_that_answers_is_told(server):
    with dns_server.BrokenServer("servfail") as bad, \
            lab.Guard(POLICY, **settings(server, dns_servers=[bad.name, server.name])) as two:
        for s in asked(two, "<a@real.test>"):
            assert s["step"] != "query" or s["server"] == server.name


# ------------------------------------------------------------------- output

def test_json_tells_the_same(guard):
    *steps, last = asked(guard, "<a@fail.test>")
    assert last == {"step": "skipped", "depth": 0, "what": "SPF of HELO",
                    "why": "MAIL FROM fails"}
    assert [s["step"] for s in steps if s["depth"] == 0] == [
        "ahead", "ahead", "sender domain", "spf"]
    assert [(s["term"], s["number"]) for s in steps if s["step"] == "term"] == [
        ("include:inner.test", 1), ("a:mail.real.test", 2), ("exists:%{ir}.x.fail.test", 3)]
    assert [(s["term"], s["matched"], s["result"]) for s in steps if s["step"] == "match"] == [
        ("a:mail.real.test", False, None), ("-all", True, "fail"),
        ("include:inner.test", False, None), ("exists:%{ir}.x.fail.test", False, None),
        ("-all", True, "fail")]
    assert steps[-1] == {
        "step": "result", "depth": 1, "result": "fail", "mechanism": "-all",
        "domain": "fail.test", "problem": None, "explanation": f"no mail from {FAR}",
        "terms": 3, "voids": 1, "queries": 5}
    without = check(guard, "<a@fail.test>", "--json").stdout
    assert "asked" not in json.loads(without)[0]


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_whatever_servers_say_is_printable(guard, more):
    for sender in "<a@rude.test>", "<\x1b[31m@rude.test>", "<\"\x7f\"@rude.test>":
        done = check(guard, sender, "--explain", *more, helo="\x1b[2J.rude.test")
        assert all(32 <= ord(c) <= 126 for c in done.stdout.replace("\n", ""))
    if not more:
        assert "\\x1b]0;x\\x07" in check(guard, "<a@rude.test>", "--explain").stdout
