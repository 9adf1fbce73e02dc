# SPDX-License-Identifier: BSD-2-Clause
"""The relay test that most people know, nmap's smtp-open-relay, from an
address that sendmail does not trust: with the guard no test passes."""

import os
import re
import subprocess

import lab
import pytest

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="nmap -S (another source address) needs root")


def open_tests(mta):
    """How many of nmap's 16 tests pass."""
    run = subprocess.run(
        ["nmap", "-n", "-Pn", "-S", lab.OUTSIDER, "-e", "lo", "-p", str(mta.port),
         "--script", "+smtp-open-relay", "127.0.0.1"],
        capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r"is an open relay \((\d+)/16 tests\)", run.stdout)
    if found:
        return int(found.group(1))
    assert "all tests failed" in run.stdout, run.stdout + run.stderr
    return 0


def test_no_test_passes_with_the_guard():
    with lab.Guard("local guard.test\n") as guard:
        with lab.Sendmail(wide_open=True, milter=guard.socket) as mta:
            assert open_tests(mta) == 0
        assert guard.audit(), "nmap's recipients did not reach the guard"


def test_without_the_guard_most_pass():
    with lab.Sendmail(wide_open=True) as mta:
        assert open_tests(mta) >= 10
