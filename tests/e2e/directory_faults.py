# SPDX-License-Identifier: BSD-2-Clause
"""directory_faults - what can happen to a directory while a guard follows it.

Each row of TABLE is a generator that does the harm, yields, and undoes it, with
what status and log must say meanwhile; test_directory_faults runs them.
"""
import os
import time

import lab
import ldap_fake
import ldap_proxy
import slapd as s
from directory import add_network
from directory_scene import (ALL, FEW, NETWORK, Fault, again, back, certificates, change, data,
                             domains_ldif, saved)
from ldap_wire import REPLACE
from steady import EMPTY, RIGHT, UNKNOWN

LONG = os.environ.get("LDAP_FAULTS") == "long"
HANG_SECONDS = 30 if LONG else 12
MANY = 1_000_000 if LONG else 100_000
TABLE = []


def fault(**row):
    def add(how):
        TABLE.append(Fault(how, **row))
        return how
    return add


# ------------------------------------------------------------- it is not there

@fault(state="refresh", trouble="no LDAP server answers there")
def killed(x):
    x.slapd.kill()
    yield
    x.slapd.run()


@fault(state="refresh", trouble="no LDAP server answers there")
def shut_down(x):
    x.slapd.stop()
    yield
    x.slapd.run()


@fault(state="refresh", trouble="takes connections but does not answer")
def hangs(x):
    x.slapd.pause()
    begin = time.monotonic()
    yield
    time.sleep(max(0, begin + HANG_SECONDS - time.monotonic()))
    x.slapd.go_on()


@fault(state="refresh", trouble="no LDAP server answers there",
       log=r"saved \d+ s ago is in force")
def dead_while_the_guard_restarts(x):
    saved(x)
    with x.steady.paused():
        x.guard.kill()
        x.slapd.kill()
        x.guard.start()
    yield
    x.slapd.run()


@fault(state="refresh", trouble="no LDAP server answers there",
       log=r"ldap\.state:\d+: .*not used")
def saved_policy_damaged(x):
    saved(x)
    with x.steady.paused(UNKNOWN):
        x.guard.kill()
        x.slapd.kill()
        state = x.guard.folder / "run/ldap.state"
        state.write_bytes(state.read_bytes().replace(b"granted.test", b"foreign.test", 1))
        x.guard.start()
    yield
    with x.steady.paused(RIGHT):
        x.slapd.run()
        x.guard.wait_state("live", seconds=40)


# --------------------------------------------------------------- other entries

@fault(state="live", log="code 53", older=True)
def back_with_older_data(x):
    change(x, "newer.test")
    x.guard.wait_relays("newer.test")
    data(x)
    x.guard.wait_relays("newer.test", False)
    yield


@fault(state="live", log="code 53.*held", lost=20, older=True)
def back_with_much_older_data(x):
    names = [f"newer{i}.test" for i in range(20)]
    change(x, *names)
    x.guard.wait_relays(names[-1])
    data(x)
    yield
    assert x.guard.relays(names[0])
    change(x, *names)


@fault(state="live", log="held", lost=ALL)
def mass_delete(x):
    with x.slapd.client() as client:
        for i in range(FEW):
            client.delete(s.Slapd.dn(f"rgDomain=d{i}.test"))
        client.delete(s.Slapd.dn("rgDomain=granted.test"))
        client.delete(s.Slapd.dn("rgNetwork=" + NETWORK))
    yield
    # the first 30 % went one by one, as anything else that is deleted
    assert x.guard.relays(f"d{FEW - 1}.test") and not x.guard.relays("d0.test")
    change(x, "granted.test", *(f"d{i}.test" for i in range(FEW)))
    with x.slapd.client() as client:
        add_network(client, NETWORK)


@fault(state="live", log="found nothing", data="", answers=EMPTY)
def empty_at_first(x):
    yield
    with x.steady.paused(RIGHT):
        change(x, "granted.test")
        with x.slapd.client() as client:
            add_network(client, NETWORK)
        lab.wait_for(lambda: x.guard.trusts("198.51.100.7"), "the network", 10)


@fault(state="live", seconds=900 if LONG else 120, slapd={"maxsize": 1 << 33})
def very_many_entries(x):
    x.slapd.kill()
    x.slapd.load("many.ldif", domains_ldif(*(f"m{i}.test" for i in range(MANY))))
    x.slapd.run()
    x.guard.wait_relays(f"m{MANY - 1}.test", seconds=x.row.seconds)
    # the file may be older than the answer: with all of them, and behind it
    lab.wait_for(lambda: x.guard.directory().get("entries") == MANY + ALL, "the status", 30)
    x.guard.wait_state("live", seconds=30)
    before = x.guard.directory()["refreshes"]
    x.guard.reload()  # all of them again, without a cookie
    lab.wait_for(lambda: x.guard.directory()["refreshes"] > before, "a refresh", x.row.seconds)
    yield
    assert x.guard.directory()["entries"] == MANY + ALL


@fault(state="refresh", trouble="no such ldap_base.*ou=none,dc=lab")
def option_names_a_base_that_is_not(x):
    x.guard.set_options(ldap_base="ou=none,dc=lab")
    x.guard.reload()
    yield
    assert x.guard.directory()["values"] == ALL
    x.guard.set_options(ldap_base=s.BASE)
    x.guard.reload()


