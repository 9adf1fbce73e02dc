# SPDX-License-Identifier: BSD-2-Clause
"""dns_server - DNS servers of the tests' own, on a loopback port.

    with RealServer({"guard.test": ["mx MX 10 a.guard.test."]}) as real, \\
         BrokenServer("silent") as dead, \\
         resolver.Resolver([dead, real]) as ours:
        ours.ask("MX", "mx.guard.test")               # -> Answer

RealServer    NSD of Debian, unpacked below build/zoo by tests/get-servers:
              authoritative, UDP and TCP
ScriptServer  Python, UDP and TCP: answers what a function makes of a question,
              counts the questions
BrokenServer  one that misbehaves in a way with a name, see WAYS
spf_zone.py   has one more: the zones of the SPF suites
"""
import os
import random
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import AbstractContextManager, suppress
from typing import NamedTuple

import lab

ZOO = lab.BUILD / "zoo"
NSD = ZOO / "usr/sbin/nsd"
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16,
         "AAAA": 28, "OPT": 41, "SPF": 99}
NAMES = {number: name for name, number in TYPES.items()}
FORMERR, SERVFAIL, NXDOMAIN, REFUSED = 1, 2, 3, 5
AA, TC, RD, QR = 0x0400, 0x0200, 0x0100, 0x8000


def free_port():
    """A port that is free for UDP and TCP on 127.0.0.1."""
    while True:
        port = lab.free_port()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
                suppress(OSError):
            udp.bind(("127.0.0.1", port))
            return port


# ---- the wire ----------------------------------------------------------------


def wire_name(name):
    """A name of text, or a list of labels (bytes), uncompressed."""
    if isinstance(name, str):
        name = [label.encode("latin-1") for label in name.rstrip(".").split(".")
                if label]
    return b"".join(bytes([len(label)]) + label for label in name) + b"\0"


def rr(name, kind, data, ttl=60):
    """One record; data is bytes, or what a zone file says of this type."""
    if not isinstance(data, bytes):
        data = rdata(kind, data)
    number = TYPES[kind] if isinstance(kind, str) else kind
    return wire_name(name) + struct.pack("!HHIH", number, 1, ttl, len(data)) + data


def rdata(kind, value):
    if kind == "A":
        return socket.inet_pton(socket.AF_INET, value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "MX":
        return struct.pack("!H", value[0]) + wire_name(value[1])
    if kind in ("CNAME", "NS", "PTR"):
        return wire_name(value)
    if kind in ("TXT", "SPF"):
        return b"".join(bytes([len(s)]) + s for s in value)
    if kind == "SOA":
        return wire_name("ns.invalid") * 2 + struct.pack("!IIIII", 1, 2, 3, 4, value)
    raise ValueError(kind)


class Question(NamedTuple):
    id: int
    name: str     # as it was asked, without the last dot
    type: str
    raw: bytes    # its bytes in the message: name, type, class
    udp_bytes: int  # the longest answer without TCP
    tcp: bool

    def reply(self, answers=(), rcode=0, authority=(), flags=QR | AA | RD,
              extra=()):
        """The bytes of an answer; too long for UDP, it says so (TC)."""
        counts = [1, len(answers), len(authority), len(extra)]
        message = (struct.pack("!HH4H", self.id, flags | rcode, *counts) + self.raw
                   + b"".join([*answers, *authority, *extra]))
        if self.tcp or len(message) <= self.udp_bytes:
            return message
        return struct.pack("!HH4H", self.id, flags | TC, 1, 0, 0, 0) + self.raw


def read_question(message, tcp):
    number, _, _, _, _, extra = struct.unpack("!6H", message[:12])
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]])
        at += 1 + message[at]
    kind = struct.unpack("!H", message[at + 1:at + 3])[0]
    udp_bytes = 512
    if extra:  # OPT: root, type, then its class is the size
        udp_bytes = struct.unpack("!H", message[at + 8:at + 10])[0]
    return Question(number, b".".join(labels).decode("latin-1"),
                    NAMES.get(kind, str(kind)), message[12:at + 5], udp_bytes, tcp)


# ---- servers in Python --------------------------------------------------------


