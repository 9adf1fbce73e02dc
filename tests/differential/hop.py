# SPDX-License-Identifier: BSD-2-Clause
"""hop - what one mail server makes of recipients: its sendmail, the tracing
filter behind it, and a client that asks about many at once.

A hop for the second step needs a name and one method:

    resolve(recipients) -> [(recipient, destination or None), ...]

recipients are RCPT arguments (bytes, as typed, brackets included), the
destination is the host that the mail would go on to ("" when there is one
but it has no name), None that it stays or is refused.  Hops are made before
the worker processes fork and used in all of them: connect in resolve(), not
before.
"""
import ipaddress
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
import lab  # noqa: E402

POLICY = "local guard.test\nrelay relay.test\n"
# where mail may end up by this policy, besides the server's own addresses
ALLOWED = {"guard.test", "mx.guard.test", "relay.test", "localhost"}
SENDER = b"<probe@sender.example>"
EASY = ["define(`confLOG_LEVEL',`10')", "define(`confMILTER_LOG_LEVEL',`0')",
        # every local user exists: else sendmail refuses before it asks a filter
        "MODIFY_MAILER_FLAGS(`LOCAL',`-w')"]
# lines of the .mc file for ways to configure sendmail
VARIANTS = {
    "default": [],
    "decnet": ["define(`_USE_DECNET_SYNTAX_',`1')"],
    "nospecial": ["FEATURE(`nouucp',`nospecial')"],  # "!" is an ordinary byte
    "literal": ["FEATURE(`nouucp',`nospecial')", "FEATURE(`nopercenthack',`nospecial')"],
}
# the share of addresses that must leak without the guard, or nothing is shown
ENOUGH_TRICKS = {"default": 1 / 3, "decnet": 1 / 3, "nospecial": 1 / 4, "literal": 1 / 8}


class Tracer(lab.Process):
    """tests/differential/trace.c, listening."""

    def __init__(self):
        super().__init__("trace")
        self.socket = self.folder / "trace.sock"

    def start(self):
        binary = Path(os.environ.get("TRACE", lab.BUILD / "differential/trace"))
        if not binary.exists():
            raise lab.LabError(f"{binary} is not built")
        self.launch([binary.resolve(), f"local:{self.socket}"])
        lab.wait_for(lambda: not self.alive() or lab.listening(self.socket),
                     "the tracer")
        if not self.alive():
            raise lab.LabError("the tracer does not start:\n" + self.text("output"))


def wide_open(tracer, variant="default", guard=None, local_domains=("guard.test",)):
    """A sendmail (not started) that relays for everybody: the guard's filter
    first if there is a guard, the tracer last."""
    trace = (f"INPUT_MAIL_FILTER(`trace',"
             f"`S=local:{tracer.socket}, F=T, T=C:20s;S:20s;R:30s;E:60s')")
    return lab.Sendmail(
        wide_open=True, milter=guard and guard.socket,
        timeouts="C:20s;S:20s;R:30s;E:60s", local_domains=local_domains,
        relay_domains=[d for d in ["relay.test"] if d not in local_domains],
        extra_mc=[*EASY, *VARIANTS[variant], trace])


# ------------------------------------------------------------- one answer

RULE = re.compile(rb"\(([A-Z]\d\d) [a-z0-9-]+\)\s*$")
ESCAPE = re.compile(rb"=([0-9A-F]{2})")


class Answer(NamedTuple):
    """What came of one recipient."""
    kind: str  # through: the tracer saw it; guard, parser (sendmail's own):
    #            who refused it; unjudged
    rule: str = ""
    mailer: str = ""
    host: str = ""
    address: bytes = b""
    seen: bytes = b""  # the argument as the tracer got it
    text: bytes = b""  # of the reply


def plain(field):
    """A field of the tracer's without its escapes."""
    if field == b"==":
        return b""
    return ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), field)


def answer_of(lines):
    """Read one reply, a list of lines."""
    first = lines[0]
    words = [line.split(b" ") for line in lines]
    if len(lines) == 3 and words[0][-2] == b"trace" and first[4:9] == b"5.7.9":
        mailer, host = map(plain, words[1][2:4])
        return Answer("through", "", mailer.decode("latin-1"),
                      host.decode("latin-1"), plain(words[2][-1]),
                      plain(words[0][-1]), first)
    rule = RULE.search(lines[-1])
    if rule and first[:1] == b"5":
        return Answer("guard", rule[1].decode(), text=lines[-1])
    if (first[:3] in (b"501", b"550", b"553", b"554", b"555") and
            b"Command rejected" not in lines[-1]):  # a filter without a reply
        return Answer("parser", text=lines[-1])
    return Answer("unjudged", text=lines[-1])  # 4xx, 250: nobody judged it


def domain_of(address):
    return address.rpartition("@")[2] if "@" in address else ""


# What else is no leak, and why.  sendmail takes an address with two operators
# for a host with an operator in its name, such as "x!guard.test" or "&.uucp".

