# SPDX-License-Identifier: BSD-2-Clause
"""directory - a guard whose policy is in a private slapd, asked by the map door."""
import json
import os
import pwd
from pathlib import Path

import lab
import rawmap
import slapd as s
import watched

POLICY = "local guard.test\nrelay file.test\n"


def guard_options(*servers, folder, **more):
    """The options of a directory; the password file is the guard's own."""
    password = folder / "ldap.password"
    if not password.exists():
        password.write_text(s.GUARD_PASSWORD + "\n")
        password.chmod(0o600)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(password, nobody.pw_uid, nobody.pw_gid)
    return {"ldap_uri": [x if isinstance(x, str) else x.uri for x in servers],
            "ldap_base": s.BASE, "ldap_bind_dn": s.GUARD,
            "ldap_password_file": str(password), **more}


class DirectoryGuard(watched.Guard):
    """A guard that follows these servers (Slapd or URI)."""

    def __init__(self, *servers, policy=POLICY, **options):
        super().__init__(policy)
        self.set_options(**guard_options(*servers, folder=self.folder / "run", **options))

    def ask(self, name, key):
        with rawmap.MapSession(self.map_socket) as session:
            return session.ask(name, key)

    def relays(self, domain):
        """Does the policy in force relay for this domain?"""
        return self.ask("relay", domain).startswith("OK")

    def trusts(self, address):
        return self.ask("client", address).startswith("OK")

    def status(self):
        """The status file; {} when there is none yet."""
        path = Path(self.options["status_file"])
        return json.loads(path.read_text()) if path.exists() else {}

    def directory(self):
        return self.status().get("directory") or {}

    def wait_state(self, *states, seconds=20):
        lab.wait_for(lambda: self.directory().get("state") in states, f"state {states}", seconds)

    def wait_relays(self, domain, wanted=True, seconds=10):
        lab.wait_for(lambda: self.relays(domain) == wanted, f"{domain}: {wanted}", seconds)

    def command(self, *words):
        return watched.command(*words, "-c", self.config, seconds=60)


def add_domain(client, domain, **more):
    client.add(s.Slapd.dn(f"rgDomain={domain}"), objectClass="rgRelayDomain", rgDomain=domain,
               **more)


def add_network(client, network, **more):
    client.add(s.Slapd.dn(f"rgNetwork={network}"), objectClass="rgClientNetwork",
               rgNetwork=network, **more)
