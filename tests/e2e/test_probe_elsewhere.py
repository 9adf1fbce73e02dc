# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe` as used from another host: a real sendmail in one network
namespace, the probe in another, IPv4 and IPv6 (see wire.py)."""
import time

import pytest
import wire
from lab import Guard
from proved import next_hop
from sink import PAPER
from wire import CLIENT4, CLIENT6, OTHER4, SERVER4, SERVER6, Sendmail, Wire, sendmails

CLOSED = wire.available()
pytestmark = pytest.mark.skipif(bool(CLOSED), reason=f"no second host: {CLOSED}")

BOTH = pytest.mark.parametrize("server, client", [(SERVER4, CLIENT4), (SERVER6, CLIENT6)],
                               ids=["IPv4", "IPv6"])
FULL = ["--profile", "full", "--relay-domain", "relay.test", "--rate", "0"]


def literal(address):
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def outcomes(document, outcome):
    return [t["id"] for t in document["tests"] if t["outcome"] == outcome and not t["skipped"]]


def arguments(document):
    return {s["argument"] for t in document["tests"] for a in t["attempts"] for s in a["steps"]}


@pytest.fixture
def cable():
    with Wire() as made:
        yield made


@BOTH
def test_closed(cable, server, client):
    with Sendmail(cable) as mta:
        r = cable.probe(server, "--rate", "0")
        log = mta.log()
    assert (r["verdict"], r["reasons"]) == ("closed", [])
    assert outcomes(r, "refused") == PAPER
    assert r["source"] == client  # nobody had to say so
    assert f"relay=[{sendmails(client)}]" in log
    # no address of the probe's machine is one that the server trusts
    assert [c["id"] for c in r["controls"]] == ["A", "B", "N", "A", "B"]
    assert f"probe%relayguard-probe.example@{literal(server)}" in arguments(r)
    assert f"<@{literal(client)}:root@relayguard-probe.example>" in arguments(r)
    assert f" spamtest@{literal(server)}" in arguments(r)


@BOTH
def test_open(cable, server, client):
    with Sendmail(cable, wide_open=True):
        r = cable.probe(server, "--rate", "0")
    assert r["verdict"] == "relays"
    # the address in brackets is the server's own, in both families
    assert outcomes(r, "refused") == ["P12", "P14"]


@BOTH
def test_guarded(cable, server, client):
    policy = f"local guard.test\nlocal mx.guard.test\nlocal {literal(server)}\nrelay relay.test\n"
    with Guard(policy) as guard, Sendmail(cable, wide_open=True, guard=guard,
                                          relay_domains=["relay.test"]):
        r = cable.probe(server, *FULL)
        clients = {record["client"] for record in guard.audit() if "client" in record}
    assert (r["verdict"], outcomes(r, "accepted")) == ("closed", [])
    assert clients == {client}
    rules = {t["id"]: (t["by"] or {}).get("rule") for t in r["tests"]}
    # also with the server's own address in brackets
    assert rules["P08"] == "P08" and rules["P09"] == "P09"


def test_source(cable):
    with Sendmail(cable) as mta:
        r = cable.probe(SERVER4, "--rate", "0", "--source", OTHER4)
        log = mta.log()
    assert (r["verdict"], r["source"]) == ("closed", OTHER4)
    assert f"relay=[{OTHER4}]" in log and f"relay=[{CLIENT4}]" not in log


def test_source_that_is_somebody_elses(cable):
    with Sendmail(cable):
        r = cable.probe(SERVER4, "--source", "192.0.2.77")
    assert r["verdict"] == "invalid"
    assert "not an address of this machine" in r["reasons"][0]


@BOTH
def test_source_that_the_server_trusts(cable, server, client):
    with Sendmail(cable, extra_cf=["CR" + sendmails(client)]):
        r = cable.probe(server, "--rate", "0")
    assert r["verdict"] == "relays"
    assert any("or it trusts the source" in reason for reason in r["reasons"])


@BOTH
def test_prove_over_the_cable(cable, server, client):
    """The catcher listens on the probe's host; all mail goes there."""
    catch = f"[{client}]:2525" if ":" in client else f"{client}:2525"
    with Sendmail(cable, extra_mc=["FEATURE(`relay_local_from')",
                                   *next_hop(2525, literal(client))],
                  relay_domains=["relay.test"]) as mta:
        r = cable.probe(server, "--rate", "0", "--prove", "--catch", catch, "--wait", "30",
                        "--relay-domain", "relay.test")
        log = mta.log()
    proofs = {t["id"]: t["proof"] for t in r["tests"] if t["proof"] != "none"}
    assert r["verdict"] == "relays"
    assert {"P00", "P06", "P19"} <= set(proofs)
    assert set(proofs.values()) == {"delivered"}
    assert set(proofs) == set(outcomes(r, "accepted"))
    assert [c["proof"] for c in r["controls"] if c["id"] == "R"] == ["delivered"]
    assert "stat=Sent (2.0.0 caught)" in log


def test_polite_to_a_server_elsewhere(cable):
    """Ten tests a second if nothing else is said, as the man page has it."""
    with Sendmail(cable):
        start = time.monotonic()
        r = cable.probe(SERVER4, "--profile", "classic")
        seconds = time.monotonic() - start
    assert r["verdict"] == "closed"
    assert seconds > len(r["tests"]) / 10


@pytest.mark.parametrize("address, word", [
    ("192.0.2.99", "no answer in time"), ("198.51.100.1", "not reachable"), ("2001:db8:2::1", "not reachable"),
    (SERVER4, "connection refused"), (SERVER6, "connection refused")])
def test_nobody_there(cable, address, word):
    start = time.monotonic()
    r = cable.probe(address, "--timeout", "1")
    assert time.monotonic() - start < 4  # no rate to keep when nothing is asked
    assert r["verdict"] == "invalid"
    assert word in r["reasons"][0]
    assert all(t["outcome"] == "untested" for t in r["tests"])
