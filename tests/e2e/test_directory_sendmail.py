# SPDX-License-Identifier: BSD-2-Clause
"""sendmail's own data in a directory drive the guard, unchanged and live: one
slapd, read by a sendmail (RELAY_DOMAIN_FILE(`@LDAP'), FEATURE(`access_db',
`LDAP')) and followed by a guard (ldap_map: sendmail), both doors of which are
in front of a second sendmail that has no LDAP and no files at all.  Both give
the same replies, also after a change."""
import itertools
import random

import lab
import pytest
import slapd as s
from directory import DirectoryGuard
from ldap_wire import REPLACE
from test_ldap_sendmail_map import (CASES, FARM, MX, OTHER, SCHEMA, access, ldif, member,
                                    place)

pytestmark = pytest.mark.skipif(s.available() is not None, reason=str(s.available()))


class Pair:
    """The same tree by both ways."""

    def __init__(self, tree, by_ldap, guard, by_guard):
        self.tree, self.by_ldap, self.guard, self.by_guard = tree, by_ldap, guard, by_guard
        self.names = itertools.count()

    def replies(self, source, *recipients, sender="<a@b.example>"):
        """What both say to this envelope: [(code, code), ...]"""
        found = []
        for mta in (self.by_ldap, self.by_guard):
            with lab.SmtpSession(mta, source=source) as smtp:
                found.append([r.code for r in smtp.envelope(sender, *recipients)])
        return list(zip(*found))

    def relays(self, target):
        """True, False, or what both say when they differ."""
        source, domain = place(target)
        replies = self.replies(source, f"<root@{domain}>")
        # a client with REJECT is sendmail's affair, which refuses MAIL too
        assert replies[0][1] == 250
        return replies[1][0] == 250 if replies[1] in [(250, 250), (550, 550)] else replies

    def add(self, client, entry):
        """Add one that access() or member() made; its DN."""
        kind, pairs = entry
        dn = s.Slapd.dn(f"cn=live{next(self.names)}")
        client.add(dn, objectClass=f"sendmailMTA{kind}", **{
            f"sendmailMTA{name}": [v for n, v in pairs if n == name] for name, _ in pairs})
        return dn

    def wait(self, target, wanted):
        source, domain = place(target)
        lab.wait_for(lambda: self.guard.relays(domain) == wanted if domain == target
                     else self.guard.trusts(source) == wanted, f"{target}: {wanted}", 10)


@pytest.fixture(scope="module")
def pair():
    data = ldif("e", [e for entries, _ in CASES.values() for e in entries])
    with s.Slapd(schemas=[SCHEMA], ldif=data) as tree, \
            DirectoryGuard(tree, policy="local guard.test\n", ldap_map="sendmail",
                           ldap_cluster="farm", ldap_host=lab.HOSTNAME,
                           ldap_hold_percent=100) as guard, \
            lab.Sendmail(guard=guard, local_domains=["guard.test", "w1.example"]) as by_guard, \
            lab.Sendmail(extra_mc=[
                "define(`confLDAP_CLUSTER',`farm')",
                f"define(`confLDAP_DEFAULT_SPEC',`-w 3 -H {tree.uri} -b {s.BASE}')",
                "FEATURE(`access_db',`LDAP')", "RELAY_DOMAIN_FILE(`@LDAP')"],
                extra_cf=["Fw@LDAP"]) as by_ldap:
        guard.wait_state("live")
        yield Pair(tree, by_ldap, guard, by_guard)


@pytest.mark.parametrize("target", CASES)
def test_the_same_verdict(pair, target):
    assert pair.relays(target) == CASES[target][1]


def test_the_same_for_random_envelopes(pair):
    """Any client with any recipients in one transaction, names above and below
    those of the tree, and the senders that relaying must not depend on."""
    dice = random.Random(5)
    clients = [t for t in CASES if t.startswith("127.") and t != "127.0.32.7"]
    clients += [lab.OUTSIDER, "127.0.0.3"]
    domains = [t for t in CASES if not t.startswith("127.")]
    domains += [f"deep.{d}" for d in domains] + ["guard.test", "elsewhere.example", "example"]
    seen = set()
    for _ in range(60):
        recipients = [f"<root@{dice.choice(domains)}>" for _ in range(6)]
        sender = f"<u@{dice.choice(['b.example', 'c.example', *domains[:5]])}>"
        source = dice.choice(clients)
        replies = pair.replies(source, *recipients, sender=sender)
        assert all(a == b for a, b in replies), (source, sender, recipients, replies)
        seen.update(a for a, _ in replies[1:])
    assert seen == {250, 550}


