# SPDX-License-Identifier: BSD-2-Clause
"""Whoever speaks to the map socket, and whatever: the guard lives, holds little
for them, and the others are served."""
import os
import random
import socket
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import lab
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rawmap import SEPARATOR, MapSession, netstring
from watched import Guard

POLICY = "local guard.test\nrelay relay.test\nclient 10.0.0.0/8\n"
CLIENTS_MAX, REQUEST_MAX, REQUEST_SECONDS = 2000, 16384, 10  # door_map.h
SANITIZED = "asan" in os.environ.get("RELAYGUARD", "") or \
    "tsan" in os.environ.get("RELAYGUARD", "")


def work(guard):
    """It still tells right from wrong."""
    with MapSession(guard.map_socket) as m:
        assert m.judge("198.51.100.7", "<u@relay.test>").verdict == "relay"
        assert m.judge("198.51.100.7", "<u@guard.test>").verdict == "local"
        assert m.judge("198.51.100.7", "<u@d.test>").rule == "P01"
        assert m.judge("10.1.2.3", "<u@d.test>").verdict == "relay"


def memory(guard):
    """Resident KiB."""
    for line in Path(f"/proc/{guard.child.pid}/status").read_text().split("\n"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise lab.LabError("no VmRSS")


@pytest.fixture(scope="module")
def guard():
    with Guard(POLICY) as g:
        yield g
        work(g)


def hung_up(guard, data):
    """Does the guard end the connection on these bytes, without an answer?"""
    with MapSession(guard.map_socket) as m:
        m.send(data)
        return m.answer() == ""


BROKEN = {
    "no length": b"guard x,", "a letter": b"1x:guard ,", "a space": b" 5:relay,",
    "a sign": b"-5:relay,", "a plus": b"+5:relay,", "a leading zero": b"05:relay,",
    "no comma": b"5:relay;", "an early comma": b"6:relay,x",
    "too long by one": b"%d:" % (REQUEST_MAX + 1), "huge": b"999999999:",
    "overflow": b"18446744073709551621:relay,", "binary": bytes(range(256)),
    "a milter": b"\0\0\0\x0dO\0\0\0\6\0\0\1\xff\0\x1f\xff\xff",
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "TLS": b"\x16\x03\x01\x02\0\x01\0",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_netstring_ends_the_connection(guard, data):
    assert hung_up(guard, data)


@pytest.mark.parametrize("request_, answer", [
    (b"", "PERM "), (b"guard", "PERM "), (b"relay", "PERM "), (b"nomap x", "PERM "),
    (b" relay.test", "PERM "), (b"GUARD 10.0.0.1", "PERM "), (b"relay relay.test", "OK RELAY"),
    (b"relay RELAY.test.", "OK RELAY"), (b"relay ", "NOTFOUND "), (b"relay d.test", "NOTFOUND "),
    (b"relay \0", "NOTFOUND "), (b"relay " + b"x" * 300, "NOTFOUND "),
    (b"client 10.1.2.3", "OK RELAY"), (b"client 11.1.2.3", "NOTFOUND "), (b"client ", "NOTFOUND "),
    (b"client 10.1.2.3 ", "NOTFOUND "), (b"guard ", "OK DENY:5.1.3"),
    (b"guard 10.1.2.3", "OK DENY:5.1.3"), (b"guard \x9b\x9b\x9b\x9b", "OK DENY:5.1.3"),
    (b"guard x\x9bs\x9bu@d.test", "OK DENY:5.7.1"), (b"guard x\x9bs\x9bu@d.test\0", "OK DENY:5.1.3"),
    (b"guard " + b"\x9b" * 5000, "OK DENY:5.1.3"),
    (b"guard x\x9bs\x9b" + b"u" * 10000, "OK DENY:5.1.3")])
def test_odd_requests_are_answered(guard, request_, answer):
    with MapSession(guard.map_socket) as m:
        m.send(netstring(request_))
        assert m.answer().startswith(answer)


def test_helo_may_hold_the_separator(guard):
    with MapSession(guard.map_socket) as m:
        fields = ["", "", "", "", "", "", "", "", b"x\x9b10.0.0.1\x9bok"]
        assert m.judge("198.51.100.7", "<u@d.test>", "a@b.test", *fields).rule == "P01"


def test_requests_in_pieces_and_in_heaps(guard):
    one = netstring(b"relay relay.test") + netstring(b"client 11.0.0.1")
    with MapSession(guard.map_socket) as m:
        for i in range(len(one)):
            m.send(one[i:i + 1])
        assert [m.answer(), m.answer()] == ["OK RELAY", "NOTFOUND "]
        m.send(one * 500)
        assert [m.answer() for _ in range(1000)] == ["OK RELAY", "NOTFOUND "] * 500
        largest = b"relay " + b"x" * (REQUEST_MAX - 6)
        m.send(netstring(largest) * 3)
        assert [m.answer() for _ in range(3)] == ["NOTFOUND "] * 3


def test_one_that_takes_no_replies_is_dropped(guard):
    with MapSession(guard.map_socket, seconds=5) as m:
        with suppress(OSError):
            for _ in range(2000):
                m.send(netstring(b"relay relay.test") * 100)
            pytest.fail("it could send without end")
        work(guard)


def test_slow_drip_ends(guard):
    with MapSession(guard.map_socket) as slow, MapSession(guard.map_socket) as quick:
        begun = time.monotonic()
        with suppress(OSError):
            for byte in b"16384:guard " + b"x" * 16000:
                slow.socket.send(bytes([byte]))
                assert quick.ask("relay", "relay.test") == "OK RELAY"
                time.sleep(0.05)
                if time.monotonic() - begun > REQUEST_SECONDS + 5:
                    pytest.fail("it may drip for ever")
        took = time.monotonic() - begun
    assert REQUEST_SECONDS - 1 <= took <= REQUEST_SECONDS + 4


def test_ten_thousand_clients():
    """Bounded memory, and a newcomer is served at once."""
    with Guard(POLICY) as guard, ExitStack() as open_ones:
        work(guard)
        before = memory(guard)
        half = b"%d:guard " % REQUEST_MAX + b"x" * 8000
        for i in range(10000):
            m = open_ones.enter_context(MapSession(guard.map_socket))
            if i % 2:
                with suppress(OSError):
                    m.send(half)
            if i % 1000 == 999:
                begun = time.monotonic()
                work(guard)
                assert time.monotonic() - begun < 2
        grown = memory(guard) - before
        files = len(os.listdir(f"/proc/{guard.child.pid}/fd"))
        assert files < CLIENTS_MAX + 50
        # 4 MiB half-read at most, and what the allocator makes of it
        assert SANITIZED or grown < 16 * 1024, f"{grown} KiB more"
        open_ones.close()
        lab.wait_for(lambda: len(os.listdir(f"/proc/{guard.child.pid}/fd")) < 50,
                     "its files closed", 15)
        work(guard)


def test_garbage_of_every_kind(guard):
    """2,000 connections with random bytes near the protocol."""
    dice = random.Random(7)
    pieces = [b"guard ", b"relay ", b"client ", SEPARATOR, b",", b":", b"<u%d.test@relay.test>",
              b"0", b"16384:", b"\0", b"\xff" * 40, b"10.1.2.3", b"::1", b"12:relay d.test,"]
    for _ in range(2000):
        data = b"".join(dice.choice(pieces) for _ in range(dice.randrange(1, 12)))
        if dice.random() < 0.5:
            data = netstring(data) + data[:dice.randrange(8)]
        with socket.socket(socket.AF_UNIX) as s, suppress(OSError):
            s.connect(str(guard.map_socket))
            s.sendall(data)
            if dice.random() < 0.2:
                s.shutdown(socket.SHUT_WR)
                s.settimeout(20)
                while s.recv(65536):
                    pass
    work(guard)