class ScriptServer(AbstractContextManager):
    """answer(question) -> bytes, a list of bytes (several messages), or None
    for silence.  .asked counts (name in lower case, type), .tcp is how many came
    by TCP, .seen are the (port, id) of the others."""

    def __init__(self, answer, address="127.0.0.1", port=0):
        self.answer, self.asked, self.tcp, self.seen = answer, Counter(), 0, []
        self.lock = threading.Lock()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        while True:  # the same port for both
            self.udp = socket.socket(family, socket.SOCK_DGRAM)
            self.udp.bind((address, port))
            self.port = self.udp.getsockname()[1]
            self.listener = socket.socket(family, socket.SOCK_STREAM)
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                self.listener.bind((address, self.port))
                break
            except OSError:
                if port:
                    raise
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.listener.listen(64)
        self.name = f"[{address}]:{self.port}" if ":" in address \
            else f"{address}:{self.port}"
        for run in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=run, daemon=True).start()

    def __exit__(self, *_):
        for s in (self.udp, self.listener):
            with suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()

    def messages(self, message, port=None):
        question = read_question(message, port is None)
        with self.lock:
            self.asked[question.name.lower(), question.type] += 1
            if port is None:
                self.tcp += 1
            else:
                self.seen.append((port, question.id))
        reply = self.answer(question)
        return reply if isinstance(reply, list) else [reply] if reply else []

    def reply_udp(self, message, peer):
        for reply in self.messages(message, peer[1]):
            with suppress(OSError):  # we or the peer may be gone
                self.udp.sendto(reply, peer)

    def serve_udp(self):
        with suppress(OSError):
            while True:
                message, peer = self.udp.recvfrom(4096)
                if not message:
                    return
                if self.slow:
                    threading.Thread(target=self.reply_udp, args=(message, peer),
                                     daemon=True).start()
                else:
                    self.reply_udp(message, peer)

    slow = False  # does answer() sleep?  Then each has a thread

    def serve_tcp(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.serve_connection, daemon=True,
                                 args=(connection,)).start()

    def serve_connection(self, connection):
        with connection, suppress(OSError, struct.error):
            stream = connection.makefile("rb")
            while True:
                length = struct.unpack("!H", stream.read(2))[0]
                for reply in self.messages(stream.read(length)):
                    connection.sendall(struct.pack("!H", len(reply)) + reply)

    def questions(self):
        with self.lock:
            return sum(self.asked.values())


ADDRESS = "192.0.2.7"  # what every broken server would say, if it were not


def good(q):
    return q.reply([rr(q.name, "A", ADDRESS)])


def other_question(q):
    return q._replace(raw=wire_name("other.test") + q.raw[-4:])


def loop(q, length):
    """A chain of CNAMEs that begins at the question and ends where it began."""
    names = [q.name] + [f"{i}.loop.test" for i in range(1, length)]
    return q.reply([rr(a, "CNAME", b) for a, b in
                    zip(names, names[1:] + names[:1])])


def chain(q, length):
    names = [q.name] + [f"{i}.chain.test" for i in range(length)]
    return q.reply([rr(a, "CNAME", b, 30) for a, b in zip(names, names[1:])]
                   + [rr(names[-1], "A", ADDRESS)])


def slowly(seconds):
    def answer(q):
        time.sleep(seconds)
        return good(q)
    return answer