@pytest.mark.parametrize("target, entry", [
    ("l1.example", access(FARM, "To:l1.example", "RELAY")),
    ("l2.example", access(MX, "To:l2.example", "RELAY")),
    ("x.l3.example", access(FARM, "l3.example", "RELAY")),
    ("127.0.41.1", access(FARM, "Connect:127.0.41", "RELAY")),
    ("127.0.42.1", access(MX, "127.0.42.1", "RELAY"))])
def test_an_access_key_comes_changes_and_goes(pair, target, entry):
    """sendmail asks the tree each time, so it is the measure at once."""
    with pair.tree.client() as client:
        assert pair.relays(target) is False
        dn = pair.add(client, entry)
        pair.wait(target, True)
        assert pair.relays(target) is True
        for value, relays in [("REJECT", False), ("RELAY", True), ("OK", False),
                              ("relay", True)]:
            client.modify(dn, REPLACE, sendmailMTAMapValue=value)
            pair.wait(target, relays)
            assert pair.relays(target) is relays
        client.modify(dn, REPLACE, sendmailMTACluster=OTHER[1], sendmailMTAHost=[])
        pair.wait(target, False)
        assert pair.relays(target) is False
        client.modify(dn, REPLACE, sendmailMTACluster=[], sendmailMTAHost=lab.HOSTNAME)
        pair.wait(target, True)
        client.delete(dn)
        pair.wait(target, False)
        assert pair.relays(target) is False


def test_a_second_match_is_none_and_back(pair):
    """-1: what the cluster says is void while the host says anything too."""
    with pair.tree.client() as client:
        pair.add(client, access(FARM, "To:two.example", "RELAY"))
        pair.wait("two.example", True)
        dn = pair.add(client, access(MX, "To:two.example", "RELAY"))
        pair.wait("two.example", False)
        assert pair.relays("two.example") is False
        client.modify(dn, REPLACE, sendmailMTAMapName="other")
        pair.wait("two.example", True)
        assert pair.relays("two.example") is True
        client.modify(dn, REPLACE, sendmailMTAMapName="access")
        pair.wait("two.example", False)
        client.delete(dn)
        pair.wait("two.example", True)
        assert pair.relays("two.example") is True


def test_class_r_lives_in_the_guard_alone(pair):
    """sendmail reads class R at its start only; a new one is the measure."""
    with pair.tree.client() as client:
        dn = pair.add(client, member(FARM, "late.example"))
        pair.wait("late.example", True)
        assert pair.replies(lab.OUTSIDER, "<root@late.example>")[1] == (550, 250)
        pair.by_ldap.kill()
        pair.by_ldap.start()
        assert pair.relays("late.example") is True
        client.modify(dn, REPLACE, sendmailMTAClassValue=["r1.example", "later.example"])
        pair.wait("late.example", False)
        pair.wait("later.example", True)
        assert pair.guard.relays("r1.example")
        client.delete(dn)
        pair.wait("later.example", False)
        assert pair.guard.relays("r1.example"), "another entry says so too"
        pair.by_ldap.kill()
        pair.by_ldap.start()
        assert [pair.relays(t) for t in ("late.example", "later.example", "r1.example")] == [
            False, False, True]


def test_the_directory_goes_away(pair):
    """sendmail cannot say then, the guard can."""
    relays = [t for t, (_, yes) in CASES.items() if yes][:3]
    pair.tree.pause()
    try:
        for target in relays:
            source, domain = place(target)
            with lab.SmtpSession(pair.by_guard, source=source) as smtp:
                assert smtp.envelope("<a@b.example>", f"<root@{domain}>")[1].code == 250
    finally:
        pair.tree.go_on()
