# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard check`: its exit codes, its two ways of telling, and that it
never disagrees with the guard at work: both are asked every line of
tests/vectors/decide.txt."""
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rawmilter import CONTINUE, MilterSession
from watched import Guard, command, vectors

ACCEPT, REFUSE, USAGE, CONFIG = 0, 1, 64, 78
OWN = ["--own-name", "mx.guard.test", "--own-address", "192.0.2.1"]

# The policy that tests/vectors/decide.txt describes.  Only sendmail's access
# file can take something out again.
POLICY = """\
local guard.test
local [192.0.2.25]
relay relay.test
relay .below.test
relay expired.test until=2001-01-01
client 2001:db8::/32
auth alice
"""
ACCESS = """\
To:both.test\tRELAY
To:deny.both.test\tREJECT
Connect:10\tRELAY
Connect:10.66\tREJECT
"""


class Site(Guard):
    def __init__(self, **options):
        super().__init__(POLICY, **options)
        (self.folder / "access").write_text(ACCESS)
        self.set_options(access_file=str(self.folder / "access"))


@pytest.fixture(scope="module")
def guard():
    with Site() as running:
        yield running


@pytest.fixture(scope="module")
def monitoring():
    made = Site(mode="monitor")
    yield made
    made.close()


def check(guard, client, sender, *recipients, more=()):
    rcpt = [word for r in recipients for word in ("--rcpt", r)]
    return command("check", "-c", guard.config, "--client", client,
                   "--from", sender, *rcpt, *OWN, *more)


def steps(guard, *envelope, more=()):
    """Exit status, and the judged steps of --json."""
    done = check(guard, *envelope, more=["--json", *more])
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


# -------------------------------------------------------------- agreement

def told_by_check(guard, client, auth, sender, recipient, claim):
    more = ["--auth", auth] if auth else []
    more += [f"--auth-claim={word}" for word in claim]
    status, found = steps(guard, client, sender, recipient, more=more)
    last = found[-1]
    assert status == {"accept": ACCEPT, "refuse": REFUSE}[last["verdict"]]
    assert last["command"] == ("RCPT TO" if len(found) == 2 else "MAIL FROM")
    return last["verdict"], last["rule"], last["code"], last["dsn"]


def told_by_door(guard, client, auth, sender, recipient, claim):
    with MilterSession(guard.socket) as m:
        m.greet(client)
        answer = m.mail(sender, *(f"AUTH={word}" for word in claim), auth=auth)
        if answer.kind == CONTINUE:
            answer = m.rcpt(recipient)
    if answer.kind == CONTINUE:
        return "accept", None, None, None
    return answer.verdict, answer.rule, str(answer.code), answer.text.split()[0]


def test_check_and_door_agree(guard):
    """With each other and with the vectors, in verdict, rule and reply.  An
    unknown client is nothing that check could be asked about."""
    wrong, asked = [], 0
    for line, fields in vectors("decide.txt"):
        client, auth, sender, recipient, want, *claim = (f.decode("latin-1") for f in fields)
        auth = None if auth == "-" else auth
        door = told_by_door(guard, client, auth, sender, recipient, claim)
        live = door if client == "unknown" else \
            told_by_check(guard, client, auth, sender, recipient, claim)
        asked += 1
        right = ("accept", None) if want == "accept" else ("refuse", want)
        if door != live or door[:2] != right:
            wrong.append(f"decide.txt:{line}: want {want}, check {live}, door {door}")
    print(f"{asked} envelopes asked at both, {len(wrong)} disagreements")
    assert wrong == [] and asked >= 80


# ------------------------------------------------------------- exit codes

def test_exit_codes(guard):
    outside, sender = "198.51.100.7", "<a@outside.test>"
    good, bad = "<b@guard.test>", "<b@d.test>"
    assert check(guard, outside, sender, good).returncode == ACCEPT
    assert check(guard, outside, sender, bad).returncode == REFUSE
    assert check(guard, outside, sender, good, bad).returncode == REFUSE
    assert check(guard, outside, sender, bad, good).returncode == REFUSE
    assert check(guard, "10.1.2.3", sender, bad, good).returncode == ACCEPT
    assert check(guard, outside, "<a@localhost>", good).returncode == REFUSE


FULL = ["--client", "192.0.2.9", "--from", "<>", "--rcpt", "<a@guard.test>"]


@pytest.mark.parametrize("arguments", [
    [], FULL[2:], FULL[:2] + FULL[4:], FULL[:4], [*FULL, "extra"], [*FULL, "--nonsense"],
    ["--client", "mail.example", *FULL[2:]], ["--client", "", *FULL[2:]],
    ["--client", "10.0.0.0/8", *FULL[2:]], ["--client", "unknown", *FULL[2:]],
    [*FULL, "--own-address", "x"], [*FULL, "--rcpt"]], ids=lambda a: " ".join(a) or "nothing")
def test_usage(guard, arguments):
    done = command("check", "-c", guard.config, *arguments)
    assert done.returncode == USAGE and done.stdout == ""
    assert "usage: relayguard check" in done.stderr


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["text", "json"])
def test_bad_configuration(guard, more):
    bad = guard.folder / "bad.yaml"
    bad.write_text("mode: enforce\nnonsense: 1\n")
    done = command("check", "-c", bad, *FULL, *more)
    assert done.returncode == CONFIG and done.stdout == ""
    assert done.stderr == f"relayguard: {bad}:2: unknown option nonsense\n"


# ------------------------------------------------------- what it tells

def test_text(guard):
    """The whole chain, word for word."""
    done = check(guard, "198.51.100.7", "<>", "<u%d.test@relay.test>")
    assert (done.returncode, done.stderr) == (REFUSE, "")
    lines = done.stdout.splitlines()
    rcpt = lines.index("RCPT TO:<u%d.test@relay.test>  refuse 550 5.7.1 "
                       "Relaying denied (P08 percent-hack)")
    assert lines[0] == "MAIL FROM:<>  accept"
    assert "    sender is the null sender" in lines[:rcpt]
    assert lines[rcpt + 1:] == [
        "    client is in no client network: not trusted",
        f"    recipient's domain relay.test is a relay domain ({guard.folder}/relay.policy:3)",
        "    percent-hack leads to d.test, which is neither local nor a relay domain",
        "    sender is the null sender",
        "    refused by P08",
        "    percent-hack: a percent hack: u%d@h goes on to u@d"]


def test_json(guard):
    status, found = steps(guard, "198.51.100.7", "<>", "<u%d.test@relay.test>", "<b@guard.test>")
    assert status == REFUSE and len(found) == 3
    assert [(s["command"], s["verdict"], s["rule"]) for s in found] == [
        ("MAIL FROM", "accept", None), ("RCPT TO", "refuse", "P08"), ("RCPT TO", "accept", None)]
    refused = found[1]
    assert refused["argument"] == "<u%d.test@relay.test>"
    assert (refused["code"], refused["dsn"], refused["form"]) == ("550", "5.7.1", "percent-hack")
    assert refused["text"] == "Relaying denied (P08 percent-hack)"
    assert (refused["trusted"], refused["mode"]) == (False, "enforce")
    assert refused["why"][-1] == "refused by P08"
    assert any(f"{guard.folder}/relay.policy:3" in why for why in refused["why"])


def test_text_and_json_tell_the_same(guard):
    for recipient in ("<b@guard.test>", "<b@d.test>", "<d.test!b>", "junk <", "<>", ""):
        text = check(guard, "198.51.100.7", "<a@outside.test>", recipient)
        status, found = steps(guard, "198.51.100.7", "<a@outside.test>", recipient)
        assert text.returncode == status
        for why in found[-1]["why"]:
            assert f"    {why}\n" in text.stdout


@pytest.mark.parametrize("client,auth,trusted,says", [
    ("127.0.0.1", None, True, "client is this machine: trusted"),
    ("10.1.2.3", None, True, "client is in a client network: trusted"),
    ("10.66.0.1", None, False, "client is taken out of the client networks: not trusted"),
    ("192.0.2.9", None, False, "client is in no client network: not trusted"),
    ("192.0.2.9", "alice", True, "authenticated as alice: trusted"),
    ("192.0.2.9", "bob", False, "authenticated as bob, but no auth entry names it"),
])
def test_reasons_for_trust(guard, client, auth, trusted, says):
    _, found = steps(guard, client, "<a@outside.test>", "<b@d.test>",
                     more=["--auth", auth] if auth else [])
    assert any(why.startswith(says) for why in found[-1]["why"])
    assert found[-1]["trusted"] is trusted


def test_a_refused_sender_is_the_end(guard):
    """As in SMTP: nobody is asked about recipients then."""
    status, found = steps(guard, "198.51.100.7", "<a@localhost>", "<b@guard.test>")
    assert status == REFUSE and [s["rule"] for s in found] == ["P03"]


def test_monitor_mode_is_told(monitoring):
    status, found = steps(monitoring, "198.51.100.7", "<a@localhost>", "<b@d.test>")
    assert [(s["rule"], s["mode"]) for s in found] == [("P03", "monitor"), ("P00", "monitor")]
    text = check(monitoring, "198.51.100.7", "<a@localhost>", "<b@d.test>").stdout
    assert text.count("[monitor: recorded, but accepted]") == 2


@pytest.mark.parametrize("recipient", [
    b"<\x1b[2J@d.test>", b"<a@d.test>\r\nX", b"<\xff\xfe@d.test>",
    "<a＠d.test>".encode(), b"<%s%n@d.test>", b"<" + b"a" * 5000 + b"@d.test>"],
    ids=["ESC", "CR LF", "8 bit", "full-width at", "format", "5000 bytes"])
def test_output_is_printable(guard, recipient):
    """Whatever the argument, a terminal gets printable ASCII."""
    more = ["check", "-c", guard.config, "--client", "192.0.2.9", "--from", "<>", "--rcpt",
            recipient]
    for extra in ([], ["--json"]):
        done = command(*more, *extra)
        assert done.returncode == REFUSE
        assert all(32 <= ord(c) <= 126 for c in done.stdout.replace("\n", ""))
