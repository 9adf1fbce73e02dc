# SPDX-License-Identifier: BSD-2-Clause
"""What SPF says of a sender is asked when a recipient would be accepted, waited
for within one budget, and told to the client; options switch it, at a reload too."""
import json
import os
import subprocess
import time
from pathlib import Path

import dns_server
import lab
import pytest
from dns_server import NXDOMAIN, SERVFAIL, ScriptServer, rr
from rawmilter import CONTINUE, MilterSession, ask

POLICY = "local guard.test\nrelay relay.test\nclient 192.0.2.0/24\nauth carol\n" \
         "forwarder 198.51.100.208/28\n"
FAR, FORWARDER, TRUSTED = "198.51.100.7", "198.51.100.200", "192.0.2.7"
BY_POLICY = "198.51.100.209"
ALLOWED = "<u@guard.test>"
LONG = "l" * 60 + "." + "o" * 60  # of a domain
SPF = {"fail": "v=spf1 -all exp=why.%{d}",
       "why.fail": "%{i} is not ours,%_100%% sure, see http://spf.test/%{l}",
       "odd": "v=spf1 -all exp=why.%{d}",
       "why.odd": "to\r\n250 be", "rude": "v=spf1 -all exp=why.%{d}",
       "why.rude": "\x1b[2Jcaf\xe9", "long": "v=spf1 -all exp=why.%{d}",
       "why.long": "100%% " * 150,
       LONG: "v=spf1 -all exp=why.long.spf.test",
       "soft": "v=spf1 ~all", "neutral": "v=spf1 ?all", "none": "nothing",
       "pass": "v=spf1 ip4:198.51.100.0/24 -all", "wrong": "v=spf1 nonsense -all",
       "slow": "v=spf1 include:silent.test -all", "lost": "v=spf1 include:servfail.test -all"}


def zone(q):
    """fail.spf.test and so on; whatever is below silent.test is never answered."""
    name = q.name.lower().removesuffix(".spf.test")
    if name.endswith("silent.test"):
        return None
    if name.endswith("servfail.test"):
        return q.reply(rcode=SERVFAIL)
    if name == "null":
        return q.reply([rr(q.name, "MX", (0, "."))] if q.type == "MX" else [])
    if name not in SPF:
        return q.reply(rcode=NXDOMAIN)
    if q.type == "MX":
        return q.reply([rr(q.name, "MX", (10, "mx.spf.test"))])
    if q.type == "TXT":
        text = SPF[name].encode("latin-1")
        return q.reply([rr(q.name, "TXT", [text[i:i + 255] for i in range(0, len(text), 255)])])
    return q.reply()


@pytest.fixture(scope="module")
def dns():
    with ScriptServer(zone) as server:
        yield server


def make(dns, **options):
    return lab.Guard(POLICY, dns_servers=[dns.name], **{
        "sender_domain_check": True, "spf": "enforce", "budget_ms": 1000,
        "spf_forwarders": [FORWARDER], "audit_accepted": True, **options})


@pytest.fixture(scope="module")
def guard(dns):
    with make(dns) as g:
        yield g


@pytest.fixture(scope="module")
def strict(dns):
    with make(dns, spf_permerror="refuse", spf_temperror="defer", sender_domain_unknown="defer",
              sender_domain_null_mx="accept") as g:
        yield g


def tell(guard, domain, recipient=ALLOWED, **who):
    """The answer to MAIL or, if that is no refusal, to RCPT; and which it was."""
    with MilterSession(guard.socket) as m:
        m.greet(who.get("client", FAR), helo=who.get("helo", "client.example"))
        answer = m.mail(f"<a@{domain}>" if domain else "<>", auth=who.get("auth"))
        if answer.kind != CONTINUE:
            return answer, "mail"
        return m.rcpt(recipient), "rcpt"


def told(guard, domain, *more, **who):
    answer, stage = tell(guard, domain, *more, **who)
    return f"{stage} {answer.code} {answer.text[:6].split(' ')[0]} {answer.rule}" \
        if answer.code else answer.verdict


# ---- verdicts ------------------------------------------------------------------

