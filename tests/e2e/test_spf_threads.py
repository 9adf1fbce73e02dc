# SPDX-License-Identifier: BSD-2-Clause
"""SPF checks by four threads, through the resolver and its cache: for ThreadSanitizer
(make tsan-spf) above all.  SPF_CHECKS is how many each of them would make over a
zone in memory; here it is a tenth."""
import os

from resolver import Spf
from spf_zone import SuiteServer

CHECKS = int(os.environ.get("SPF_CHECKS", 5000)) // 10

ZONE = {
    "a.example.com": [("TXT", "v=spf1 include:b.example.com mx a:%{p} a ~all"),
                      ("A", "192.0.2.1")],
    "b.example.com": [("TXT", "v=spf1 ip4:198.51.100.0/24 -all exp=e.example.com")],
    "c.example.com": [("TXT", "v=spf1 redirect=t.example.com")],
    "t.example.com": [("TXT", "v=spf1 ~all")],
    "e.example.com": [("TXT", "%{i} %{s}")],
    # a name of its own for each check: these are asked for
    "f.example.com": [("TXT", "v=spf1 exists:%{l}.x.example.com ?all")],
}
WANTED = {"a@a.example.com": "pass", "b@b.example.com": "fail",
          "c@c.example.com": "softfail", "d@none.example.com": "none",
          "#@f.example.com": "neutral"}


def test_four_threads():
    with SuiteServer(ZONE) as server, Spf(server) as spf:
        said = spf.threads(4, CHECKS, "192.0.2.1", WANTED)
        asked = server.questions()
    print(f"4 threads, {CHECKS} checks each through the cache, {asked} questions, "
          f"in {said['ms'] / 1000:.1f} s")
    assert said["wrong"] == 0
    # the others are asked for once while they are kept: a "no" of this server 5 s
    assert CHECKS // 5 <= asked <= CHECKS // 5 + 10 * (2 + said["ms"] // 5000)
