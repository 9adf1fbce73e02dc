# SPDX-License-Identifier: BSD-2-Clause
"""ldap_proxy - a wire between a guard and a slapd that can go bad.

    with Proxy(slapd) as proxy:           # all is well
        proxy.worsen(reset)               # connections are cut; those to come go bad
        proxy.worsen(None)                # well again
"""
import random
import select
import socket
import struct
import threading
import time
from contextlib import AbstractContextManager, suppress


# What becomes of the server's bytes; first: they hold the answer to the bind.

def drip(client, data, first):
    """One byte at a time."""
    for byte in data:
        client.sendall(bytes([byte]))
        time.sleep(0.0002)


def garbage(client, data, first):
    """Bytes of no meaning in the middle of an answer."""
    client.sendall(data if first else data[:9] + random.Random(1).randbytes(5000))


def reset(client, data, first):
    """RST in the middle of an answer."""
    if first:
        return client.sendall(data)
    client.sendall(data[:len(data) // 2])
    time.sleep(0.1)  # let it be read
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionError("reset")


def silence(client, data, first):
    """Connections are taken, nothing is answered."""


class Proxy(AbstractContextManager):
    def __init__(self, slapd):
        self.slapd, self.way, self.era = slapd, None, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"ldap://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def worsen(self, way):
        self.way = way
        self.era += 1

    def accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        way, era, first = self.way, self.era, True
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with client, suppress(OSError), \
                socket.create_connection(("127.0.0.1", self.slapd.port)) as server:
            while era == self.era:
                for source in select.select([client, server], [], [], 0.05)[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is client:
                        server.sendall(data)
                    elif way is None:
                        client.sendall(data)
                    else:
                        way(client, data, first)
                        first = False

    def __exit__(self, *_):
        self.era += 1
        self.listener.close()
