# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe --prove`: messages where a recipient is accepted, and a
catcher that is the server's next hop.  The servers are sinks whose delivery a
test decides, and real sendmails, whose own logs say what they delivered."""
import contextlib
import re
import socket

import lab
import pytest
from lab import Guard, Sendmail, SmtpSession, free_port
from proved import UNPROVED, Proved, delivered, next_hop
from sink import OK, PAPER, Result, Sink, closed, run

FIELD = "X-Relayguard-Probe: "


# ---- sinks that take messages -------------------------------------------------


class Taker:
    """An answer for a Sink: envelopes as answer says, and at the end of each
    message the reply of deliver(lines, recipients)."""

    def __init__(self, answer, deliver):
        self.answer, self.deliver = answer, deliver
        self.lines, self.recipients, self.messages = None, [], []

    def __call__(self, verb, line, n):
        if self.lines is not None:
            if line != ".":
                self.lines.append(line)
                return b""
            message, self.lines = self.lines, None
            self.messages.append(message)
            return self.deliver(message, self.recipients)
        reply = self.answer(verb, line, n)
        if verb == "MAIL":
            self.recipients = []
        if verb == "RCPT" and reply is None:
            self.recipients.append(line.split(":", 1)[1])
        if verb == "DATA" and reply is None:
            self.lines = []
            return "354 go ahead"
        return reply


def send(port, lines, sender="<>"):
    """Give a message to the catcher; its reply."""
    with SmtpSession(("127.0.0.1", port), "127.0.0.1") as smtp:
        smtp.envelope(sender, "<whoever@next.example>")
        return smtp.data("".join(line + "\r\n" for line in lines))


def forward(port):
    return lambda lines, _: f"250 {send(port, lines).code}"


def bounce(port):
    def deliver(lines, _):
        head = ["From: MAILER-DAEMON@mx.sink.test", "Subject: could not send", "",
                "This is what you sent:", ""]
        send(port, head + ["> " + line for line in lines])
        return OK
    return deliver


def swallow(lines, _):
    return OK


def prove(answer, deliver, *options):
    """deliver: made by a function of the catcher's port."""
    catch = free_port()
    taker = Taker(answer, deliver(catch))
    with Sink(taker) as sink:
        result = Proved(sink.port, catch, *options)
    result.messages = taker.messages
    return result


def no_answer(verb, line, n):
    return None


def refuse_data(verb, line, n):
    return "554 5.7.1 no mail from you" if verb == "DATA" else None


def only_percent(verb, line, n):
    return None if "%" in line and verb == "RCPT" else closed(verb, line, n)


def test_what_arrives_is_relayed():
    r = prove(no_answer, forward)
    assert (r.exit, r.verdict) == (1, "relays")
    assert r.proved("delivered") == PAPER
    assert r.doc["reasons"][0] == "delivered to the catcher: " + " ".join(PAPER)
    assert r.control("A") == r.control("C") == ("accepted", "delivered")
    assert r.control("B") == ("accepted", "none")  # the postmaster gets nothing
    tokens = [a["token"] for t in r.tests.values() for a in t["attempts"]]
    assert len(set(tokens)) == len(tokens) == 40
    assert all(re.fullmatch(r"[0-9a-f]{32}-[0-9a-f]{4}", t) for t in tokens)


def test_the_message_says_what_it_is():
    r = prove(no_answer, forward)
    message = next(m for m in r.messages if "relay test P08," in " ".join(m))
    token = r.tests["P08"]["attempts"][0]["token"]
    assert message[0] == FIELD + token
    for line in (f"Message-ID: <{token}@relayguard-probe.example>",
                 "Auto-Submitted: auto-generated", token,
                 "From: relay test <probe@relayguard-probe.example>"):
        assert line in message
    assert not any(line.startswith(".") for line in message)


def test_one_form():
    r = prove(only_percent, forward)
    assert (r.exit, r.proved("delivered")) == (1, ["P08", "P09", "P11"])
    assert r.control("A") == ("refused", "none")
    assert ">>> DATA" in r.tests["P08"]["attempts"][0]["transcript"]


def test_refused_at_data_is_not_relayed():
    r = prove(refuse_data, lambda _: swallow)
    assert r.proved("refused") == PAPER
    assert (r.exit, r.verdict) == (2, "inconclusive")  # it may refuse everybody
    assert any("refused at DATA" in reason for reason in r.doc["reasons"])


def test_refused_after_the_message():
    r = prove(only_percent, lambda _: lambda *_: "550 5.7.1 a relay test, I see")
    assert r.proved("refused") == ["P08", "P09", "P11"]
    assert (r.exit, r.verdict) == (0, "closed")
    assert "I see" in r.tests["P08"]["attempts"][0]["note"]


@pytest.mark.parametrize("reply", ["451 4.3.0 later", OK])
def test_accepted_and_not_delivered(reply):
    r = prove(only_percent, lambda _: lambda *_: reply)
    assert r.proved("unseen") == ["P08", "P09", "P11"]
    assert (r.exit, r.verdict) == (2, "inconclusive")
    assert r.doc["reasons"] == [
        "accepted but not delivered: P08 P09 P11",
        "no mail has come to the catcher: is it the server's next hop?"]


