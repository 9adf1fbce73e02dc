# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe` and connections that break, stall or tell no name."""

import re
import time

import pytest

from lab import free_port
from sink import (DROP, OK, PAPER, SILENT, Result, Sink, closed, only, probe)

# ---- connections that break -------------------------------------------------


@pytest.mark.parametrize("how", [DROP, "421 4.7.0 too many"], ids=["drop", "421"])
@pytest.mark.parametrize("after", [9, 23])
def test_goes_on_after_a_break(how, after):
    def answer(verb, line, n):
        return how if n > after else closed(verb, line, n)

    r = probe(answer)
    assert (r.exit, r.totals["refused"]) == (0, 20)
    assert 3 < r.doc["connections"] < 60


def test_drop_at_a_form_leaves_only_that_form_untested():
    r = probe(lambda verb, line, n: DROP if "%" in line else closed(verb, line, n))
    assert (r.exit, r.verdict) == (2, "inconclusive")
    assert r.with_outcome("unanswered") == ["P08", "P09", "P11"]
    assert r.totals["refused"] == 17


def test_drop_at_every_paper_form_leaves_the_senders_tested():
    odd = re.compile(r'RCPT TO:<?(.*%|.*!|"|@|.*@.*@)')
    r = probe(lambda verb, line, n: DROP if odd.match(line) else closed(verb, line, n))
    assert r.exit == 2
    assert r.with_outcome("unanswered") == PAPER[8:19]


def test_accepted_and_then_dropped_is_accepted():
    def answer(verb, line, n):
        if line.endswith("!root"):
            return OK
        return DROP if line.endswith("!nobody") else closed(verb, line, n)

    r = probe(answer)
    assert (r.exit, r.with_outcome("accepted")) == (1, ["P17"])


@pytest.mark.parametrize("step", ["EHLO", "RSET", "MAIL", "RCPT"])
def test_drop_at_every_step(step):
    r = probe(only(step, DROP))
    assert r.exit == 3
    assert r.totals["untested"] + r.totals["unanswered"] == 20
    assert (r.totals["unanswered"] > 0) == (step in ("MAIL", "RCPT"))
    assert r.doc["connections"] <= 100


@pytest.mark.parametrize("banner", [
    "554 no service", "421 too busy", DROP, "SSH-2.0-OpenSSH_9.2",
], ids=["554", "421", "drop", "not SMTP"])
def test_banner_is_no_welcome(banner):
    r = probe(closed, banner=banner)
    assert (r.exit, r.totals["untested"]) == (3, 20)
    assert r.seconds < 10


def test_connection_refused():
    r = Result(free_port())
    assert (r.exit, r.totals["untested"]) == (3, 20)
    assert "connection refused" in r.doc["reasons"][0]


@pytest.mark.parametrize("answer, banner", [
    (only("RCPT", SILENT), "220 mx.sink.test ESMTP"),
    (only("EHLO", SILENT), "220 mx.sink.test ESMTP"),
    (closed, SILENT),
    (closed, b"220 no line end"),
], ids=["RCPT", "EHLO", "banner", "half a line"])
def test_silent_server(answer, banner):
    r = probe(answer, "--timeout", "1", banner=banner)
    assert (r.exit, r.totals["untested"]) == (3, 20)
    assert "no answer in time" in r.doc["reasons"][0]
    assert r.seconds < 10


def test_dripping_server():
    """A byte now and then does not extend the time for a reply."""
    def drip(client, reply):
        for byte in b"220 mx.sink.test":
            client.sendall(bytes([byte]))
            time.sleep(0.4)
        return False

    with Sink(closed) as sink:
        sink.send = drip
        r = Result(sink.port, "--timeout", "1")
    assert r.exit == 3
    assert r.seconds < 5


def test_dropped_claims_cost_nothing_else():
    """A server that hangs up on a name it is told still answers the rest."""
    def answer(verb, line, n):
        claims = ("EHLO localhost", "EHLO mx.sink.test")
        return DROP if line in claims else closed(verb, line, n)

    r = probe(answer, "--profile", "full", "--relay-domain", "relay.test")
    assert r.with_outcome("unanswered") == ["P01.8", "P01.10", "P00.10"]
    assert r.totals["untested"] == 0


def test_rate_and_total_time():
    r = probe(closed, "--rate", "30", "--profile", "classic")
    assert 17 / 30 <= r.seconds < 5
    r = probe(closed, "--rate", "10", "--profile", "full", "--total", "2")
    assert r.exit == 3
    assert r.seconds < 4
    assert r.totals["refused"] >= 5
    assert "total time limit reached" in " ".join(r.doc["reasons"])


def test_tarpit_is_waited_for():
    def slow(verb, line, n):
        time.sleep(0.05)
        return closed(verb, line, n)

    r = probe(slow, "--profile", "classic")
    assert (r.exit, r.totals["refused"]) == (0, 17)


# ---- who the server is ------------------------------------------------------


@pytest.mark.parametrize("banner, ehlo, name", [
    ("220-ready\n220 for service", "250-mx.sink.test Hello\n250 HELP", "mx.sink.test"),
    ("220-MX.Sink.Test ready\n220 for service", "250 hello", "mx.sink.test"),
    ("220 ready", "250 hello", "[127.0.0.1]"),
    ("220 *****", "250-\x1b[31m.evil\n250 ok", "[127.0.0.1]"),
])
def test_name_of_the_server(banner, ehlo, name):
    def answer(verb, line, n):
        return ehlo if verb == "EHLO" else closed(verb, line, n)

    r = probe(answer, banner=banner)
    assert r.doc["target"]["name"] == name
    assert r.exit == 0
    assert "probe90%relayguard-other.example@" + name in r.sink.arguments("RCPT")


def test_helo_for_old_servers():
    r = probe(only("EHLO", "500 what?"))
    assert r.exit == 0
    assert "HELO [127.0.0.2]" in r.sink.commands
