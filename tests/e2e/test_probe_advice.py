# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe --advice`: for which server it is, and what it names."""

import json
import re
import socket

import pytest

import lab
import zoo
from lab import Guard, Sendmail
from sink import DENIED, Sink, closed, open_relay, run
from test_probe_report import EVIL, FORMATS


def advised(port, form="json", *options):
    done = run("--format", form, "--advice", *options, f"127.0.0.1:{port}")
    assert done.stderr == ""
    return json.loads(done.stdout)["advice"] if form == "json" else done.stdout


def advice(answer, banner, *options):
    with Sink(answer, f"220 mx.sink.test {banner}") as sink:
        return advised(sink.port, "json", *options)


def passes(pattern, otherwise=closed):
    """What matches passes, all else is refused."""
    return lambda verb, line, n: "250 ok" if verb == "RCPT" and re.search(pattern, line) else (
        otherwise(verb, line, n))


BANNERS = [
    ("ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2; (No UCE/UBE)", "Sendmail", "nopercenthack"),
    ("ESMTP Postfix (Debian/GNU)", "Postfix", "allow_untrusted_routing"),
    ("ESMTP Exim 4.96 Tue, 24 Nov 2026 20:00:00 +0000", "Exim", "percent_hack_domains"),
    ("Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026", "Microsoft Exchange",
     "RecipientValidationEnabled"),
    ("ESMTP OpenSMTPD", "OpenSMTPD", "routing by addresses"),
    ("EMWAC SMTPRS 0.83", "EMWAC IMS", "port 25"),
    ("ESMTP", "an unknown mail server", "routing by addresses"),
]


@pytest.mark.parametrize("banner, server, word", BANNERS, ids=[b[1] for b in BANNERS])
def test_banner_tells_the_server(banner, server, word):
    a = advice(passes("<probe90%.*@mx"), banner)
    assert a["server"] == server
    assert a["how"] == ("as its banner says" if server != BANNERS[-1][1] else
                        "neither banner nor replies tell which, so the advice is general")
    assert [(p["forms"], p["ids"], p["tests"]) for p in a["paragraphs"]] == [
        ("percent-hack", "P08", 1)]
    assert word in a["paragraphs"][0]["text"]


@pytest.mark.parametrize("refusal, server", [
    ("550 5.7.1 <u@d>... Relaying denied", "Sendmail"),
    ("554 5.7.1 <u@d>: Relay access denied", "Postfix"),
    ("550 relay not permitted", "Exim"),
    ("550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "Microsoft Exchange"),
    ("550 Invalid recipient: <u@d>", "OpenSMTPD"),
    ("550 5.7.1 no", "an unknown mail server"),
    ("550 5.7.1 <u@d>... Relaying denied (P08 percent-hack)", "an unknown mail server"),
])
def test_replies_tell_the_server(refusal, server):
    def answer(verb, line, n):
        reply = passes("!root")(verb, line, n)
        return refusal if reply == DENIED else reply

    assert advice(answer, "ESMTP ready")["server"] == server


def test_banner_and_replies_that_differ():
    def answer(verb, line, n):
        reply = closed(verb, line, n)
        return "550 relay not permitted" if reply == DENIED else reply

    a = advice(answer, "ESMTP Postfix")
    assert a == {"server": "Postfix", "paragraphs": [],
                 "how": "as its banner says, though its replies read like those of Exim"}


def test_plain_foreign_mail_comes_first():
    a = advice(open_relay, "ESMTP Sendmail 8.17", "--profile", "full", "--relay-domain",
               "relay.test")
    first, *rest = a["paragraphs"]
    assert first["forms"].startswith("plain foreign mail, outside-to-outside")
    assert first["ids"].startswith("A P01 P05 ") and "promiscuous_relay" in first["text"]
    assert len(rest) > 3 and len({p["text"] for p in a["paragraphs"]}) == len(rest) + 1
    with Sink(open_relay) as sink:
        doc = json.loads(run("--advice", "--format", "json", "--profile", "full",
                             f"127.0.0.1:{sink.port}").stdout)
    told = sum(p["tests"] for p in doc["advice"]["paragraphs"])
    assert told == doc["grades"]["relays"] + 1  # control A


def test_a_closed_server_needs_none():
    with Sink(closed) as sink:
        text = advised(sink.port, "text", "-qq")
    assert ": nothing relays, nothing to change" in " ".join(text.split())


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_it(form):
    with Sink(open_relay, f"220 mx.sink.test Sendmail {EVIL}") as sink:
        text = advised(sink.port, form) if form != "json" else json.dumps(advised(sink.port))
    assert ("promiscuous_relay" in text) == (form != "nagios")
    if form == "html":
        assert "FEATURE(`relay_local_from&#39;)" in text and "<script" not in text
    if form == "text":
        assert all(len(line) <= 80 for line in text[text.index("\nadvice for"):].split("\n"))


def test_the_guard_allows_it_itself():
    with Guard("local mx.guard.test\nclient 198.51.100.7\n") as guard:
        done = run("--milter", str(guard.socket), "--advice", "--format", "json", "--name",
                   "mx.guard.test", "--source", "198.51.100.7")
    a = json.loads(done.stdout)["advice"]
    assert a["server"] == "relayguard" and len(a["paragraphs"]) == 1
    assert "relayguard policy show" in a["paragraphs"][0]["text"]


# ---- real servers -------------------------------------------------------------


def test_sendmail_that_believes_senders():
    """What the advice names is what was put in."""
    with Sendmail(extra_mc=["FEATURE(`relay_local_from')"]) as mta:
        a = advised(mta.port)
    assert (a["server"], a["how"]) == ("Sendmail", "as its banner says")
    assert "P06" in a["paragraphs"][0]["ids"].split()
    assert "Remove FEATURE(`relay_local_from')" in a["paragraphs"][0]["text"]


class Relayed:
    """An answer for a Sink that asks a real server, whose banner nobody sees."""

    def __init__(self, port):
        self.port, self.file = port, None

    def __call__(self, verb, line, n):
        if verb == "QUIT":
            return None  # another connection of the client may still need it
        if n == 1:
            upstream = socket.create_connection(("127.0.0.1", self.port), 30, (lab.OUTSIDER, 0))
            self.file = upstream.makefile("rwb")
            self.read()
        self.file.write(line.encode("latin-1") + b"\r\n")
        self.file.flush()
        return self.read()

    def read(self):
        lines = [self.file.readline()]
        while lines[-1][3:4] == b"-":
            lines.append(self.file.readline())
        return b"".join(lines)


@pytest.mark.parametrize("kind, server", [
    ("Sendmail", "Sendmail"), ("Postfix", "Postfix"), ("Exim", "Exim"),
    ("OpenSMTPD", "OpenSMTPD"),
])
def test_real_servers_are_recognised(kind, server):
    """By the banner, and by the replies when that tells nothing."""
    if kind != "Sendmail" and zoo.available():
        pytest.skip(f"{kind}: {zoo.available()}")
    with (Sendmail() if kind == "Sendmail" else getattr(zoo, kind)()) as mta:
        a = advised(mta.port)
        assert (a["server"], a["how"]) == (server, "as its banner says")
        with Sink(Relayed(mta.port), "220 mx.sink.test ESMTP") as sink:
            a = advised(sink.port)
        assert (a["server"], a["how"]) == (server, "as its replies read")