def test_connection_lost_after_the_message():
    def deliver(catch):
        def lose(lines, recipients):
            send(catch, lines)
            return b"421 4.3.0 sorry\r\n"
        return lose
    r = prove(only_percent, deliver)
    assert (r.exit, r.proved("delivered")) == (1, ["P08", "P09", "P11"])


def test_what_comes_back_is_not_relayed():
    r = prove(only_percent, bounce)
    assert r.proved("bounced") == ["P08", "P09", "P11"]
    assert (r.exit, r.verdict) == (0, "closed")


def test_server_that_takes_any_name_is_closed_when_nothing_leaves_it():
    """Without --prove nobody can tell, see test_probe_profiles.py."""
    def answer(verb, line, n):
        here = re.search(r"@(mx.sink.test|\[127.0.0.1\])>?$", line) or "@" not in line
        return None if verb == "RCPT" and here or "-control@" in line else closed(verb, line, n)

    def deliver(catch):
        return lambda lines, to: forward(catch)(lines, to) if "-control@" in to[0] else OK
    r = prove(answer, deliver, "--to", "x.test")
    assert r.control("N") == ("accepted", "none")
    assert r.control("C") == ("accepted", "delivered")
    assert {"P08", "P09", "P11"} <= set(r.proved("unseen"))
    # the only way out is that of the control, from the trusted source
    assert "relayed" not in " ".join(r.doc["reasons"])


def test_mail_of_others_is_put_off_and_nothing_hurts_the_catcher():
    codes, broken = [], []

    def deliver(catch):
        def hurt(lines, _):
            if not codes:
                codes.append(send(catch, ["Subject: hello", "", "a letter"]).code)
                forged = FIELD + "0" * 32 + "-0001"
                codes.append(send(catch, [forged, "", forged]).code)
                codes.append(send(catch, [lines[0][:-4] + "zzzz", ""]).code)
                codes.append(send(catch, [lines[0][:-4] + "ffff", ""]).code)
                codes.append(send(catch, lines[:1] + ["x" * 1000] * 1100).code)
                broken.extend(garbage(catch))
            return forward(catch)(lines, _)
        return hurt
    r = prove(no_answer, deliver)
    for s in broken:
        s.close()
    assert codes == [451] * 5
    assert r.proved("delivered") == PAPER


def garbage(port):
    """Clients that stay and are no mail servers, as many as there is room."""
    held = []
    for text in [b"", b"\0\xff\x1b" * 5000, b"DATA\r\n", b"GET / HTTP/1.1\r\n\r\n",
                 b"x" * 100_000] * 5:
        s = socket.create_connection(("127.0.0.1", port))
        s.settimeout(2)
        with contextlib.suppress(OSError):
            s.sendall(text)
        held.append(s)
    return held


def test_text_report():
    catch = free_port()
    with Sink(Taker(only_percent, forward(catch))) as sink:
        done = run("--prove", "--catch", f"127.0.0.1:{catch}", f"127.0.0.1:{sink.port}")
    assert done.returncode == 1
    assert re.search(r"^P08 .*accepted, delivered", done.stdout, re.M)
    assert ("3 of 20 tests relayed; 17 refused\nmessages: 3 delivered, 0 not seen, "
            "0 bounced, 0 refused at DATA\nverdict: relays\n"
            "  delivered to the catcher: P08 P09 P11\n") in done.stdout


def test_catcher_that_cannot_listen():
    with socket.create_server(("127.0.0.1", 0)) as other, Sink(closed) as sink:
        port = other.getsockname()[1]
        r = Result(sink.port, "--prove", "--catch", f"127.0.0.1:{port}")
    assert r.exit == 3
    assert r.doc["reasons"] == [f"--catch 127.0.0.1 port {port}: somebody else listens there"]
    assert sink.commands == []


CATCH = ["--prove", "--catch", "127.0.0.1:2525"]


@pytest.mark.parametrize("options, word", [
    (["--prove"], "--prove needs --catch"),
    (["--catch", "127.0.0.1:2525"], "--catch goes with --prove"),
    (["--prove", "--catch", "mail.example:25"], "'mail.example:25' is not ADDRESS:PORT"),
    (["--prove", "--catch", "127.0.0.1:0"], "not ADDRESS:PORT"),
    ([*CATCH, "--wait", "0"], "--wait"),
    ([*CATCH, "--to", "korea.com"], "--to is somebody's domain"),
    ([*CATCH, "--to", "d.test", "--to", "notexample"], "--to is somebody's domain"),
    ([*CATCH, "--to", "example.com.evil.org"], "reserved names only"),
    ([*CATCH, "--relay-domain", "partner.org"], "--relay-domain is somebody's"),
    ([*CATCH, "--name", "mx.google.com"], "--name may be somebody else's"),
    ([*CATCH, "--literal", "9.9.9.9", "127.0.0.1"], "--literal is not"),
    ([*CATCH, "--map", "unix:/nonexistent"], "not a door"),
])
def test_no_message_to_anybody(options, word):
    done = run(*options)
    assert (done.returncode, done.stdout) == (64, "")
    assert word in done.stderr