OUTCOMES = [
    # the sender's domain, by default, and with all options the other way
    ("fail.spf.test", "rcpt 550 5.7.23 S05", None),
    ("soft.spf.test", "accept", None),
    ("neutral.spf.test", "accept", None),
    ("none.spf.test", "accept", None),
    ("pass.spf.test", "accept", None),
    ("wrong.spf.test", "accept", "rcpt 550 5.7.24 S08"),
    ("slow.spf.test", "accept", "rcpt 451 4.7.24 S09"),
    ("lost.spf.test", "accept", "rcpt 451 4.7.24 S09"),
    ("no.spf.test", "mail 553 5.1.8 P02", None),
    ("null.spf.test", "mail 550 5.7.27 S06", "accept"),
    ("silent.test", "accept", "mail 451 4.1.8 S07"),
    ("servfail.test", "accept", "mail 451 4.1.8 S07"),
]


@pytest.mark.parametrize("domain, lenient, harsh", OUTCOMES)
def test_outcomes(guard, strict, domain, lenient, harsh):
    assert told(guard, domain) == lenient
    assert told(strict, domain) == (harsh or lenient)


@pytest.mark.parametrize("domain, helo, want", [
    ("pass.spf.test", "fail.spf.test", "rcpt 550 5.7.23 S05"),
    ("fail.spf.test", "pass.spf.test", "rcpt 550 5.7.23 S05"),
    ("", "fail.spf.test", "rcpt 550 5.7.23 S05"),
    ("", "pass.spf.test", "accept"),
    ("pass.spf.test", "wrong.spf.test", "accept"),  # HELO counts when it fails
    ("pass.spf.test", "[198.51.100.7]", "accept"),
    ("", "wrong.spf.test", "rcpt 550 5.7.24 S08")])
def test_both_identities(strict, domain, helo, want):
    assert told(strict, domain, helo=helo) == want


def test_slow_helo_hides_nothing(guard):
    """Whose name the client chooses cannot use up the time of the other."""
    assert told(guard, "fail.spf.test", helo="x.silent.test") == "rcpt 550 5.7.23 S05"


@pytest.mark.parametrize("who", [{"client": TRUSTED}, {"client": FORWARDER},
                                 {"client": BY_POLICY}, {"auth": "carol"}, {"auth": "unlisted"}, {"client": "127.0.0.1"}])
def test_not_asked(dns, strict, who):
    before = dns.questions()
    for domain in "fail", "wrong", "slow":
        start = time.monotonic()
        assert told(strict, f"{domain}.spf.test", **who) == "accept"
        assert time.monotonic() - start < 0.5
    assert told(strict, "x.silent.test", **who) == "accept"
    assert dns.questions() == before


OFF = {"rule_modes": ["P02=off", "S06=off", "S07=off"]}


@pytest.mark.parametrize("options", [
    {"mode": "off", "spf": "off"}, {"spf": "off", **OFF},
    {"spf": "off", "sender_domain_check": False}])
def test_nothing_is_asked_that_no_rule_wants(dns, options):
    with make(dns, **options) as guard:
        before = dns.questions()
        start = time.monotonic()
        for domain in "fail.spf.test", "no.spf.test", "null.spf.test", "rules.silent.test":
            assert told(guard, domain, helo="rules-off.silent.test") == "accept"
        assert time.monotonic() - start < 0.5
        assert dns.questions() == before


def test_existence_is_not_asked_that_no_rule_wants(dns):
    """SPF is, and refuses."""
    SPF["off"] = SPF["off2"] = "v=spf1 -all"
    with make(dns, **OFF) as guard:
        assert told(guard, "off.spf.test") == "rcpt 550 5.7.23 S05"
        assert dns.asked["off.spf.test", "MX"] == 0
        guard.set_options(rule_modes=["P02=off", "S06=off", "S07=monitor"])
        guard.reload()
        lab.wait_for(lambda: told(guard, "off2.spf.test") == "rcpt 550 5.7.23 S05"
                     and dns.asked["off2.spf.test", "MX"] > 0, "one rule is enough")


@pytest.mark.parametrize("options", [
    {"mode": "off"}, {"rule_modes": ["S05=off", "S08=off", "S09=off"]}])
