# SPDX-License-Identifier: BSD-2-Clause
"""resolver - our own resolver, by tests/e2e/dns_ask.c, and SPF checks through it, by
tests/e2e/spf_ask.c, a command at a time."""
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
    trouble: str   # why it is unknown, or ""
    server: str    # whose answer it is, or ""


class Driver(AbstractContextManager):
    """A program that make builds beside the program under test.  servers:
    objects with a name, or their names."""

    def __init__(self, program, *arguments):
        guard = Path(os.environ.get("RELAYGUARD", lab.BUILD / "relayguard"))
        self.program = program
        self.child = subprocess.Popen(
            [str(guard.parent / "e2e" / program),
             *(getattr(a, "name", a) for a in arguments)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def tell(self, *words, between=" "):
        with suppress(BrokenPipeError):  # line() says why it ended
            self.child.stdin.write(between.join(map(str, words)) + "\n")
            self.child.stdin.flush()

    def line(self):
        line = self.child.stdout.readline()
        if not line:
            raise lab.LabError(f"{self.program} ended: {self.child.communicate()[1]}")
        return json.loads(line)

    def end(self):
        """Let it end, which must be in peace; the lines it had left to say."""
        out, err = self.child.communicate()
        if self.child.returncode != 0 or err:
            raise lab.LabError(f"{self.program}: {self.child.returncode} {err}")
        return [json.loads(line) for line in out.splitlines()]

    def __exit__(self, kind, *_):
        if self.child.returncode is not None:
            return
        if kind is None:
            self.end()
        else:
            self.child.kill()
            self.child.communicate()


class Spf(Driver):
    """SPF checks.  Each has 20 s by default, a question patience_ms."""

    def __init__(self, *servers, patience_ms=2000):
        super().__init__("spf_ask", "-p", str(patience_ms), *servers)

    @staticmethod
    def escaped(text):
        return "".join(c if "!" <= c <= "~" and c != "\\" else f"\\x{ord(c):02x}"
                       for c in text)

    def check(self, sender, client="192.0.2.1", helo="h.example.org", ms=20000,
              who="guard"):
        """What "guard" says, or "stock": libspf2 alone, which has its own resolver
        and knows of no deadline."""
        self.tell(who, client, self.escaped(helo), self.escaped(sender), ms,
                  between="\t")
        return self.line()

    def threads(self, n, checks, client, wanted):
        """n threads, so many checks each; wanted: {sender: result}."""
        self.tell("threads", n, checks, client, *(w for pair in wanted.items()
                                                 for w in pair), between="\t")
        return self.line()


class Resolver(Driver):
    """options: of dns_ask."""

    def __init__(self, servers=(), *options):
        super().__init__("dns_ask", *options, *(
            word for server in servers for word in ("-s", server)))

    def answer(self):
        found = self.line()
        return Answer(found["status"], found["records"], found["cached"],
                      found["ttl"], found["us"] / 1e6, found["trouble"],
                      found["server"])

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
        lines = self.end()
        return (lines[-1]["freed_us"] / 1e6,
                [line["status"] for line in lines if "status" in line])
