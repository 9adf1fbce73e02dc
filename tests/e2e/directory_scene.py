# SPDX-License-Identifier: BSD-2-Clause
"""directory_scene - a slapd, a guard that follows it and mail that flows, for a
row of directory_faults; and what the rows do to them.
"""
import atexit
import functools
import os
import shutil
from types import SimpleNamespace
from typing import Callable, NamedTuple

import lab
import ldap_fake
import ldap_proxy
import slapd as s
from directory import DirectoryGuard, add_domain
from steady import RIGHT, Steady

FEW = 40       # domains besides the one that is asked for
NETWORK = "198.51.100.0/24"


def domains_ldif(*names):
    return "".join(f"dn: {s.Slapd.dn('rgDomain=' + n)}\nobjectClass: rgRelayDomain\n"
                   f"rgDomain: {n}\n\n" for n in names)


DATA = domains_ldif("granted.test", *(f"d{i}.test" for i in range(FEW))) + \
    f"dn: {s.Slapd.dn('rgNetwork=' + NETWORK)}\nobjectClass: rgClientNetwork\n" \
    f"rgNetwork: {NETWORK}\n\n"
ALL = FEW + 2  # values of the directory


class Fault(NamedTuple):
    """how      a generator: does the harm, yields, undoes it
    state       of the directory in the status, meanwhile
    trouble     its text there, and in the log; "": none
    log         other words of the log
    lost        values held back
    data        entries at the begin
    older       there is a copy of them in the server's folder
    slapd, options   of the server and of the guard
    proxy       the guard is connected through one
    fake        what a second server does, which is tried next
    answers     what the load expects at the begin"""
    how: Callable
    state: str
    trouble: str = ""
    log: str = ""
    lost: int = 0
    data: str = DATA
    older: bool = False
    slapd: dict = {}
    options: dict = {}
    proxy: bool = False
    fake: Callable = None
    answers: dict = RIGHT
    tls: bool = False
    seconds: float = 30


def open_scene(row, stack):
    x = SimpleNamespace(row=row, proxy=None)
    more = dict(row.slapd)
    options = dict(row.options)
    if row.tls:
        more["tls"] = certificates("own")
        options |= {"ldap_starttls": True, "ldap_ca_file": str(certificates("own").ca)}
    x.slapd = stack.enter_context(s.Slapd(ldif=row.data, **more))
    if row.older:
        x.slapd.stop()
        x.slapd.keep("older")
        x.slapd.run()
    if row.proxy:
        x.proxy = stack.enter_context(ldap_proxy.Proxy(x.slapd))
    servers = [x.proxy or x.slapd]
    if row.fake:
        servers.append(stack.enter_context(ldap_fake.FakeServer(row.fake)))
    x.guard = stack.enter_context(DirectoryGuard(*(i.uri for i in servers), **options))
    x.guard.wait_state("live")
    x.steady = stack.enter_context(Steady(x.guard, row.answers))
    return x


@functools.cache
def certificates(name):
    """An authority and a certificate that the guard's user can read."""
    folder = lab.safe_base() / f"certificates-{name}-{os.getpid()}"
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return s.Certificates(folder)


def again(x, **changes):
    """The server is killed and started again, another one perhaps."""
    x.slapd.kill()
    for name, value in changes.items():
        setattr(x.slapd, name, value)
    x.slapd.run()


def back(x, **changes):
    """The same as a cure, which the guard need not wait for."""
    again(x, **changes)
    x.guard.reload()


def data(x, ldif=None):
    """Other entries in the server: these, or those of the begin."""
    x.slapd.kill()
    if ldif is None:
        x.slapd.put_back("older")
    else:
        shutil.rmtree(x.slapd.folder / "db")
        (x.slapd.folder / "db").mkdir()
        x.slapd.load("other.ldif", ldif)
    x.slapd.run()


def change(x, *names):
    with x.slapd.client() as client:
        for name in names:
            add_domain(client, name)


def saved(x, name="granted.test"):
    lab.wait_for(lambda: name in x.guard.text("run/ldap.state"), "the saved policy", 10)
