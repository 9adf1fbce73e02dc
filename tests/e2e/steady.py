# SPDX-License-Identifier: BSD-2-Clause
"""steady - mail that flows while something else goes wrong.

    with Steady(guard) as steady:
        ...do harm...
        steady.see(200)             # so many answers more, all as they should be
        with steady.paused(DEFERS): # from now on they should be others
            guard.kill()

Two threads ask the guard about the same envelopes for ever, by the map door and
by the milter door.  An answer that differs, comes late or not at all is kept.
"""
import threading
import time
from contextlib import AbstractContextManager, contextmanager

import lab
import rawmap
import rawmilter

LATE = 3.0  # seconds; far less, but the machine may be busy

# what: (client, recipient)
ENVELOPES = {
    "granted": ("203.0.113.1", "<u@granted.test>"),
    "trusted": ("198.51.100.7", "<u@foreign.test>"),
    "of file": ("203.0.113.1", "<u@file.test>"),
    "foreign": ("203.0.113.1", "<u@foreign.test>"),
    "local": ("203.0.113.1", "<u@guard.test>"),
}
RIGHT = {"granted": "relay", "trusted": "relay", "of file": "relay", "foreign": "refuse",
         "local": "local"}
# the directory grants nothing
EMPTY = {**RIGHT, "granted": "refuse", "trusted": "refuse"}
# what it grants is not known: for later, never for no
UNKNOWN = dict.fromkeys(ENVELOPES, "defer")


class Steady(AbstractContextManager):
    def __init__(self, guard, expected=None):
        self.guard, self.expected = guard, expected or RIGHT
        self.seen, self.slowest, self.wrong = {"map": 0, "milter": 0}, 0.0, []
        self.flows, self.over = threading.Event(), False
        self.turn = {door: threading.Lock() for door in self.seen}
        self.flows.set()
        self.threads = [threading.Thread(target=self.run, args=(door, ask), daemon=True)
                        for door, ask in (("map", self.by_map), ("milter", self.by_milter))]
        for thread in self.threads:
            thread.start()

    def by_map(self, client, recipient):
        with rawmap.MapSession(self.guard.map_socket) as session:
            answer = session.judge(client, recipient)
        return answer.verdict

    def by_milter(self, client, recipient):
        return rawmilter.ask(self.guard.socket, recipient, client=client).verdict

    def run(self, door, ask):
        while not self.over:
            self.flows.wait()
            with self.turn[door]:
                if self.flows.is_set():
                    self.round(door, ask)
            time.sleep(0.004)

    def round(self, door, ask):
        for what, envelope in ENVELOPES.items():
            wanted = self.expected[what]
            if door == "milter" and wanted in ("relay", "local"):
                wanted = "accept"
            begin = time.monotonic()
            try:
                found = ask(*envelope)
            except (OSError, AssertionError) as error:
                found = repr(error)
            took = time.monotonic() - begin
            self.slowest = max(self.slowest, took)
            self.seen[door] += 1
            if found != wanted or took > LATE:
                self.wrong.append(f"{door}, {what}: {found} instead of {wanted}, {took:.2f} s")

    def see(self, more, seconds=20):
        """Wait for so many answers more at each door."""
        want = {door: n + more for door, n in self.seen.items()}
        lab.wait_for(lambda: all(self.seen[d] >= want[d] for d in want), f"{more} answers", seconds)
        assert not self.wrong, self.wrong[:10]

    @contextmanager
    def paused(self, expected=None):
        """No mail for a moment, since the guard itself is down or what it
        should say becomes another."""
        self.flows.clear()
        for turn in self.turn.values():  # the round under way ends
            with turn:
                pass
        yield
        self.expected = expected or self.expected
        self.flows.set()

    def __exit__(self, *_):
        self.over = True
        self.flows.set()
        for thread in self.threads:
            thread.join(30)