def test_spf_that_no_rule_wants_only_marks(dns, options):
    """Nobody waits at RCPT; at the end of the message it is told."""
    with make(dns, sender_domain_check=False, **options) as guard, \
            MilterSession(guard.socket) as m:
        m.greet(FAR)
        start = time.monotonic()
        m.mail("<a@slow.spf.test>")
        assert m.rcpt(ALLOWED).verdict == "accept"
        assert time.monotonic() - start < 0.5
        m.mail("<a@fail.spf.test>")
        assert m.rcpt(ALLOWED).verdict == "accept"
        m.ask("N")
        changes, _ = m.end()
        assert any(name == "Received-SPF" and value.strip().startswith("fail")
                   for _, _, name, value in changes), changes


@pytest.mark.parametrize("recipient, rule", [
    ("<u@far.test>", "P01"), ("<u%far.test@guard.test>", "P08"), ("<a@b> c@d>", "F01")])
def test_refused_recipients_do_not_wait(dns, guard, recipient, rule):
    """A domain of its own each: nothing of it is in the cache."""
    name = "slow-" + rule.lower()
    SPF[name] = f"v=spf1 include:{name}.silent.test -all"
    start = time.monotonic()
    answer, stage = tell(guard, f"{name}.spf.test", recipient)
    assert (answer.rule, stage) == (rule, "rcpt")
    assert time.monotonic() - start < 0.7
    # it was under way, and no more than that
    assert dns.asked[f"{name}.spf.test", "TXT"] == 1
    assert dns.asked[f"{name}.silent.test", "TXT"] == 0


# ---- what the client and the record are told -------------------------------------


def lines(answer):
    """As the MTA prints it: the milter doubles percent signs."""
    return [line[line.index(" ") + 1:] if i else line
            for i, line in enumerate(answer.text.replace("%%", "%").split("\r\n"))]


def test_explanation(guard):
    first, second = lines(tell(guard, "fail.spf.test")[0])
    assert first == "5.7.23 SPF: this host may not send mail of that domain (S05 spf-fail)"
    assert second.startswith("5.7.23 fail.spf.test explains: 198.51.100.7 is not ours, 100% sure")
    assert second.endswith("see http://spf.test/a") and "\n" not in second
    # control characters are escaped, what is not ASCII is no explanation
    second = lines(tell(guard, "odd.spf.test")[0])[1:]
    assert second in ([], ["5.7.23 odd.spf.test explains: to\\x0d\\x0a250 be"])
    assert len(lines(tell(guard, "rude.spf.test")[0])) == 1
    first, second = lines(tell(guard, "long.spf.test")[0])
    assert "100% 100% " in second and 300 < len(second)
    # RFC 5321 4.5.3.1.5: 512 bytes with the code and CRLF
    for domain in "long", LONG:
        answer = tell(guard, f"{domain}.spf.test")[0]
        assert all(len(f"550-{line}\r\n") <= 512 for line in lines(answer))
    assert len(lines(answer)[1]) > 450


def record_of(guard, sender):
    return next((r for r in guard.audit() if r["sender"] == f"<a@{sender}>"), None)


@pytest.mark.parametrize("domain, stage, verdict, why", [
    ("fail.spf.test", "rcpt", "refuse", "SPF: fail for fail.spf.test, by -all"),
    ("soft.spf.test", "rcpt", "accept", "SPF: softfail for soft.spf.test, by ~all"),
    ("wrong.spf.test", "rcpt", "accept", "SPF: permerror for wrong.spf.test"),
    ("wrong.spf.test", "rcpt", "accept", "passes, though S08 says no: it is off"),
    ("y.silent.test", "rcpt", "accept", "sender's domain: not known"),
    ("null.spf.test", "mail", "refuse", "sender's domain: takes no mail (null MX)")])
def test_record(guard, domain, stage, verdict, why):
    tell(guard, domain)
    record = lab.wait_for(lambda: record_of(guard, domain), "the record")
    assert (record["stage"], record["verdict"]) == (stage, verdict)
    assert any(line.startswith(why) for line in record["why"]), record["why"]


