# SPDX-License-Identifier: BSD-2-Clause
"""ldap_fake - a server that lets everybody in, and then goes wrong.

    with FakeServer(drip) as fake:
        ...ldap_tell --uri={fake.uri}...

What it does with a search is a function of (socket, message id); nothing is
answered to a search of the base alone, which is the watchdog's.
"""
import random
import socket
import struct
import threading
import time
from contextlib import AbstractContextManager, suppress

from ldap_wire import element, number, octets, sequence, set_of, split, whole

STATE, INFO = "1.3.6.1.4.1.4203.1.9.1.2", "1.3.6.1.4.1.4203.1.9.1.4"


def entry(message, i, state=1):
    """An entry as content sync tells it."""
    control = sequence(number(state, 10), octets(b"%016d" % i), octets("rid=000"))
    name = f"d{i}.example"
    return sequence(number(message), element(
        0x64, octets(f"rgDomain={name},ou=relay,dc=lab"),
        sequence(sequence(octets("rgDomain"), set_of(octets(name))))),
        element(0xa0, sequence(octets(STATE), octets(control))))


def info(message, value):
    return sequence(number(message), element(
        0x79, element(0x80, INFO), element(0x81, value)))


def refreshed(message):
    return info(message, element(0xa2, octets("rid=000,csn=x")))


# ------------------------------------------------------- ways to go wrong

def garbage(client, message):
    """Bytes of no meaning in the middle of a refresh."""
    client.sendall(entry(message, 1) + random.Random(1).randbytes(5000))
    time.sleep(60)


def bad_control(client, message):
    """A Sync State Control that is none."""
    good = entry(message, 1)
    at = good.index(b"0000000000000001") - 2
    client.sendall(good[:at] + b"\x02" + good[at + 1:])
    time.sleep(60)


def bad_info(client, message):
    client.sendall(entry(message, 1) + info(message, element(0xa7, b"x")))
    time.sleep(60)


def huge(client, message):
    """The length of a message that nobody has memory for."""
    client.sendall(entry(message, 1) + b"\x30\x84\x7f\xff\xff\xff")
    time.sleep(60)


def reset(client, message):
    """RST in the middle of a message."""
    client.sendall((entry(message, 1) + entry(message, 2))[:-9])
    time.sleep(0.2)  # let it be read
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(client, message):
    client.sendall(entry(message, 1))


def drip(client, message):
    """All is well, but one byte at a time."""
    for byte in entry(message, 1) + refreshed(message) + entry(message, 2):
        client.sendall(bytes([byte]))
        time.sleep(0.002)
    time.sleep(60)


def drip_for_ever(client, message):
    """An entry of which each second another byte comes."""
    for byte in entry(message, 1):
        client.sendall(bytes([byte]))
        time.sleep(1)


def silence(client, message):
    time.sleep(60)


def refuse_cookie(client, message):
    """e-syncRefreshRequired, RFC 4533 2.5."""
    client.sendall(sequence(number(message), element(
        0x65, number(4096, 10), octets(""), octets("start anew"))))


class FakeServer(AbstractContextManager):
    def __init__(self, way, answers_bind=True):
        self.way, self.answers_bind = way, answers_bind
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"ldap://127.0.0.1:{self.listener.getsockname()[1]}"
        self.searches = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        data = b""
        with client, suppress(OSError):
            while not self.answers_bind:
                if not client.recv(65536):
                    return
            while True:
                while not whole(data):
                    more = client.recv(65536)
                    if not more:
                        return
                    data += more
                size = whole(data)
                [(_, message)] = split(data[:size])
                data = data[size:]
                (_, number_), (tag, content), *_ = split(message)
                message = int.from_bytes(number_, "big")
                if tag == 0x60:
                    client.sendall(sequence(number(message), element(
                        0x61, number(0, 10), octets(""), octets(""))))
                elif tag == 0x63 and split(content)[1][1] == b"\x02":
                    self.searches += 1
                    self.way(client, message)
                    return

    def __exit__(self, *_):
        self.listener.close()
