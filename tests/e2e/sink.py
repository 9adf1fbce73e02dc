# SPDX-License-Identifier: BSD-2-Clause
"""sink - a mail server of a few lines whose answers a test decides.

    def answer(verb, line, n):              # n counts the connection's commands
        return DENIED if verb == "RCPT" else None       # None: the usual reply

    with Sink(answer) as sink:
        result = Result(sink.port)          # `relayguard probe`, as JSON

It also checks the client's manners: one command at a time, RSET before each
MAIL.  It listens on 127.0.0.1, or on the address it is told.
"""

import json
import os
import re
import socket
import subprocess
import threading
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("RELAYGUARD", TOP / "build/relayguard")).resolve()
SECONDS = 60  # no run may take longer; most take less than one
PAPER = [f"P{n:02}" for n in range(20)]

OK = "250 2.1.0 ok"
DENIED = "550 5.7.1 Relaying denied"
DROP = object()  # close the connection instead of answering
SILENT = object()  # answer nothing, keep the connection


class Sink:
    """answer(verb, line, n) gives the reply to a command: text (lines joined by
    newlines), raw bytes, DROP, SILENT, or None for the usual one.  n counts
    the commands of this connection."""

    def __init__(self, answer, banner="220 mx.sink.test ESMTP", address="127.0.0.1"):
        self.answer, self.banner = answer, banner
        self.commands, self.faults, self.peers = [], [], []
        self.open = []
        self.listener = socket.create_server(
            (address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in [self.listener, *self.open]:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def accept(self):
        while True:
            try:
                client, peer = self.listener.accept()
            except OSError:
                return
            self.peers.append(peer[0])
            self.open.append(client)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            if self.send(client, self.banner):
                self.talk(client)
        except OSError:
            pass
        finally:
            client.close()

    def talk(self, client):
        buffer, before, n = b"", "", 0
        while True:
            while b"\r\n" not in buffer:
                data = client.recv(4096)
                if not data:
                    return
                buffer += data
            line, buffer = buffer.split(b"\r\n", 1)
            line = line.decode("latin-1")
            verb = line.split(" ")[0].upper()
            n += 1
            if buffer:
                self.faults.append(f"more than one command at a time: {line}")
            if verb == "MAIL" and before != "RSET" and "again" not in before:
                self.faults.append(f"{line} after {before}")
            self.commands.append(line)
            reply = self.answer(verb, line, n)
            if reply is None:
                reply = usual(verb)
            # a refused MAIL may be followed by another one
            refused = verb == "MAIL" and isinstance(reply, str) and reply[0] in "45"
            before = "again" if refused else verb
            if not self.send(client, reply) or verb == "QUIT":
                return

    @staticmethod
    def send(client, reply):
        if reply is DROP:
            return False
        if isinstance(reply, str):
            reply = (reply.replace("\n", "\r\n") + "\r\n").encode("latin-1")
        if reply is not SILENT:
            client.sendall(reply)
        return reply is SILENT or not reply.startswith(b"421")

    def arguments(self, verb):
        """What followed MAIL FROM: or RCPT TO:, in order."""
        return [c.split(":", 1)[1] for c in self.commands if c.startswith(verb)]


def usual(verb):
    return {
        "EHLO": "250-mx.sink.test Hello\n250 HELP",
        "HELO": "250 mx.sink.test Hello",
        "QUIT": "221 bye",
    }.get(verb, OK)


def is_honest(line):
    return bool(re.search(r":<postmaster(@mx\.sink\.test|@relay\.test)?>$", line))


def closed(verb, line, n):
    """A server as it should be."""
    return DENIED if verb == "RCPT" and not is_honest(line) else None


def open_relay(verb, line, n):
    return None


def only(verb_wanted, reply, otherwise=closed):
    """closed, but every command of this verb gets reply."""
    return lambda verb, line, n: reply if verb == verb_wanted else otherwise(verb, line, n)


def strangers(reply):
    """Recipients other than the honest one get reply."""
    return lambda verb, line, n: (
        reply if verb == "RCPT" and not is_honest(line) else None
    )


# ---- running it -------------------------------------------------------------


def command(*options):
    return [str(BINARY), "probe", *options]


def run(*options, **more):
    return subprocess.run(
        command(*options), capture_output=True, text=True, timeout=SECONDS,
        stdin=subprocess.DEVNULL, **more,
    )


class Result:
    """One JSON run: its exit code, and the document in a few short words."""

    def __init__(self, port, *options, address="127.0.0.1"):
        host = f"[{address}]" if ":" in address else address
        start = time.monotonic()
        done = run("--format", "json", *options, f"{host}:{port}")
        self.seconds = time.monotonic() - start
        assert done.stderr == ""
        self.doc = json.loads(done.stdout)
        assert self.doc["exit"] == done.returncode
        self.exit, self.verdict = done.returncode, self.doc["verdict"]
        self.totals = self.doc["totals"]
        self.tests = {t["id"]: t for t in self.doc["tests"]}
        self.check_sums()

    def check_sums(self):
        counted = {k: 0 for k in self.totals if k != "tests"}
        for test in self.doc["tests"]:
            counted["skipped" if test["skipped"] else test["outcome"]] += 1
        assert {**counted, "tests": len(self.tests)} == self.totals

    def with_outcome(self, outcome):
        return [i for i, t in self.tests.items() if t["outcome"] == outcome]

    def controls(self):
        return [(c["id"], c["when"], c["outcome"]) for c in self.doc["controls"]]


def probe(answer, *options, banner="220 mx.sink.test ESMTP"):
    """Run against a sink; returns the result and the sink (closed by then)."""
    with Sink(answer, banner) as sink:
        result = Result(sink.port, *options)
    assert sink.faults == []
    assert not any(c.upper().startswith("DATA") for c in sink.commands)
    result.sink = sink
    return result
