# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe` against scripted servers: what it makes of their answers."""

import re

import pytest

from sink import (DENIED, OK, PAPER, closed, is_honest, only, open_relay, probe,
                  strangers)

# ---- what the server says ---------------------------------------------------


def test_closed_server():
    r = probe(closed)
    assert (r.exit, r.verdict) == (0, "closed")
    assert list(r.tests) == PAPER
    assert r.totals["refused"] == 20
    assert r.doc["reasons"] == []
    assert r.doc["target"]["name"] == "mx.sink.test"
    assert r.controls() == [
        ("A", "before", "refused"), ("B", "before", "accepted"),
        ("C", "before", "refused"), ("N", "before", "refused"),
        ("A", "after", "refused"), ("B", "after", "accepted"),
    ]
    assert r.tests["P08"]["by"]["text"] == "relay-rules 5.7.1"


def test_open_relay():
    r = probe(open_relay)
    assert (r.exit, r.verdict) == (1, "relays")
    assert r.totals["accepted"] == 20
    assert "P00 P01" in r.doc["reasons"][0]
    assert "trusts the source" in r.doc["reasons"][1]


def test_what_goes_over_the_wire():
    r = probe(open_relay, "--literal", "192.0.2.25")
    sent = r.sink.arguments("RCPT")
    for argument in [
        "probe90%relayguard-other.example@mx.sink.test",
        "<probe90%relayguard-other.example@mx.sink.test>",
        '"probe90@relayguard-other.example"@[192.0.2.25]',
        '<"probe%relayguard-probe.example">',
        "@[127.0.0.2]:root@relayguard-probe.example",
        "<relayguard-probe.example!nobody@[192.0.2.25]>",
        " probe90@relayguard-other.example",
    ]:
        assert argument in sent
    senders = r.sink.arguments("MAIL")
    for argument in ["<>", " relaytest", "<relaytest>", " spamtest@[192.0.2.25]",
                     "<postmaster@mx.sink.test>"]:
        assert argument in senders
    # reserved domains and the server itself, nobody else
    hosts = {h for a in sent + senders for h in re.findall(r"[\w-]+\.[\w.-]*[a-z]", a)}
    assert hosts == {"mx.sink.test", "relayguard-probe.example",
                     "relayguard-other.example", "relayguard-probe.invalid"}
    assert "EHLO [127.0.0.2]" in r.sink.commands
    # controls C and S have sources of their own
    assert set(r.sink.peers) >= {"127.0.0.2", "127.0.0.1", "127.77.0.77"}


def test_names_by_option():
    r = probe(closed, "--name", "other.test", "--to", "one.example", "--to",
              "two.example", "--local-user", "postmaster")
    assert r.exit == 0
    sent = r.sink.arguments("RCPT")
    assert "probe90%one.example@other.test" in sent
    assert "two.example!root" in sent
    assert sent.count("<postmaster>") == 2


@pytest.mark.parametrize("reply", ["251 forwarded", "252 cannot verify", "250 2.1.5 ok"])
def test_every_kind_of_yes(reply):
    r = probe(strangers(reply))
    assert (r.exit, r.totals["accepted"]) == (1, 20)


def test_digits_in_texts_mean_nothing():
    r = probe(strangers("250 ok, queued as 5305305"))
    assert (r.exit, r.totals["accepted"]) == (1, 20)
    r = probe(strangers("550 5.7.1 error 530, see 250"))
    assert (r.exit, r.totals["refused"]) == (0, 20)


def test_code_of_the_last_line_counts():
    r = probe(strangers("550-5.7.1 530 no\n250 2.1.5 yes"))
    assert (r.exit, r.totals["accepted"]) == (1, 20)
    r = probe(strangers("250-2.1.5 maybe\n550 5.7.1 no"))
    assert (r.exit, r.totals["refused"]) == (0, 20)


def test_one_open_form():
    def answer(verb, line, n):
        if line == "RCPT TO:<probe%relayguard-probe.example@[127.0.0.1]>":
            return OK
        return closed(verb, line, n)

    r = probe(answer)
    assert (r.exit, r.with_outcome("accepted")) == (1, ["P09"])
    assert r.doc["reasons"] == ["relayed: P09"]
    bare, bracketed = r.tests["P09"]["attempts"]
    assert (bare["outcome"], bracketed["outcome"]) == ("refused", "accepted")
    assert ">>> RCPT TO:<probe%relayguard-probe.example@[127.0.0.1]>" in bracketed["transcript"]
    assert "transcript" not in r.tests["P08"]["attempts"][0]


def test_second_recipient_counts():
    r = probe(lambda verb, line, n: OK if line.endswith("!nobody") else closed(verb, line, n))
    assert r.with_outcome("accepted") == ["P17"]


