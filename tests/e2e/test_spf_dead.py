# SPDX-License-Identifier: BSD-2-Clause
"""A DNS that never answers holds up nobody longer than the budget, and nobody else.
tests/bench/dns_dead has the figures; here limits are wide, for a busy machine."""
import statistics
import time

import lab
import pytest
from waiting import Waiting, dead_servers, session

POLICY = "local guard.test\nlocal .guard.test\nclient 192.0.2.0/24\n"
BUDGET_MS = 1500
TRUSTED = "192.0.2.7"


@pytest.mark.parametrize("servers", [1, 2, 3])
def test_dead_servers(servers):
    with dead_servers(servers) as names, \
            lab.Guard(POLICY, dns_servers=names, sender_domain_check=True, spf="enforce",
                      budget_ms=BUDGET_MS) as guard:
        def trusted():
            return [session(guard.socket, "<a@dead.test>", TRUSTED) for _ in range(50)]

        alone = trusted()
        with Waiting(guard.socket, 50) as waiting:
            time.sleep(0.3)
            among = trusted()
            lab.wait_for(lambda: len(waiting.seconds) >= 50, "50 sessions that waited", 60)
        assert waiting.failures == []
        budget = BUDGET_MS / 1000
        # none waited for another as well: see milter/serve/worker_wake.h
        assert budget * 0.9 < statistics.median(waiting.seconds) < budget + 0.5
        assert max(waiting.seconds) < budget + 1
        for answers in alone, among:
            assert statistics.median(map(sum, answers)) < 0.2
            assert max(map(sum, answers)) < 2