def test_reserved_names_are_welcome():
    with Sink(closed) as sink:
        r = Proved(sink.port, free_port(), "--to", "a.example.org", "--to", "b.invalid",
                   "--relay-domain", "r.test", "--name", "mx.example.net",
                   "--literal", "192.0.2.1")
    assert r.exit == 0


# ---- real sendmail: what it delivers, by its own log ----------------------------

POLICY = "local guard.test\nlocal mx.guard.test\nlocal [127.0.0.1]\nrelay relay.test\n"
# forms that sendmail passes on to a relay domain whatever is set
DECNET_AND_OTHERS = {"G13", "G14", "G15", "G16", "G17", "G18", "G19", "G27", "G29"}
SETTINGS = {
    "closed": (dict(), DECNET_AND_OTHERS),
    "open": (dict(wide_open=True), None),
    "loose_relay_check": (dict(extra_mc=["FEATURE(`loose_relay_check')"]), DECNET_AND_OTHERS
                          | {"G01", "G02", "G03", "G06", "G07", "G08", "G09", "G10", "G11",
                             "G20", "G21", "G22", "G23", "G24", "G25", "G28"}),
    "relay_local_from": (dict(extra_mc=["FEATURE(`relay_local_from')"]), DECNET_AND_OTHERS
                         | {"P00", "P06", "P09", "P10", "P11", "P13", "P16", "P18", "P19",
                            "T10", "P00.1", "P00.6", "P00.8", "P00.10", "P01.1", "P03.1",
                            "P06.1", "P06.2", "P19.2", "P19.3"}),
    "gateway": (dict(extra_mc=["FEATURE(`nouucp',`nospecial')",
                               "FEATURE(`nopercenthack',`nospecial')"]), DECNET_AND_OTHERS
                | {"G01", "G03", "G06", "G08", "G09", "G10", "G21", "G22", "G23", "G24",
                   "G25", "G28"}),
    "guarded": (dict(wide_open=True), set()),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_sendmail_proof_log_and_acceptance_agree(name):
    """One run with recipients only, one with messages: the tests that are open
    by the one, by the other and by sendmail's log are the same."""
    more, expected = SETTINGS[name]
    catch = free_port()
    more = {**more, "extra_mc": [*more.get("extra_mc", []), *next_hop(catch)]}
    options = ["--profile", "full", "--relay-domain", "relay.test",
               "--local-user", "daemon@guard.test"]
    with contextlib.ExitStack() as stack:
        guard = stack.enter_context(Guard(POLICY)) if name == "guarded" else None
        mta = stack.enter_context(Sendmail(guard=guard, relay_domains=["relay.test"], **more))
        accepted = Result(mta.port, *options)
        assert "stat=Sent" not in mta.log()
        proof = Proved(mta.port, catch, "--wait", "30", *options)
        lab.wait_for(lambda: tokens(proof) <= delivered(mta.log()), "sendmail's log")
        logged = delivered(mta.log())
    open_tests = set(accepted.with_outcome("accepted")) - UNPROVED
    assert set(proof.proved("delivered")) == open_tests
    assert set(proof.proofs) == open_tests  # nothing unseen or bounced
    assert logged == tokens(proof)
    assert (accepted.verdict, proof.verdict) == (("relays",) * 2 if open_tests else
                                                 ("closed",) * 2)
    assert proof.control("C") == proof.control("R") == ("accepted", "delivered")
    if expected is None:  # open: all but what its parser refuses
        assert len(open_tests) > 150 and not open_tests & {"P12", "P14", "T01", "T04"}
    else:
        assert open_tests == expected


def tokens(result):
    """Of the messages that the probe says were delivered."""
    return {a["token"] for t in result.doc["tests"] + result.doc["controls"]
            for a in t["attempts"] if a["proof"] == "delivered"}


def test_sendmail_that_takes_any_name_and_then_finds_nobody():
    """A bounce to the tester's domain comes to the catcher, and is told from
    the message; one to a sender of the server's own stays there."""
    catch = free_port()
    relay_all = ["LOCAL_RULESETS", "SLocal_check_rcpt", "R$*\t$#OK"]
    with Sendmail(extra_cf=relay_all, extra_mc=[
            *next_hop(catch), "FEATURE(`nopercenthack',`nospecial')",
            "FEATURE(`nouucp',`nospecial')", "MODIFY_MAILER_FLAGS(`LOCAL',`-w')",
            "define(`LOCAL_MAILER_PATH',`/bin/false')"]) as mta:
        r = Proved(mta.port, catch, "--wait", "4")
    assert r.proved("bounced") == ["P08", "P17"]
    assert r.proved("unseen") == ["P09", "P11", "P18"]
    assert r.doc["reasons"][0] == (
        "delivered to the catcher: P00 P01 P02 P05 P06 P10 P13 P15 P16 P19")
