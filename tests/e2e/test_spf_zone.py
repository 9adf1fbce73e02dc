# SPDX-License-Identifier: BSD-2-Clause
"""The DNS server of the SPF suites says what their zones say."""
import os
from pathlib import Path

import lab
import pytest
import spf_zone
from resolver import Resolver

SUITES = Path(os.environ.get("SPF_SUITES", lab.TOP.parent / "shared/data/spf"))

ZONE = {
    "Example.com": [{"SPF": "v=spf1 mx -all"}, {"MX": [10, "mail.example.com"]},
                    {"MX": [0, ""]}],
    "mail.example.com": [{"A": "192.0.2.1"}, {"AAAA": "2001:db8::1"}],
    "both.example.com": [{"SPF": "v=spf1 -all"}, {"TXT": "v=spf1 +all"}],
    "spf-only.example.com": [{"SPF": "v=spf1 -all"}, {"TXT": "NONE"}],
    "parts.example.com": [{"TXT": ["v=spf1", " -all"]}],
    "long.example.com": [{"TXT": "v=spf1 " + "a" * 5000}],
    "slow.example.com": ["TIMEOUT", {"A": "192.0.2.2"}],
    "alias.example.com": [{"CNAME": "mail.example.com"}],
    "loop.example.com": [{"CNAME": "loop.example.com"}],
    "1.2.0.192.in-addr.arpa": [{"PTR": "mail.example.com"}],
}


@pytest.mark.parametrize("kind,name,status,records", [
    ("TXT", "example.com", "found", ["v=spf1 mx -all"]),
    ("MX", "EXAMPLE.com", "found", [[0, ""], [10, "mail.example.com"]]),
    ("TXT", "both.example.com", "found", ["v=spf1 +all"]),
    ("TXT", "spf-only.example.com", "no data", []),
    ("TXT", "parts.example.com", "found", ["v=spf1 -all"]),
    ("TXT", "long.example.com", "found", ["v=spf1 " + "a" * 5000]),
    ("A", "slow.example.com", "found", ["192.0.2.2"]),
    ("TXT", "slow.example.com", "unknown", []),
    ("A", "alias.example.com", "found", ["192.0.2.1"]),
    ("A", "loop.example.com", "unknown", []),
    ("PTR", "1.2.0.192.in-addr.arpa", "found", ["mail.example.com"]),
    ("A", "nowhere.example.com", "no name", []),
    ("A", "com", "no data", []),
])
def test_a_zone(kind, name, status, records):
    with spf_zone.SuiteServer(ZONE) as server, Resolver([server]) as ours:
        found = ours.ask(kind, name, 500)
    assert (found.status, sorted(found.records)) == (status, records)


@pytest.mark.parametrize("suite", ["rfc7208-tests.yml", "rfc4408-tests.yml"])
def test_every_record_of_a_suite(suite):
    pytest.importorskip("yaml")
    if not (SUITES / suite).exists():
        pytest.skip(f"no {SUITES / suite} (see SPF_SUITES)")
    n = 0
    for scenario in spf_zone.scenarios(SUITES / suite):
        with spf_zone.SuiteServer(scenario["zonedata"]) as server, \
                Resolver([server], "-p", "300") as ours:
            for name, records in server.zone.items():
                for kind in {k for k, _ in records} & {"A", "AAAA", "MX", "TXT", "PTR"}:
                    escaped = "".join(c if "!" <= c <= "~" and c != "\\"
                                      else f"\\x{ord(c):02x}" for c in name)
                    found = ours.ask(kind, escaped)
                    n += 1
                    assert found.status == "found", (kind, name)
                    assert len(found.records) == sum(k == kind for k, _ in records)
    assert n > 200