WAYS = {
    "good": good,
    "silent": lambda q: None,
    # a forger's answers first, with another address; then the right one
    "wrong id": lambda q: [
        q._replace(id=(q.id + 1) % 65536).reply([rr(q.name, "A", "192.0.2.66")]),
        good(q)],
    "wrong question": lambda q: [
        other_question(q).reply([rr(q.name, "A", "192.0.2.66")]), good(q)],
    "only wrong id": lambda q: q._replace(id=(q.id + 1) % 65536).reply(
        [rr(q.name, "A", "192.0.2.66")]),
    "only wrong question": lambda q: other_question(q).reply(
        [rr(q.name, "A", "192.0.2.66")]),
    "wrong type": lambda q: q._replace(raw=q.raw[:-4] + b"\0\x10\0\1").reply(
        [rr(q.name, "A", "192.0.2.66")]),
    "not an answer": lambda q: q.reply([rr(q.name, "A", ADDRESS)], flags=RD),
    "truncated": lambda q: good(q) if q.tcp else q.reply(flags=QR | AA | TC),
    "truncated in vain": lambda q: q.reply(flags=QR | AA | TC),
    "servfail": lambda q: q.reply(rcode=SERVFAIL),
    "refused": lambda q: q.reply(rcode=REFUSED),
    "nxdomain": lambda q: q.reply(rcode=NXDOMAIN, authority=[
        rr("test", "SOA", 120, ttl=600)]),
    "nxdomain with records": lambda q: q.reply(
        [rr(q.name, "A", ADDRESS)], rcode=NXDOMAIN),
    "no data": lambda q: q.reply(authority=[rr("test", "SOA", 30, ttl=600)]),
    "no data, no SOA": lambda q: q.reply(),
    "referral": lambda q: q.reply(
        flags=QR, authority=[rr("", "NS", "a.root-servers.net")]),
    "garbage": lambda q: struct.pack("!H", q.id) + random.Random(q.id).randbytes(200),
    "short": lambda q: struct.pack("!H", q.id) + b"\x81\x80\0",
    "empty": lambda q: [b"", good(q)],
    "cut off": lambda q: q.reply([rr(q.name, "A", ADDRESS)])[:-2],
    "loop of 1": lambda q: loop(q, 1),
    "loop of 2": lambda q: loop(q, 2),
    "loop of 300": lambda q: loop(q, 300),
    "chain of 16": lambda q: chain(q, 16),
    "chain of 17": lambda q: chain(q, 17),
    "bad address": lambda q: q.reply([rr(q.name, "A", b"\xc0\0\2")]),
    "another's address": lambda q: q.reply([rr("other.test", "A", "192.0.2.66")]),
    "half a chain": lambda q: q.reply([rr(q.name, "CNAME", "b.chain.test")]),
    "no EDNS": lambda q: good(q) if q.udp_bytes == 512 else q.reply(rcode=FORMERR),
    "slow": slowly(0.3),
    "very slow": slowly(1.5),
}


class BrokenServer(ScriptServer):
    def __init__(self, way, address="127.0.0.1"):
        super().__init__(WAYS[way], address)
        self.slow = "slow" in way


# ---- a real one ------------------------------------------------------------------


def available():
    """None, or why there is no real server."""
    return None if NSD.exists() else "not unpacked, run: tests/get-servers"


class RealServer(lab.Process):
    """zones: {"zone.test": ["name TYPE DATA", ...]}, as in a zone file."""

    def __init__(self, zones, address="127.0.0.1"):
        super().__init__("nsd")
        self.address, self.zones = address, zones

    def start(self):
        for _ in range(5):  # another process may take the port first
            self.port = free_port()
            self.configure()
            library_path = ":".join(map(str, (ZOO / "usr/lib").glob("*-linux-gnu*")))
            self.launch([NSD, "-d", "-c", self.folder / "nsd.conf"],
                        {**os.environ, "LD_LIBRARY_PATH": library_path})
            lab.wait_for(lambda: self.answers() or not self.alive(), "nsd", 20)
            if self.alive():
                self.name = f"{self.address}:{self.port}"
                return
        raise lab.LabError("nsd does not start: " + self.text("output"))

    def answers(self):
        zone = next(iter(self.zones))
        question = struct.pack("!6H", 1, RD, 1, 0, 0, 0) + wire_name(zone) \
            + b"\0\6\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
                suppress(OSError):
            udp.settimeout(0.2)
            udp.connect((self.address, self.port))
            udp.send(question)
            return udp.recv(512)[3] & 15 == 0

    def configure(self):
        zones = ""
        for zone, lines in self.zones.items():
            (self.folder / zone).write_text(
                f"$ORIGIN {zone}.\n$TTL 60\n"
                f"@ SOA ns.{zone}. admin.{zone}. 1 3600 600 86400 30\n"
                f"@ NS ns.{zone}.\nns A {self.address}\n"
                + "\n".join(lines) + "\n")
            zones += f'zone:\n  name: "{zone}"\n  zonefile: "{zone}"\n'
        (self.folder / "nsd.conf").write_text(f"""\
server:
  ip-address: {self.address}@{self.port}
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "{self.folder}"
  database: ""
  pidfile: ""
  xfrdfile: "{self.folder}/xfrd.state"
  xfrdir: "{self.folder}"
  zonelistfile: "{self.folder}/zone.list"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
{zones}""")
