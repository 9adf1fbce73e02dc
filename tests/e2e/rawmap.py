# SPDX-License-Identifier: BSD-2-Clause
"""rawmap - the MTA's side of the socketmap protocol.

    with MapSession(guard.map_socket) as m:
        m.ask("relay", "relay.test")                         # -> "OK RELAY"
        m.judge("198.51.100.7", "<u%d.test@relay.test>")     # -> Judged(...)
"""
import re
import socket
from contextlib import AbstractContextManager
from typing import NamedTuple

SEPARATOR = b"\x9b"


def raw(value):
    return value if isinstance(value, bytes) else value.encode("latin-1")


def netstring(payload):
    return b"%d:%s," % (len(payload), payload)


class Judged(NamedTuple):
    """What sendmail's rules make of an answer: verdict is relay (granted),
    local (no objection), refuse or defer."""
    verdict: str
    code: int = 0
    dsn: str = ""
    rule: str = ""


def judged(answer):
    if answer == "OK RELAY":
        return Judged("relay")
    if answer.startswith("NOTFOUND"):
        return Judged("local")
    if answer.startswith("TEMP "):
        return Judged("defer", 451, "4.3.0")
    m = re.fullmatch(r'OK DENY:(5\.\d\.\d):"(5\d\d) [^"%]* \((\w\d\d) [^"]*\)"', answer)
    assert m, f"not an answer for sendmail's rules: {answer!r}"
    return Judged("refuse", int(m[2]), m[1], m[3])


class MapSession(AbstractContextManager):
    def __init__(self, path, seconds=20):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(seconds)
        self.socket.connect(str(path))
        self.rest = b""

    def answer(self):
        """The next reply; "" when the guard has closed the connection."""
        while not (m := re.match(rb"(\d+):", self.rest)) or \
                len(self.rest) <= m.end() + int(m[1]):
            try:
                more = self.socket.recv(65536)
            except ConnectionError:
                return ""
            if not more:
                return ""
            self.rest += more
        end = m.end() + int(m[1])
        reply, comma, self.rest = self.rest[m.end():end], self.rest[end:end + 1], \
            self.rest[end + 1:]
        assert comma == b","
        return reply.decode("latin-1")

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, name, key):
        self.send(netstring(raw(name) + b" " + raw(key)))
        return self.answer()

    def judge(self, client, recipient, sender="a@b.example", *rest):
        """rest: identity, own name, own address, queue id, verification,
        certificate, the name's result, name, HELO."""
        fields = [raw(f) for f in (client, sender, recipient, *rest)]
        return judged(self.ask("guard", SEPARATOR.join(fields)))

    def close(self):
        self.socket.close()

    def __exit__(self, *_):
        self.close()
