# SPDX-License-Identifier: BSD-2-Clause
"""spf_zone - suites of SPF checks, their zones served over real UDP and TCP.

    for scenario in spf_zone.scenarios("spf.txt"):   # of tests/vectors, or a path
        with spf_zone.SuiteServer(scenario.zone) as server:
            ...                                      # ask server.name
"""
from collections import defaultdict
from typing import NamedTuple

from dns_server import NXDOMAIN, ScriptServer, rr
from watched import vectors


class Test(NamedTuple):
    """A test line of tests/unit/spf_zone.h."""
    name: str
    client: str
    helo: str
    sender: str
    results: list
    explanation: str     # "*": any; "DEFAULT": none of the owner's
    mechanism: str = "*"

    def holds(self, said):
        """Is this what a checker may say?"""
        words = said["explanation"] or "DEFAULT"
        return (said["result"] in self.results and self.explanation in ("*", words)
                and self.mechanism in ("*", said.get("mechanism", self.mechanism)))


class Scenario(NamedTuple):
    name: str
    zone: dict   # name in lower case -> [(type, value)]
    tests: list


def scenarios(path):
    """All of a file of the lines that tests/unit/spf_zone.h describes."""
    made = []
    for _, fields in vectors(path):
        kind, name, *rest = (field.decode("latin-1") for field in fields)
        if kind == "scenario":
            made.append(Scenario(name, defaultdict(list), []))
        elif kind == "zone":
            made[-1].zone[name.lower().rstrip(".")].append(tuple(rest))
        else:
            rest[3] = rest[3].split(",")
            made[-1].tests.append(Test(name, *rest))
    return made


class SuiteServer(ScriptServer):
    """Says what a zone says: {name: [(type, value)]}, as in spf_zone.h.  With
    by_tcp each answer by UDP is a truncated one."""

    def __init__(self, zone, by_tcp=False):
        self.zone, self.by_tcp = zone, by_tcp
        super().__init__(self.look_up)

    @staticmethod
    def data(kind, value):
        """For dns_server.rr()."""
        if kind == "MX":
            preference, _, host = value.partition(" ")
            return int(preference), host.strip()
        if kind == "TXT":  # "\x80" in the suites is that byte
            raw = value.encode("latin-1")
            return [raw[i:i + 255] for i in range(0, len(raw), 255)] or [b""]
        return value

    def look_up(self, q):
        if self.by_tcp:
            q = q._replace(udp_bytes=0)
        name, answers = q.name.lower(), []
        for _ in range(20):
            found = self.zone.get(name)
            if found is None:
                below = any(n.endswith("." + name) for n in self.zone)
                return q.reply(answers, rcode=0 if below else NXDOMAIN)
            mine = [value for kind, value in found if kind == q.type]
            alias = [value for kind, value in found if kind == "CNAME"]
            if mine or not alias:
                break
            answers.append(rr(name, "CNAME", alias[0]))
            name = alias[0].lower().rstrip(".")
        if not mine and any(kind == "TIMEOUT" and value in ("", q.type)
                            for kind, value in found):
            return None
        return q.reply(answers + [rr(name, q.type, self.data(q.type, value))
                                  for value in mine])
