# SPDX-License-Identifier: BSD-2-Clause
"""rawmilter - the MTA's side of the milter protocol, byte for byte.

    with MilterSession(guard.socket) as m:
        m.greet("198.51.100.7")                  # negotiate, connect, helo
        m.mail("<a@b.example>")                  # -> Answer("c", 0, "")
        m.rcpt("<u%d.test@relay.test>")          # -> Answer("y", 550, "5.7.1 ...")

It sends what it is told: steps left out, broken packets, foreign address
families.  Text goes out as Latin-1, bytes as they are.
"""
import socket
import struct
from contextlib import AbstractContextManager, suppress
from typing import NamedTuple

ALL_ACTIONS = 0x1ff
SETSYMLIST = 0x100
ALL_STEPS = 0x1fffff
NO_REPLY = {"C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "L": 0x80}
NO_HEADER = 0x20

CONTINUE, REJECT, TEMPFAIL, REPLY, ACCEPT = "crtya"


class Answer(NamedTuple):
    """kind: the letter of the protocol; code and text only with REPLY.
    Kind "" means that the guard closed the connection instead."""
    kind: str
    code: int = 0
    text: str = ""

    @property
    def verdict(self):
        """accept, refuse or defer as the MTA would take it; gone when the
        connection ended; anything the guard must never say is named."""
        if self.kind == REPLY:
            return {5: "refuse", 4: "defer"}.get(self.code // 100, self.text)
        return {CONTINUE: "accept", REJECT: "refuse", TEMPFAIL: "defer",
                "": "gone"}.get(self.kind, "forbidden " + self.kind)

    @property
    def rule(self):
        """P08 of "5.7.1 Relaying denied (P08 percent-hack)", or None."""
        return self.text.rpartition("(")[2][:3] if "(" in self.text else None


def raw(value):
    return value if isinstance(value, bytes) else value.encode("latin-1")


def packet(command, data=b""):
    return struct.pack(">I", len(data) + 1) + raw(command) + data


def strings(*values):
    return b"".join(raw(v) + b"\0" for v in values)


def peer(client):
    """The connect packet's data for an IP address, or for a family without
    one: "unknown" (U) or "unix" (L)."""
    if client == "unknown":
        return b"host.example\0U"
    if client == "unix":
        return b"localhost\0L" + struct.pack(">H", 0) + b"/no/where\0"
    family = b"6" if ":" in client else b"4"
    text = "IPv6:" + client if ":" in client else client
    return b"host.example\0" + family + struct.pack(">H", 25000) + strings(text)


class MilterSession(AbstractContextManager):
    """where: path of the milter socket.  No reply within seconds is an error
    (TimeoutError), so nothing here waits for ever."""

    def __init__(self, where, seconds=20):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(seconds)
        self.socket.connect(str(where))
        self.stream = self.socket.makefile("rb")
        self.actions = self.steps = 0  # as the guard answered
        self.symbols = {}              # stage number -> macros it asks for

    def close(self):
        self.stream.close()
        self.socket.close()

    def __exit__(self, *_):
        self.close()

    def send(self, command, data=b""):
        self.send_bytes(packet(command, raw(data)))

    def send_bytes(self, data):
        """A guard that has hung up is found out at the next answer."""
        with suppress(ConnectionError):
            self.socket.sendall(data)

    def read_packet(self):
        """(command, data); ("", b"") when the guard has closed."""
        try:
            head = self.stream.read(4)
            if len(head) < 4:
                return "", b""
            body = self.stream.read(struct.unpack(">I", head)[0])
        except ConnectionError:
            return "", b""
        return body[:1].decode("latin-1"), body[1:]

    def answer(self):
        return self.read_answer(*self.read_packet())

    @staticmethod
    def read_answer(kind, data):
        if kind != REPLY:
            return Answer(kind)
        text = data.rstrip(b"\0").decode("latin-1")
        return Answer(kind, int(text[:3]), text[4:])

    def ask(self, command, data=b""):
        """Send and wait for the answer, unless none was agreed on."""
        self.send(command, data)
        if self.steps & NO_REPLY.get(command, 0):
            return Answer(CONTINUE)
        return self.answer()

    def macros(self, step, **values):
        """Macros of the step that follows; auth_authen stands for {auth_authen}."""
        pairs = []
        for name, value in values.items():
            pairs += [name if len(name) == 1 else "{%s}" % name, value]
        self.send("D", raw(step) + strings(*pairs))

    def negotiate(self, actions=ALL_ACTIONS, steps=ALL_STEPS, version=6):
        self.send("O", struct.pack(">III", version, actions, steps))
        kind, data = self.read_packet()
        if kind != "O":
            return Answer(kind)
        _, self.actions, self.steps = struct.unpack(">III", data[:12])
        rest = data[12:]
        while len(rest) >= 4:
            stage, (names, _, rest) = rest[:4], rest[4:].partition(b"\0")
            self.symbols[struct.unpack(">I", stage)[0]] = names.decode()
        return Answer(kind)

    def greet(self, client="198.51.100.7", *, helo="client.example",
              own_name="mx.guard.test", own_address="192.0.2.1", **offers):
        """All steps up to HELO, as sendmail does them."""
        self.negotiate(**offers)
        self.macros("C", j=own_name, if_addr=own_address)
        self.ask("C", peer(client))
        self.ask("H", strings(helo))
        return self

    def mail(self, *arguments, auth=None, queue_id="q1"):
        named = {"auth_authen": auth} if auth else {}
        self.macros("M", i=queue_id, **named)
        return self.ask("M", strings(*arguments))

    def rcpt(self, *arguments):
        return self.ask("R", strings(*arguments))

    def header(self, name, value):
        """A field, unless the guard wants none."""
        return Answer(CONTINUE) if self.steps & NO_HEADER \
            else self.ask("L", strings(name, value))

    def end(self):
        """The end of a message: what the guard changes, in its order, then its
        answer.  ("insert", 0, name, value) or ("delete", index, name, "")"""
        self.send("E")
        changes = []
        while True:
            kind, data = self.read_packet()
            if kind not in ("i", "m"):
                return changes, self.read_answer(kind, data)
            name, value = data[4:].decode("latin-1").split("\0")[:2]
            changes.append(({"i": "insert", "m": "change"}[kind],
                            struct.unpack(">I", data[:4])[0], name, value))

    def abort(self):
        self.send("A")

    def quit(self):
        self.send("Q")


def letters(where, data, seconds=20):
    """Send all these bytes at once and hang up: the letters of all answers.
    Needs no clock to find out that a packet was not answered."""
    found = []
    with MilterSession(where, seconds) as m:
        m.send_bytes(data)
        with suppress(OSError):
            m.socket.shutdown(socket.SHUT_WR)
        while True:
            kind, _ = m.read_packet()
            if kind == "":
                return found
            found.append(kind)


def ask(where, recipient, *, sender="<a@outside.test>", auth=None, **greeting):
    """One whole session for one recipient; the answer that decides it: to
    MAIL if that is no CONTINUE, else to RCPT."""
    with MilterSession(where) as m:
        m.greet(**greeting)
        answer = m.mail(sender, auth=auth)
        if answer.kind == CONTINUE:
            answer = m.rcpt(recipient)
        m.quit()
        return answer