@pytest.mark.parametrize("domain, status, code", [
    ("fail.spf.test", 1, "550"), ("soft.spf.test", 0, None), ("slow.spf.test", 2, "451"),
    ("silent.test", 2, "451")])
def test_check_says_the_same(strict, domain, status, code):
    binary = Path(os.environ.get("RELAYGUARD", lab.BUILD / "relayguard")).resolve()
    argv = [binary, "check", "-c", strict.config, "--client", FAR, "--from", f"<a@{domain}>",
            "--rcpt", ALLOWED, "--own-name", "mx.guard.test"]
    done = subprocess.run([*argv, "--json"], capture_output=True, text=True, timeout=30)
    assert (done.returncode, json.loads(done.stdout)[-1]["code"]) == (status, code)
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    assert code is None or f" {code} " in done.stdout


# ---- the budget ----------------------------------------------------------------------


def test_one_budget(guard):
    """Existence, MAIL FROM and HELO wait for dead servers, together no longer than
    the budget; each further recipient, and time between commands, is free."""
    with MilterSession(guard.socket) as m:
        m.greet(FAR, helo="helo.silent.test")
        waited = []
        for command in (lambda: m.mail("<a@z.silent.test>"), lambda: time.sleep(1.2),
                        *[lambda: m.rcpt(ALLOWED)] * 3):
            start = time.monotonic()
            command()
            waited.append(time.monotonic() - start)
        del waited[1]
        assert 0.9 < sum(waited) < 2.5, waited
        assert sum(waited[2:]) < 0.5, waited
        # the next message has a budget of its own
        m.abort()
        SPF["later"] = "v=spf1 include:later.silent.test -all"
        assert m.mail("<a@later.spf.test>").kind == CONTINUE
        start = time.monotonic()
        m.rcpt(ALLOWED)
        assert 0.4 < time.monotonic() - start < 2.5


# ---- reload ------------------------------------------------------------------------------


def test_reload(dns):
    """Every option about senders is in force after a reload."""
    with make(dns, spf="off", sender_domain_check=False) as guard:
        def becomes(domain, want, **options):
            guard.set_options(**options)
            guard.reload()
            return lab.wait_for(lambda: told(guard, domain) == want, f"{want} after {options}", 20)

        assert told(guard, "fail.spf.test") == told(guard, "no.spf.test") == "accept"
        becomes("no.spf.test", "mail 553 5.1.8 P02", sender_domain_check=True)
        becomes("fail.spf.test", "rcpt 550 5.7.23 S05", spf="enforce")
        becomes("wrong.spf.test", "rcpt 550 5.7.24 S08", spf_permerror="refuse")
        becomes("lost.spf.test", "rcpt 451 4.7.24 S09", spf_temperror="defer")
        becomes("servfail.test", "mail 451 4.1.8 S07", sender_domain_unknown="defer")
        becomes("null.spf.test", "accept", sender_domain_null_mx="accept")
        becomes("fail.spf.test", "accept", spf_forwarders=[FAR])
        becomes("fail.spf.test", "rcpt 550 5.7.23 S05", spf_forwarders=[])
        with ScriptServer(lambda q: q.reply(rcode=NXDOMAIN)) as other:
            becomes("fail.spf.test", "mail 553 5.1.8 P02", dns_servers=[other.name])
        becomes("fail.spf.test", "rcpt 550 5.7.23 S05", dns_servers=[dns.name])
        # a message is judged to its end as it was begun
        with MilterSession(guard.socket) as m:
            m.greet(FAR)
            m.mail("<a@pass.spf.test>")
            m.abort()
            m.mail("<a@fail.spf.test>")
            becomes("fail.spf.test", "accept", spf="off")
            assert m.rcpt(ALLOWED).verdict == "accept"
            m.abort()
            m.mail("<a@fail.spf.test>")
            assert m.rcpt(ALLOWED).verdict == "accept"
        # nobody is asked who can be told nothing: a reload with a mistake
        guard.set_options(dns_servers=["::1"] * 1 + [f"127.0.0.{i}" for i in range(1, 9)])
        guard.reload()
        lab.wait_for(lambda: "dns_servers: 9 are too many" in guard.text("output"), "the error")
        assert told(guard, "no.spf.test") == "mail 553 5.1.8 P02"
