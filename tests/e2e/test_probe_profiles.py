# SPDX-License-Identifier: BSD-2-Clause
"""The larger profiles of `relayguard probe`, and the guard asked at its doors."""

import json
import re
import socket
import threading

import pytest

from lab import Guard
from sink import OK, closed, probe, run

# ---- other profiles ----------------------------------------------------------


def test_full_profile():
    r = probe(closed, "--profile", "full", "--relay-domain", "relay.test")
    assert (r.exit, r.verdict) == (0, "closed")
    assert len(r.tests) > 200
    # the sink offers no SMTPUTF8: no answer is missing there
    skipped = [i for i, t in r.tests.items() if t["skipped"]]
    assert skipped and set(skipped) == set(r.with_outcome("untested"))
    assert all(i.startswith("S02.") or i == "P00.1" for i in skipped)
    sent = r.sink.commands
    assert "RCPT TO:<probe%relayguard-other.example@relay.test>" in sent
    assert "EHLO mx.sink.test" in sent
    assert any(c.endswith(" AUTH=<root@mx.sink.test>") for c in sent)
    assert len(r.sink.peers) <= 10


def test_gateway_profile_finds_two_hops():
    def answer(verb, line, n):
        return OK if line.endswith("@relay.test>") else closed(verb, line, n)

    r = probe(answer, "--profile", "gateway", "--relay-domain", "relay.test")
    assert (r.exit, r.tests["G01"]["outcome"]) == (1, "accepted")
    assert r.tests["G04"]["outcome"] == "refused"
    assert ("R", "before", "accepted") in r.controls()


def test_server_that_takes_any_local_name_is_not_called_a_relay():
    """A catch-all accepts u%d@h as the name of a mailbox."""
    def answer(verb, line, n):
        return OK if re.search(r"@(mx.sink.test|\[127.0.0.1\])>?$", line) or (
            "@" not in line and verb == "RCPT") else closed(verb, line, n)

    r = probe(answer)
    assert ("N", "before", "accepted") in r.controls()
    assert "accepted" in r.tests["P08"]["outcome"]
    assert (r.exit, r.verdict) == (2, "inconclusive")
    assert any("takes any name" in reason for reason in r.doc["reasons"])


# ---- the guard's own doors ----------------------------------------------------


def at_door(guard, door, *options):
    socket = {"--milter": guard.socket, "--map": guard.map_socket}[door]
    done = run(door, str(socket), "--name", "mx.guard.test", "--relay-domain",
               "relay.test", "--profile", "full", "--format", "json",
               "--local-user", "user@guard.test", *options)
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("door", ["--milter", "--map"])
def test_doors_without_a_mail_server(door):
    policy = ("local guard.test\nlocal mx.guard.test\nrelay relay.test\n"
              "client 192.0.2.0/24\nclient 2001:db8::/32\n")
    with Guard(policy=policy) as guard:
        code, doc = at_door(guard, door)
        assert (code, doc["verdict"]) == (0, "closed")
        tests = {t["id"]: t for t in doc["tests"]}
        for i, test in tests.items():
            assert test["skipped"] or test["by"]["layer"] == "guard", i
            # without DNS nobody knows that P02's domain does not exist; the
            # map door is never asked about a sender alone, nor told AUTH=
            other = ("P02", "P03", "P04", "S04") if door == "--map" else ("P02",)
            if not test["skipped"] and test["rule"] not in other:
                assert test["by"]["rule"] == test["rule"], i
        skipped = [i for i in tests if tests[i]["skipped"]]
        assert bool(skipped) == (door == "--map")
        # every client address can be tried: these two are trusted
        for source in ("192.0.2.9", "2001:db8::9"):
            code, doc = at_door(guard, door, "--source", source)
            assert (code, doc["source"]) == (1, source)
        code, doc = at_door(guard, door, "--source", "2001:db9::9")
        assert (code, doc["verdict"]) == (0, "closed")


@pytest.mark.parametrize("door", ["--milter", "--map"])
def test_door_that_is_not_there(door, tmp_path):
    done = run(door, str(tmp_path / "none.sock"))
    assert done.returncode == 3
    assert "connection refused" in done.stdout


@pytest.mark.parametrize("answer", [
    b"", b"junk", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x01O", b"3:abc,", b"999999999:",
])
@pytest.mark.parametrize("door", ["--milter", "--map"])
def test_door_that_talks_nonsense(door, answer, tmp_path):
    def serve():
        while True:
            try:
                client, _ = listener.accept()
                client.recv(4096)
                client.sendall(answer)
                client.close()
            except OSError:
                return

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "door.sock"))
    listener.listen(8)
    threading.Thread(target=serve, daemon=True).start()
    done = run(door, str(tmp_path / "door.sock"), "--timeout", "1")
    listener.close()
    assert done.returncode == 3, done.stdout + done.stderr
