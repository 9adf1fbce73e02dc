# SPDX-License-Identifier: BSD-2-Clause
"""tally - what a run found: counters, and findings grouped by their shape, so
that ten thousand spellings of one trick are one line."""
import re
from collections import Counter

import grammar

NAMES = [("R", grammar.RELAY), ("H", grammar.HOST), ("L", grammar.LOCAL),
         ("D", grammar.LITERALS + grammar.DST + grammar.OTHER)]
# longest first, or "dst" would be found in "dst.example"; bare words that are
# part of longer ones only where they stand alone
HOSTS = sorted(((name.lower(), letter) for letter, names in NAMES for name in names
                if len(name) > 3), key=lambda pair: -len(pair[0]))
HOST = re.compile("|".join(re.escape(name) for name, _ in HOSTS))
LETTER = dict(HOSTS)
WORD = re.compile(r"[a-z0-9_=+'-]+(?:\.[a-z0-9_=+'-]+)*")


def shape(argument):
    """D foreign, R relay, L local, H this host, u any other word."""
    text = argument.decode("latin-1").strip().lower()
    text = WORD.sub("u", HOST.sub(lambda m: "\0" + LETTER[m[0]], text))
    return re.sub("\0(.)", r"\1", text)


def shown(argument):
    """The exact bytes, printable."""
    return repr(argument)[2:-1]


class Findings:
    """Findings of one kind: how often each shape, and its shortest example."""

    def __init__(self):
        self.groups = {}

    def add(self, argument, note, count=1):
        key = shape(argument)
        had, example = self.groups.get(key, (0, None))
        new = (argument, note)
        if example is None or (len(argument), argument) < (len(example[0]), example[0]):
            example = new
        self.groups[key] = (had + count, example)

    def merge(self, other):
        for count, (argument, note) in other.groups.values():
            self.add(argument, note, count)

    def total(self):
        return sum(count for count, _ in self.groups.values())

    def lines(self, limit=None):
        ranked = sorted(self.groups.items(), key=lambda item: (-item[1][0], item[0]))
        for _, (count, (argument, note)) in ranked[:limit]:
            yield f"{count:7}  {shown(argument)}  {note}"
        if limit is not None and len(ranked) > limit:
            yield f"         ... and {len(ranked) - limit} more shapes"


class Tally:
    """The result of a batch or of all batches."""

    KINDS = ["leaks", "leaks_after_second_hop", "only_m01", "unjudged"]

    def __init__(self):
        self.count = Counter()
        self.rules = Counter()
        self.findings = {kind: Findings() for kind in self.KINDS}
        self.relayed = []  # (argument, address) let through to the relay domain

    def add(self, other):
        self.count += other.count
        self.rules += other.rules
        for kind, found in other.findings.items():
            self.findings[kind].merge(found)
