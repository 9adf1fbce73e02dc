# SPDX-License-Identifier: BSD-2-Clause
"""Whatever happens to the directory, mail flows and is judged by the last good
policy.  Each row of the table is a fault put upon a guard that was live, what
status and log must say of it, and the cure.  A load runs all the time: not one
of its answers may be another because of LDAP's trouble.

LDAP_FAULTS=long: a million entries, a server that hangs for 30 s.
"""
import re
from contextlib import ExitStack

import lab
import pytest
import slapd as s
from directory_faults import TABLE
from directory_scene import change, open_scene

pytestmark = pytest.mark.skipif(s.available() is not None, reason=str(s.available()))

ANSWERS = 100  # at each door while the fault lasts


def missing(row, guard):
    """What is not yet as the row has it, or None."""
    now, log = guard.directory(), guard.text("output")
    held = (now.get("held") or {}).get("lost", 0)
    if now.get("state") != row.state or held != row.lost:
        return f"state {row.state}, {row.lost} held: {now}"
    if not re.search(row.trouble, now["trouble"]) or (
            row.state in ("live", "poll") and now["trouble"]):
        return f"trouble {row.trouble}: {now}"
    for words in (row.trouble, row.log):
        if not re.search(words, log, re.S):
            return f"{words} in the log: {log}"
    return None


def wait_until_it_fits(row, guard):
    try:
        lab.wait_for(lambda: missing(row, guard) is None, row.how.__name__, row.seconds)
    except lab.LabError:
        pytest.fail(missing(row, guard) or "it fits by now only")


def is_well(guard):
    now = guard.directory()
    return now.get("state") == "live" and not now["trouble"] and not now["held"]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.how.__name__)
def test_mail_flows(row):
    with ExitStack() as stack:
        x = open_scene(row, stack)
        x.steady.see(5)
        steps = row.how(x)
        next(steps)
        wait_until_it_fits(row, x.guard)
        x.steady.see(ANSWERS)
        assert next(steps, "cured") == "cured"
        lab.wait_for(lambda: is_well(x.guard), "all to be well again", 40)
        change(x, "cured.test")
        x.guard.wait_relays("cured.test")
        x.steady.see(5)
        seen, slowest = sum(x.steady.seen.values()), x.steady.slowest * 1000
    print(f"{seen} answers, {len(x.steady.wrong)} wrong; slowest {slowest:.0f} ms")
    assert not x.steady.wrong, x.steady.wrong[:10]


def test_the_table_is_complete():
    assert len(TABLE) >= 18
