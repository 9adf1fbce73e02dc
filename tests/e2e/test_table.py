# SPDX-License-Identifier: BSD-2-Clause
"""A2, short: in every sendmail variant relayguard lets no trick of the table
through and loses no honest mail; and the table can tell.  All of it, with
Postfix, Exim and OpenSMTPD: tests/table/run."""
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "table")]
import variants
from forms import ROWS

LETTERS = [v.letter for v in variants.VARIANTS]
# what these accept by themselves, measured more than once: the client is
# untrusted, the options are in force, the server is no wall of refusals
OPEN = {"A": 0, "B": 6, "B+": 17, "C": 0, "D": 9, "E": 9, "F": 29, "G": 1, "H": 9}
LEGAL = {"A": 10, "B": 11, "B+": 11, "C": 9, "D": 11, "E": 10, "F": 10, "G": 10, "H": 10}


@pytest.fixture(scope="module")
def verdicts():
    with variants.guard() as guard:
        columns = variants.sendmail_columns(guard)
        assert guard.alive()
    return {v.letter: v for v in variants.verdicts(columns)}


@pytest.mark.parametrize("letter", LETTERS)
def test_no_trick_accepted_no_honest_mail_lost(verdicts, letter):
    verdict = verdicts[letter]
    assert (verdict.leaks, verdict.lost) == ([], []), verdict.name


@pytest.mark.parametrize("letter", LETTERS)
def test_without_the_guard(verdicts, letter):
    """Else the test above proved nothing."""
    verdict = verdicts[letter]
    assert (verdict.open_without, verdict.legal_without) == \
        (OPEN[letter], LEGAL[letter]), verdict.name


def test_a_leak_and_a_loss_are_seen(verdicts):
    """A server that takes all, one that takes nothing, in the guard's place."""
    accepted = {row.id: "accept" for row in ROWS}
    refused = {row.id: "refuse" for row in ROWS}
    columns = {"A": (accepted, accepted), "B": (accepted, refused)}
    leaking, losing = variants.verdicts(columns)
    assert len(leaking.leaks) == sum(not row.legal for row in ROWS)
    assert len(losing.lost) == sum(row.legal for row in ROWS)
    assert not leaking.passed and not losing.passed