def test_guard_is_told_from_the_mta():
    def answer(verb, line, n):
        if verb == "RCPT" and "%" in line:
            return "550 5.7.1 Relaying denied (P08 percent-hack)"
        if verb == "RCPT" and "!" in line:
            return "553 5.1.3 Invalid route address"
        return closed(verb, line, n)

    r = probe(answer)
    assert r.exit == 0
    assert r.tests["P08"]["by"] == {"layer": "guard", "rule": "P08",
                                    "form": "percent-hack",
                                    "text": "guard P08 percent-hack"}
    assert r.tests["P17"]["by"]["text"] == "parser 5.1.3"
    assert r.tests["P01"]["by"]["layer"] == "relay-rules"


# ---- servers that prove nothing ---------------------------------------------


@pytest.mark.parametrize("answer, word", [
    (only("RCPT", DENIED), "honest recipient"),
    (only("RCPT", "450 4.2.0 greylisted"), "honest recipient"),
    (only("MAIL", "550 5.7.1 you are listed"), "you are listed"),
    (only("MAIL", "450 4.7.1 later"), "honest recipient"),
    (only("MAIL", "530 5.7.0 Must issue a STARTTLS command first"), "530"),
    (only("RSET", "502 what?"), "nothing could be tested"),
    (only("RCPT", b"Hello, is this SMTP?\r\n"), "honest recipient"),
])
def test_a_server_that_refuses_everybody(answer, word):
    r = probe(answer)
    assert (r.exit, r.verdict) == (3, "invalid")
    assert any(word in reason for reason in r.doc["reasons"]), r.doc["reasons"]


def test_shut_out_on_the_way():
    seen = []

    def answer(verb, line, n):
        seen.append(line)
        return "554 5.7.1 go away" if verb == "RCPT" and len(seen) > 60 else closed(verb, line, n)

    r = probe(answer)
    assert r.exit == 3
    assert "no longer accepted" in r.doc["reasons"][0]


def test_relays_although_it_refuses_the_postmaster():
    r = probe(lambda verb, line, n: "550 no such user" if is_honest(line) else None)
    assert r.exit == 1
    assert any("honest recipient" in reason for reason in r.doc["reasons"])


def test_deferred_strangers():
    r = probe(strangers("450 4.7.1 Cannot resolve PTR record"))
    assert (r.exit, r.verdict) == (2, "inconclusive")
    assert r.totals["deferred"] == 20
    # no clear answer: why is in the report without -v
    assert any("Cannot resolve PTR" in line
               for line in r.tests["P08"]["attempts"][0]["transcript"])


def test_garbage_for_strangers():
    r = probe(strangers(b"\xff\xfe\x1b[2Jwhat\r\n"))
    assert (r.exit, r.verdict) == (2, "inconclusive")
    assert r.totals["unanswered"] >= 12


def test_endless_reply_is_an_error():
    r = probe(only("RCPT", b"250-more\r\n" * 5000))
    assert r.exit == 3
    assert r.controls()[0] == ("A", "before", "unanswered")


def test_a_line_without_end_is_an_error():
    r = probe(only("RCPT", b"250 " + b"x" * 20000))
    assert r.exit == 3
    assert r.controls()[0] == ("A", "before", "unanswered")


# ---- senders that are refused -----------------------------------------------


def test_foreign_senders_refused_recipients_judged_with_null_sender():
    def answer(verb, line, n):
        if verb == "MAIL" and (".example" in line or ".invalid" in line):
            return "553 5.1.8 Domain of sender address does not exist"
        return closed(verb, line, n)

    r = probe(answer)
    assert (r.exit, r.totals["refused"]) == (0, 20)
    assert (r.tests["P02"]["step"], r.tests["P02"]["as_paper"]) == ("MAIL", True)
    assert r.tests["P08"]["step"] == "RCPT"
    assert "<> is" in r.tests["P08"]["attempts"][0]["note"]
    assert not r.tests["P08"]["as_paper"]


def test_foreign_senders_refused_but_null_sender_relays():
    def answer(verb, line, n):
        if verb == "MAIL" and not line.endswith(":<>"):
            return "553 5.1.8 Domain of sender address does not exist"
        return None

    r = probe(answer)
    assert r.exit == 1
    # senders that were refused have relayed nothing
    assert r.with_outcome("refused") == ["P00", "P02", "P03", "P04", "P06", "P07", "P19"]
    assert len(r.with_outcome("accepted")) == 13


def test_brackets_required():
    def answer(verb, line, n):
        if verb in ("MAIL", "RCPT") and ":<" not in line:
            return "501 5.5.2 Syntax error"
        return closed(verb, line, n)

    r = probe(answer)
    assert (r.exit, r.totals["refused"]) == (0, 20)
    assert r.tests["P08"]["attempts"][0]["steps"][-1]["command"] == "RCPT"


def test_recipient_not_judged_when_every_sender_is_refused():
    def answer(verb, line, n):
        # only the control's sender passes
        if verb == "MAIL" and "-control@" not in line:
            return "550 5.7.1 sender not welcome"
        return closed(verb, line, n)

    r = probe(answer)
    assert r.exit == 2
    assert r.with_outcome("refused") == ["P00", "P02", "P03", "P04", "P05", "P06", "P07", "P19"]
    assert len(r.with_outcome("untested")) == 12
    assert "not judged" in r.tests["P08"]["attempts"][0]["note"]