def name_of(host):
    """The name as the sender may have written it, in lower case; a backslash
    says the same as none."""
    name = host.lower().replace("\\", "").removesuffix(".")
    return re.sub(r"\.(uucp|decnet)$", "", name).rstrip("!%@.")


def is_loopback(name):
    """Is it an address literal of the server's own?"""
    if not re.fullmatch(r"\[.*\]", name):
        return False
    try:
        address = ipaddress.ip_address(name[1:-1].removeprefix("ipv6:"))
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def is_harmless(host):
    """Is this a host of the policy's, or nobody's at all?"""
    name = name_of(host)
    if is_loopback(name):
        return True
    # its last part is ours, the guard has judged that, and in the DNS the whole
    # is a name below the parent of ours
    if re.split(r"[!%@]", name)[-1].removesuffix(".") in ALLOWED:
        return True
    if not re.search(r"[a-z0-9\x80-\xff]", name):
        return True  # "&", "!": no host anywhere
    last_label = name.lstrip("#").rpartition(".")[2]
    return re.search(r"[^]\[a-z0-9_:\x80-\xff-]", last_label) is not None


def is_exclamation(address, host):
    """Is it "wow!!!", nobody at a name that is none in the DNS?"""
    name = name_of(host)
    user = address.decode("latin-1").lower().removesuffix("@" + lab.HOSTNAME)
    return (not re.search(r"\.|^\[.*\]$", name) and
            not re.fullmatch(r"#?[0-9]\w{7,}", name) and  # may be an IPv4 address
            not re.search(r"[a-z0-9\x80-\xff]",
                          user.replace("\\", "").replace(name, "", 1)))


def destination_of(answer):
    """Where this mail would leave to against the policy, or None."""
    if answer.kind != "through" or answer.mailer in ("local", "error"):
        return None
    domain = domain_of(answer.address.decode("latin-1"))
    for place in (domain, answer.host):
        if (place and not is_harmless(place) and
                not is_exclamation(answer.address, place)):
            return place
    return None if domain or answer.host else ""


# ------------------------------------------------------------- the client

class Client:
    """Asks a server about recipients, all commands of a batch in one go."""

    def __init__(self, server):
        self.server, self.session, self.drops = server, None, 0
        self.buffer = b""

    def connect(self):
        self.session = lab.SmtpSession(self.server, seconds=120)
        self.buffer = b""

    def close(self):
        if self.session:
            with suppress(OSError):
                self.session.close()
        self.session = None

    def send(self, recipients):
        """Start a batch; collect() gives its answers."""
        if self.session is None:
            self.connect()
        rcpts = b"".join(b"RCPT TO:" + r + b"\r\n" for r in recipients)
        with suppress(OSError):  # collect() will find out
            self.session.socket.sendall(
                b"RSET\r\nMAIL FROM:" + SENDER + b"\r\n" + rcpts)

    def lines(self):
        """The lines of one reply, or None when the connection has ended."""
        found = []
        while True:
            end = self.buffer.find(b"\r\n")
            if end < 0:
                try:
                    more = self.session.socket.recv(65536)
                except OSError:
                    more = b""
                if not more:
                    return None
                self.buffer += more
                continue
            line, self.buffer = self.buffer[:end], self.buffer[end + 2:]
            found.append(line)
            if line[3:4] != b"-":
                return None if line[:3] == b"421" else found

    def answers(self, count):
        """As many as come before the connection ends."""
        out = []
        for command in range(count + 2):
            lines = self.lines()
            if lines is None:
                self.drops += 1
                self.close()
                break
            if command >= 2:
                out.append(answer_of(lines))
            elif lines[0][:3] != b"250":
                self.close()  # RSET or MAIL refused: nothing here is a judgement
                break
        return out

    def collect(self, recipients):
        """One Answer for each recipient of send(), in order.  After a drop it
        goes on behind the recipient that caused it: that one is tried again
        alone, and is unjudged if the connection ends once more."""
        out = self.answers(len(recipients))
        while len(out) < len(recipients):
            self.send([recipients[len(out)]])
            out += self.answers(1) or [Answer("unjudged", text=b"dropped")]
            rest = recipients[len(out):]
            if rest:
                self.send(rest)
                out += self.answers(len(rest))
        return out

    def ask(self, recipients):
        self.send(recipients)
        return self.collect(recipients)


class SendmailHop:
    """The second step by a wide-open sendmail for which the policy's relay
    domain is local."""

    def __init__(self, name, server):
        self.name, self.server, self.clients = name, server, {}

    def resolve(self, recipients):
        # one connection a process: a forked one would be shared
        client = self.clients.setdefault(os.getpid(), Client(self.server))
        out = []
        for i in range(0, len(recipients), 100):
            some = recipients[i:i + 100]
            for recipient, answer in zip(some, client.ask(some)):
                if answer.kind == "unjudged":
                    raise lab.LabError(f"second hop does not judge {recipient}: "
                                       f"{answer.text}")
                out.append((recipient, destination_of(answer)))
        return out
