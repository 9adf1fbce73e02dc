# SPDX-License-Identifier: BSD-2-Clause
"""The servers that tests/bench/directory measures, and how it looks at them."""
import os
import statistics
import sys
import time
from pathlib import Path

import directory_data as data
import lab
import rawmap
import slapd as s
import tables
from directory import DirectoryGuard

POLICY = "local example.org\nlocal .example.org\n"
LOST_AFTER = 5  # seconds
REFRESH = 120   # seconds, at most
WATCHDOG = 5    # its seconds between two looks


class Invalid(Exception):
    """An answer is wrong: the figures mean nothing."""


def tool(name):
    return lab.BUILD / "bench" / name


def big_slapd(options, pack=1, **more):
    return s.Slapd(ldif=data.ldif(options.entries, pack), maxsize=4 << 30,
                   extra=[data.SORTED, "database monitor"], **more)


def live_guard(*servers):
    return DirectoryGuard(*servers, policy=POLICY)


def wait_live(guard):
    guard.wait_state("live", seconds=REFRESH)


def asked_until(session, question, wanted):
    """Ask all the time until it is so; False: it does not come."""
    deadline = time.monotonic() + LOST_AFTER
    while session.ask(*question).startswith("OK") != wanted:
        if time.monotonic() > deadline:
            return False
    return True


def print_times(label, seconds, lost=None, median_goal=None, p99_goal=None):
    ms = sorted(x * 1000 for x in seconds)
    p99 = ms[max(0, -(-len(ms) * 99 // 100) - 1)]
    for name, value, goal in (("median", statistics.median(ms), median_goal),
                              ("p99", p99, p99_goal), ("max", ms[-1], None)):
        tables.print_line(f"{label}, {name}", value, "ms", goal and ("<=", goal), ".2f")
    if lost is not None:
        tables.print_line(f"{label}, lost", lost, "", ("<=", 0))
    sys.stdout.flush()


class Counters:
    """slapd's own, read over a connection that is counted itself: each look is
    one search."""

    def __init__(self, slapd):
        self.client = slapd.client()

    def look(self):
        found = {}
        for kind in ("Bind", "Search", "Compare", "Modify", "Add", "Unbind", "Extended",
                     "Abandon"):
            values = self.client.read(f"cn={kind},cn=Operations,cn=Monitor",
                                      "monitorOpInitiated")
            found[kind] = int(values["monitorOpInitiated"][0])
        return found

    def during(self, what):
        """(result of what(), operations during that but for our own)."""
        before = self.look()
        result = what()
        after = self.look()
        made = {k: after[k] - before[k] for k in before if after[k] != before[k]}
        made["Search"] -= len(before)  # a look's own searches
        return result, {k: n for k, n in made.items() if n}


def rss(guard):
    """MiB."""
    for line in Path(f"/proc/{guard.child.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise Invalid("no VmRSS")


def decides_after(guard, domain):
    """Start it: seconds until a mail for this domain is decided by the policy."""
    binary = Path(os.environ.get("RELAYGUARD", lab.BUILD / "relayguard")).resolve()
    begin = time.monotonic()
    guard.launch([binary, "serve", "-c", guard.config])
    while time.monotonic() < begin + REFRESH:
        try:
            with rawmap.MapSession(guard.map_socket) as session:
                while not session.ask("relay", domain).startswith("OK"):
                    time.sleep(0.001)
                return time.monotonic() - begin
        except OSError:
            time.sleep(0.001)
    raise Invalid("the guard does not decide")


def cpu(process):
    """CPU seconds of it so far."""
    fields = Path(f"/proc/{process.child.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
