# SPDX-License-Identifier: BSD-2-Clause
"""spf_zone - the zones of the openspf.org suites, over real UDP and TCP.

    for scenario in spf_zone.scenarios(path):     # rfc7208-tests.yml
        with spf_zone.SuiteServer(scenario["zonedata"]) as server:
            ...                                   # ask server.name
"""
from dns_server import NXDOMAIN, ScriptServer, rr


def scenarios(path):
    """[{"description": ..., "tests": {...}, "zonedata": {...}}]"""
    import yaml  # Debian: python3-yaml; not everywhere

    with open(path, encoding="utf-8") as file:
        return [s for s in yaml.safe_load_all(file) if s]


class SuiteServer(ScriptServer):
    """The zonedata of one scenario of the openspf.org suites: {name: [record]},
    a record being {"TXT": "..."} or {"MX": [10, "a"]} and so on, or "TIMEOUT":
    then whatever this name does not have is never answered.  "TXT: NONE" keeps
    a record of type SPF from being one of type TXT, too."""

    def __init__(self, zonedata, address="127.0.0.1"):
        self.zone = {}
        for name, records in zonedata.items():
            self.zone[name.lower().rstrip(".")] = list(self.expand(records))
        super().__init__(self.look_up, address)

    @staticmethod
    def expand(records):
        pairs = [(r, None) if isinstance(r, str) else next(iter(r.items()))
                 for r in records]
        has_txt = any(kind == "TXT" for kind, _ in pairs)
        for kind, value in pairs:
            if value == "NONE":
                continue
            if kind in ("TXT", "SPF"):
                strings = value if isinstance(value, list) else [value]
                # "\x80" in the suites is that byte
                value = [part for s in strings
                         for part in SuiteServer.cut(s.encode("latin-1"))]
            yield kind, value
            if kind == "SPF" and not has_txt:
                yield "TXT", value

    @staticmethod
    def cut(string):
        return [string[i:i + 255] for i in range(0, len(string), 255)] or [b""]

    def look_up(self, q):
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
        if not mine and ("TIMEOUT", None) in found:
            return None
        return q.reply(answers + [rr(name, q.type, value) for value in mine])
