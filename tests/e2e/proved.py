# SPDX-License-Identifier: BSD-2-Clause
"""proved - `relayguard probe --prove` for tests, and a sendmail whose next hop
is the catcher."""
import re

from sink import Result

# mailhub and a neighbour may be somebody's: no message goes there
UNPROVED = {"P08.12", "P01.31"}


class Proved(Result):
    """A run with --prove, and the proof of each test that has one."""

    def __init__(self, port, catch, *options):
        super().__init__(port, "--prove", "--catch", f"127.0.0.1:{catch}",
                         "--wait", "2", *options)
        self.proofs = {i: t["proof"] for i, t in self.tests.items()
                       if t["proof"] != "none"}

    def proved(self, proof):
        return [i for i, p in self.proofs.items() if p == proof]

    def control(self, which):
        return next((c["outcome"], c["proof"]) for c in self.doc["controls"]
                    if c["id"] == which)


def next_hop(port, literal="[127.0.0.1]"):
    """Lines for the .mc file: sendmail hands on all mail that is not local, at
    once, to this port."""
    return [f"define(`SMART_HOST',`esmtp:{literal}')",
            "define(`confDELIVERY_MODE',`background')", "define(`confQUEUE_LA',`1000')",
            *(f"define(`{m}_MAILER_ARGS',`TCP $h {port}')"
              for m in ("SMTP", "ESMTP", "RELAY"))]


def delivered(log):
    """The tokens of messages that sendmail says it has handed on."""
    token = dict(re.findall(r"\]: (\w+): from=.*, msgid=<([0-9a-f]{32}-[0-9a-f]{4})@", log))
    sent = re.findall(r"\]: (\w+): to=.*, stat=Sent \(2\.0\.0 caught\)", log)
    return {token[queue_id] for queue_id in sent if queue_id in token}
