# SPDX-License-Identifier: BSD-2-Clause
"""Servers that relay testers get wrong: ours has to say the truth of each."""
import os

import pytest

from sink_modes import MODES, against, ours


@pytest.mark.parametrize("mode", MODES, ids=[m.name for m in MODES])
def test_verdict(mode):
    if ":" in mode.address and os.geteuid() != 0:
        pytest.skip("an IPv6 stranger needs a network of its own, so root")
    result, sink = against(mode, ours)
    assert result.verdict == mode.truth, result.doc["reasons"]
    assert sink.faults == []
    data = [c for c in sink.commands if c.upper().startswith("DATA")]
    assert bool(data) == ("--prove" in mode.options)
    if mode.truth != "closed":
        assert result.doc["reasons"], "a verdict without a reason"


def test_literal_of_ipv6():
    mode = next(m for m in MODES if m.name == "IPv6, open")
    if os.geteuid() != 0:
        pytest.skip("an IPv6 stranger needs a network of its own, so root")
    _, sink = against(mode, ours)
    assert "EHLO [IPv6:fd00:9::2]" in sink.commands
    assert any(c.endswith("@[IPv6:fd00:9::1]>") for c in sink.commands)


def test_there_are_enough():
    assert len(MODES) >= 22
    assert {m.truth for m in MODES} == {"relays", "closed", "inconclusive", "invalid"}
