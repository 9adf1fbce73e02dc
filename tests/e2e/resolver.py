# SPDX-License-Identifier: BSD-2-Clause
"""resolver - our own resolver, by tests/e2e/dns_ask.c, a command at a time."""
import json
import os
import subprocess
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import NamedTuple

import lab


class Answer(NamedTuple):
    status: str    # found, no name, no data, unknown
    records: list  # as text; MX as [preference, name]
    cached: bool
    ttl: int
    seconds: float


def driver():
    """tests/e2e/dns_ask.c, built by make beside the program under test."""
    program = Path(os.environ.get("RELAYGUARD", lab.BUILD / "relayguard"))
    return program.parent / "e2e/dns_ask"


class Resolver(AbstractContextManager):
    """servers: objects with a name, or their names; options: of dns_ask."""

    def __init__(self, servers=(), *options):
        argv = [str(driver()), *options]
        for server in servers:
            argv += ["-s", getattr(server, "name", server)]
        self.child = subprocess.Popen(argv, stdin=subprocess.PIPE, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def tell(self, *words):
        with suppress(BrokenPipeError):  # line() says why it ended
            self.child.stdin.write(" ".join(map(str, words)) + "\n")
            self.child.stdin.flush()

    def line(self):
        line = self.child.stdout.readline()
        if not line:
            raise lab.LabError("dns_ask ended: " + self.child.communicate()[1])
        return json.loads(line)

    def answer(self):
        found = self.line()
        return Answer(found["status"], found["records"], found["cached"],
                      found["ttl"], found["us"] / 1e6)

    def ask(self, kind, name, ms=2000):
        self.tell("ask", kind, name, ms)
        return self.answer()

    def same(self, n, kind, name, ms=2000):
        """n threads at once with the same question."""
        self.tell("same", n, kind, name, ms)
        return [self.answer() for _ in range(n)]

    def each(self, n, kind, name, ms=2000):
        """n threads at once, each with a name of its own below this."""
        self.tell("each", n, kind, name, ms)
        return [self.answer() for _ in range(n)]

    def begin(self, n, kind, name, ms):
        """The same, but do not wait for them: they answer at the end."""
        self.tell("begin", n, kind, name, ms)

    def prefetch(self, kind, name, ms=2000):
        self.tell("prefetch", kind, name, ms)

    def sender(self, name, ms=2000):
        self.tell("sender", name, ms)
        return self.line()["sender"]

    def reload(self, *servers):
        self.tell("reload", *(getattr(s, "name", s) for s in servers))
        return self.line()["reload"]

    def stats(self):
        self.tell("stats")
        return self.line()

    def close(self):
        """Free the resolver; how many seconds that took, and what those of
        begin() were told meanwhile."""
        out, err = self.child.communicate()
        if self.child.returncode != 0 or err:
            raise lab.LabError(f"dns_ask: {self.child.returncode} {err}")
        lines = [json.loads(line) for line in out.splitlines()]
        return (lines[-1]["freed_us"] / 1e6,
                [line["status"] for line in lines if "status" in line])

    def __exit__(self, kind, *_):
        if self.child.returncode is not None:
            return
        if kind is None:
            self.close()
        else:
            self.child.kill()
            self.child.communicate()