@fault(state="live", log="found nothing.*held|held.*found nothing", lost=ALL)
def option_names_an_empty_base(x):
    x.guard.set_options(ldap_base=s.GUARD)
    x.guard.reload()
    yield
    x.guard.set_options(ldap_base=s.BASE)
    x.guard.reload()


@fault(state="refresh", trouble="no such ldap_base, or the server's ACL hides it", older=True)
def base_missing(x):
    data(x, s.LDIF.replace(s.BASE, "ou=other," + s.SUFFIX).replace("ou: relay", "ou: other"))
    yield
    data(x)
    x.guard.reload()


@fault(state="refresh", trouble="ldap_base is at another server.*ldap://elsewhere.example",
       older=True)
def referral(x):
    data(x, s.LDIF.replace("objectClass: organizationalUnit", "objectClass: referral\n"
                           "objectClass: extensibleObject\nref: ldap://elsewhere.example/"))
    yield
    data(x)
    x.guard.reload()


# ------------------------------------------------------------- it does not want

@fault(state="refresh", trouble="wrong password, or no such ldap_bind_dn.*cn=guard,dc=lab")
def wrong_password(x):
    with x.slapd.client() as client:
        client.modify(s.GUARD, REPLACE, userPassword="another-secret")
    again(x)
    yield
    with x.slapd.client() as client:
        client.modify(s.GUARD, REPLACE, userPassword=s.GUARD_PASSWORD)
    x.guard.reload()
    assert s.GUARD_PASSWORD not in x.guard.text("output")


@fault(state="refresh", trouble=r"ldap\.password.*others can read")
def password_file_is_open_to_all(x):
    file = x.guard.folder / "run/ldap.password"
    file.chmod(0o644)
    again(x)
    yield
    file.chmod(0o600)
    x.guard.reload()


@fault(state="refresh", trouble="size limit cuts the answer short", log="code 53", older=True)
def size_limit(x):
    change(x, "newer.test")  # so that the cookie is of no use, later
    x.guard.wait_relays("newer.test")
    x.slapd.size_limit = 3
    data(x)
    yield
    back(x, size_limit=None)


@fault(state="live")
def acl_hides_some(x):
    """Nobody is told, it is found out at the next refresh."""
    again(x, access=[r'access to dn.regex="rgDomain=d[0-4]\.test,.*" by * none',
                     "access to * by * read"])
    lab.wait_for(lambda: x.guard.directory()["reconnects"] == 1, "the server again", 10)
    x.guard.wait_state("live")
    assert x.guard.relays("d0.test")
    x.guard.reload()
    x.guard.wait_relays("d0.test", False)
    yield
    back(x, access=())
    x.guard.wait_relays("d0.test")


@fault(state="live", log="found nothing.*ACL hides them", lost=ALL)
def acl_hides_all(x):
    back(x, access=[f'access to dn.children="{s.BASE}" by * none', "access to * by * read"])
    yield
    back(x, access=())


@fault(state="poll", log="in force, asked for changes now and then",
       options={"ldap_poll_seconds": 1})
def no_syncprov(x):
    again(x, syncprov=False)
    x.guard.wait_state("poll")
    change(x, "polled.test")
    x.guard.wait_relays("polled.test")
    yield
    back(x, syncprov=True)


@fault(state="refresh", log="code 4096.*asking for everything again",
       trouble="cannot go on from our cookie|no LDAP server answers", fake=ldap_fake.refuse_cookie)
def cookie_refused(x):
    x.slapd.kill()
    yield
    x.slapd.run()


# -------------------------------------------------------------------------- TLS

@fault(state="refresh", trouble="not trusted", tls=True)
def certificate_of_another_authority(x):
    again(x, tls=certificates("other"))
    yield
    back(x, tls=certificates("own"))


def signed(x, names, days):
    certificates("own").sign(names, days)
    again(x)
    yield
    certificates("own").sign("IP:127.0.0.1", 30)
    back(x)


@fault(state="refresh", trouble="another name: other.example, not 127.0.0.1", tls=True)
def certificate_for_another_name(x):
    yield from signed(x, "DNS:other.example", 30)


@fault(state="refresh", trouble="expired, at 20210101000000Z", tls=True)
def certificate_has_expired(x):
    yield from signed(x, "IP:127.0.0.1", -1)


@fault(state="refresh", trouble="StartTLS refused", tls=True)
def starttls_refused(x):
    again(x, tls=None)
    yield
    back(x, tls=certificates("own"))


# ------------------------------------------------------------- what comes is bad

def worsened(x, way):
    """There is something to be told, so that the answer is of some length."""
    names = [f"late{i}.test" for i in range(20)]
    x.proxy.worsen(ldap_proxy.silence)
    change(x, *names)
    x.proxy.worsen(way)
    yield
    x.proxy.worsen(None)
    x.guard.reload()
    x.guard.wait_relays(names[-1], seconds=40)


@fault(state="refresh", trouble="what came is not the answer of an LDAP server", proxy=True)
def garbage(x):
    yield from worsened(x, ldap_proxy.garbage)


@fault(state="refresh", trouble="connection is lost", proxy=True)
def reset_in_the_middle(x):
    yield from worsened(x, ldap_proxy.reset)


@fault(state="live", log="in force.*connection is lost.*in force", proxy=True)
def drips(x):
    """Slow, but all is well."""
    yield from worsened(x, ldap_proxy.drip)


@fault(state="refresh", trouble="does not answer", proxy=True)
def silence(x):
    yield from worsened(x, ldap_proxy.silence)
