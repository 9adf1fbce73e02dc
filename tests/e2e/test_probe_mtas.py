# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe` against Postfix, Exim and OpenSMTPD (see zoo.py): what
tests/table measured with tools of its own, the probe must find by itself."""
import re

import lab
import pytest
import zoo
from proved import UNPROVED, Proved
from sink import PAPER, Result

CLOSED = zoo.available()
pytestmark = pytest.mark.skipif(bool(CLOSED), reason=f"no other servers here: {CLOSED}")

FULL = ["--profile", "full", "--relay-domain", "relay.test"]
# rows of the table of MTAs (R1 to R6, M1 to M6) by the probe's ids, who accepts
TWO_HOPS = [f"G{n:02}" for n in range(1, 13)]
ACCEPTED = {
    "postfix": set(),
    "exim": set(),
    "opensmtpd": {"G01", "G03", "G06", "G08"},
}
# what the table has no rows for: passed on as it is, for a next hop that has
# DECnet, programs, or takes bit 7 and full-width marks for operators
VERBATIM = {
    "postfix": {"G15", "G16", "G17", "G18", "G30"},
    "exim": {"G15", "G18", "G29", "G30"},
    "opensmtpd": {"G17", "G23", "G24", "G25", "G28"},
}
BANNER = {"postfix": "Postfix", "exim": "Exim 4", "opensmtpd": "OpenSMTPD"}


@pytest.fixture(scope="module", params=zoo.UNPACKED, ids=lambda kind: kind.name)
def mta(request):
    with request.param() as made:
        yield made


def test_paper(mta):
    r = Result(mta.port)
    assert (r.exit, r.verdict) == (0, "closed")
    assert r.with_outcome("refused") == PAPER
    assert BANNER[mta.name] in r.doc["target"]["banner"]
    assert ("C", "before", "accepted") in r.controls()


def test_full(mta):
    r = Result(mta.port, *FULL)
    assert (r.exit, r.verdict) == (1, "relays")
    accepted = set(r.with_outcome("accepted"))
    assert accepted & set(TWO_HOPS) == ACCEPTED[mta.name]
    hops, ids = r.doc["reasons"][0].split(": ")
    assert hops.endswith("(two hops)")
    relayed = set(ids.split())
    assert relayed == ACCEPTED[mta.name] | VERBATIM[mta.name]
    # Exim's sample takes any local name here: these stay at the server
    assert all(r.tests[i]["sent"].rstrip(">").endswith("@mail.guard.test")
               for i in accepted - relayed)
    assert bool(accepted - relayed) == (mta.name == "exim")
    assert not set(r.with_outcome("unanswered")) | set(r.with_outcome("deferred"))


def test_who_refused(mta):
    r = Result(mta.port, *FULL)
    layers = {i: t["by"]["layer"] for i, t in r.tests.items() if t["by"]}
    assert layers["P01"] == ("parser" if mta.name == "opensmtpd" else "relay-rules")
    assert layers["T08"] == layers["P01"]
    assert layers["P00.2"] == "relay-rules"
    assert layers["T01"] in ("parser", "relay-rules")
    unknown = [i for i, layer in layers.items() if layer == "unknown"]
    assert len(unknown) < 5


# ---- --prove with another server --------------------------------------------


class OpenPostfix(zoo.Postfix):
    """Whom it trusts and where mail goes are as told."""

    def __init__(self, networks, catch):
        super().__init__()
        self.networks, self.catch = networks, catch

    def configure(self):
        super().configure()
        main = self.folder / "conf/main.cf"
        hop = f"smtp:[127.0.0.1]:{self.catch}"
        text = main.read_text()
        for option in "default_transport", "relay_transport":
            text = re.sub(rf"^{option} = .*$", f"{option} = {hop}", text, flags=re.M)
        text = re.sub(r"^mynetworks = .*$", f"mynetworks = {self.networks}", text, flags=re.M)
        main.write_text(text)
        with open(self.folder / "conf/master.cf", "a") as services:
            services.write("smtp unix - - n - - smtp\n")


@pytest.mark.parametrize("networks, delivered", [
    ("127.0.0.1", VERBATIM["postfix"] | ACCEPTED["postfix"]), ("0.0.0.0/0", None)])
def test_postfix_delivers_what_it_accepts(networks, delivered):
    catch = lab.free_port()
    with OpenPostfix(networks, catch) as mta:
        r = Proved(mta.port, catch, *FULL, "--wait", "30")
        log = mta.log()
    found = set(r.proved("delivered"))
    assert r.verdict == "relays"
    assert r.control("C") == r.control("R") == ("accepted", "delivered")
    assert len(re.findall(r"status=sent \(250 2\.0\.0 caught\)", log)) >= len(found)
    assert found == set(r.proofs) == set(r.with_outcome("accepted")) - UNPROVED
    assert found == delivered if delivered else len(found) > 150


def test_postfix_that_trusts_loopback_as_debian_has_it():
    """It is closed; a tester from 127.0.0.2 would call it open."""
    with OpenPostfix("127.0.0.0/8", lab.free_port()) as mta:
        r = Result(mta.port)
    strangers = [o for i, _, o in r.controls() if i == "S"]
    if len(strangers) == 1:
        pytest.skip("this machine has loopback alone")
    assert (strangers, r.verdict) == (["accepted", "refused"], "invalid")
    assert "trusts the source" in r.doc["reasons"][0]
