# SPDX-License-Identifier: BSD-2-Clause
"""The follower of a directory against real slapds: what the sink is told."""
import time

import pytest

import slapd as directory
from ldap_wire import ADD, DELETE, REPLACE
from slapd import BASE, Slapd
from tell import Tell

pytestmark = pytest.mark.skipif(directory.available() is not None,
                                reason=str(directory.available()))


def domain(client, name, **more):
    """An entry for a domain; gives its DN."""
    dn = Slapd.dn(f"rgDomain={name}")
    client.add(dn, objectClass="rgRelayDomain", rgDomain=name, **more)
    return dn


def test_refresh_and_live_changes():
    with Slapd() as slapd, slapd.client() as client:
        domain(client, "old.example", description="there before")
        with Tell(slapd) as tell:
            tell.wait("state", "live")
            assert [e.what for e in tell.events() if e.what not in ("state", "log")] == [
                "begin", "entry", "refreshed", "flush", "cookie"]
            assert tell.events("begin")[0].rest == "fresh"
            assert tell.events("refreshed")[0].rest == "mentioned 1"
            assert "rgDomain=old.example" in tell.events("entry")[0].rest
            assert "description=there before" in tell.events("entry")[0].rest
            added = domain(client, "new.example")
            tell.wait("entry", added)
            tell.wait("flush", count=2)
            client.modify(added, REPLACE, description="changed")
            change = tell.wait("entry", "description=changed")
            uuid = change.rest.split()[0]
            client.rename(added, "rgDomain=renamed.example")
            renamed = tell.wait("entry", "rgDomain=renamed.example")
            assert renamed.rest.split()[0] == uuid
            client.delete(Slapd.dn("rgDomain=renamed.example"))
            tell.wait("gone", uuid)
            tell.wait("flush", count=5)
            assert tell.stop() < 1
