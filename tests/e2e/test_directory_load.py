# SPDX-License-Identifier: BSD-2-Clause
"""Reloads while questions come in, the directory changes and its server is
killed: no answer is wrong.  With `make tsan check` a race fails the test."""
import threading
import time
from contextlib import suppress

import lab
import pytest
import rawmap
import slapd as s
from directory import DirectoryGuard, add_domain
from ldap_wire import LdapError

pytestmark = pytest.mark.skipif(s.available() is not None, reason=str(s.available()))
SECONDS = 8
KEPT = [f"kept{i}.test" for i in range(100)]


class Load:
    """Threads that each do something until the time is up; what they have done."""

    def __init__(self, server, guard):
        self.server, self.guard = server, guard
        self.asked, self.changed, self.reloads, self.kills, self.wrong = 0, 0, 0, 0, []
        self.end = time.monotonic() + SECONDS

    def go_on(self):
        return time.monotonic() < self.end

    def ask(self):
        with rawmap.MapSession(self.guard.map_socket) as session:
            while self.go_on():
                for domain, wanted in ((KEPT[self.asked % 100], "OK"), ("never.test", "NOTFOUND")):
                    answer = session.ask("relay", domain)
                    if not answer.startswith(wanted):
                        self.wrong.append((domain, answer))
                self.asked += 1

    def change(self):
        while self.go_on():
            with suppress(OSError, LdapError), self.server.client() as client:
                while self.go_on():
                    add_domain(client, f"c{self.changed}.test")
                    client.delete(self.server.dn(f"rgDomain=c{self.changed}.test"))
                    self.changed += 1
                    time.sleep(0.005)
            self.changed += 1

    def reload(self):
        while self.go_on():
            self.reloads += 1
            # every eighth time with another search: it is followed from the start
            if self.reloads % 8 == 0:
                self.guard.set_options(ldap_filter="(objectClass=rgRelayDomain)"
                                       if self.reloads % 16 else "")
            self.guard.reload()
            time.sleep(0.05 * (self.reloads % 5))

    def kill(self):
        while self.go_on():
            time.sleep(SECONDS / 4)
            self.server.kill()
            time.sleep(0.3)
            self.server.run()
            self.kills += 1

    def run(self):
        threads = [threading.Thread(target=f) for f in (
            self.ask, self.ask, self.change, self.reload, self.kill)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def test_reloads_under_load():
    with s.Slapd(checkpoint="1 1") as server, DirectoryGuard(
            server, ldap_hold_percent=100) as guard:
        with server.client() as client:
            for domain in KEPT:
                add_domain(client, domain)
        guard.wait_relays(KEPT[-1])
        load = Load(server, guard)
        load.run()
        assert load.wrong == []
        assert load.asked > 1000 and load.changed > 50 and load.reloads > 20 and load.kills > 1
        with server.client() as client:
            add_domain(client, "last.test")
        guard.wait_relays("last.test", seconds=30)
        lab.wait_for(lambda: guard.directory().get("state") == "live", "live again", 20)
        assert guard.stop() == 0
