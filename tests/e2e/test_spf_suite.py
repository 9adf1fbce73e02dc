# SPDX-License-Identifier: BSD-2-Clause
"""SPF checks over real UDP and TCP: our suite, and those of openspf.org where they
are; libspf2 alone in the same run shows that they bite."""
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lab
import pytest
import spf_zone
from resolver import Resolver, Spf

# make converts them from the YAML, see SPF_YAML there
SUITES = Path(os.environ.get("SPF_SUITES", lab.BUILD / "spf"))

ZONE = {
    "example.com": [("TXT", "v=spf1 mx -all"), ("MX", "10 mail.example.com"),
                    ("MX", "0 ")],
    "mail.example.com": [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")],
    "empty.example.com": [("EMPTY", "")],
    "long.example.com": [("TXT", "v=spf1 " + "a" * 5000)],
    "slow.example.com": [("TIMEOUT", ""), ("A", "192.0.2.2")],
    "slow-mx.example.com": [("TIMEOUT", "MX")],
    "alias.example.com": [("CNAME", "mail.example.com")],
    "loop.example.com": [("CNAME", "loop.example.com")],
    "1.2.0.192.in-addr.arpa": [("PTR", "mail.example.com")],
}


@pytest.mark.parametrize("by_tcp", [False, True])
@pytest.mark.parametrize("kind,name,status,records", [
    ("TXT", "example.com", "found", ["v=spf1 mx -all"]),
    ("MX", "EXAMPLE.com", "found", [[0, ""], [10, "mail.example.com"]]),
    ("TXT", "empty.example.com", "no data", []),
    ("TXT", "long.example.com", "found", ["v=spf1 " + "a" * 5000]),
    ("A", "slow.example.com", "found", ["192.0.2.2"]),
    ("TXT", "slow.example.com", "unknown", []),
    ("MX", "slow-mx.example.com", "unknown", []),
    ("A", "slow-mx.example.com", "no data", []),
    ("A", "alias.example.com", "found", ["192.0.2.1"]),
    ("A", "loop.example.com", "unknown", []),
    ("PTR", "1.2.0.192.in-addr.arpa", "found", ["mail.example.com"]),
    ("A", "nowhere.example.com", "no name", []),
    ("A", "com", "no data", []),
])
def test_the_server(kind, name, status, records, by_tcp):
    with spf_zone.SuiteServer(ZONE, by_tcp) as server, Resolver([server]) as ours:
        found = ours.ask(kind, name, 500)
        assert (found.status, sorted(found.records)) == (status, records)
        if found.status != "unknown":
            assert (server.tcp > 0) == (by_tcp or name.startswith("long"))


CASES = [("spf.txt", None, None), ("rfc7208-tests.txt", 203, 127),
         ("rfc4408-tests.txt", 191, 117)]  # tests, and what libspf2 alone gets right


def path_of(suite):
    return suite if suite == "spf.txt" else SUITES / suite


def run(scenario, by_tcp, who):
    """What holds in a scenario, and what does not, for us or for libspf2 alone."""
    score, wrong = Counter(), []
    with spf_zone.SuiteServer(scenario.zone, by_tcp) as server, Spf(server) as spf:
        for test in scenario.tests:
            said = spf.check(test.sender, test.client, test.helo, who=who)
            score["tests"] += 1
            score["hold"] += test.holds(said)
            if not test.holds(said):
                wrong.append((scenario.name, test, said))
        score["tcp"] = server.tcp
    return score, wrong


@pytest.fixture(scope="module")
def runs():
    """All of them at once: they wait for servers that never answer."""
    with ThreadPoolExecutor(24) as pool:
        yield {(suite, by_tcp, who): [pool.submit(run, scenario, by_tcp, who)
                                      for scenario in spf_zone.scenarios(path_of(suite))]
               for suite, tests, _ in CASES if not tests or path_of(suite).exists()
               for by_tcp in (False, True) for who in ("guard", "stock")}


@pytest.mark.parametrize("by_tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize("suite,tests,stock", CASES)
def test_suite(runs, suite, tests, stock, by_tcp):
    if (suite, by_tcp, "guard") not in runs:
        pytest.skip(f"the suite of openspf.org is not here: no {path_of(suite)}")
    total, wrong = {}, {}
    for who in ("guard", "stock"):
        done = [future.result() for future in runs[suite, by_tcp, who]]
        total[who] = sum((score for score, _ in done), Counter())
        wrong[who] = [fault for _, faults in done for fault in faults]
    ours, bare = total["guard"], total["stock"]
    print(f"{suite} by {'TCP' if by_tcp else 'UDP'}: guard {ours['hold']} of "
          f"{ours['tests']}, libspf2 alone {bare['hold']}")
    assert not wrong["guard"]
    assert ours["tests"] > 90
    assert (ours["tcp"] > ours["tests"]) == (bare["tcp"] > bare["tests"]) == by_tcp
    if tests:
        assert (ours["tests"], bare["hold"]) == (tests, stock)
