# SPDX-License-Identifier: BSD-2-Clause
"""ldap_wire - LDAP as far as the tests need it: BER, and a client that changes
a directory quickly.

    with Client(slapd.port, "cn=root,dc=lab", "secret") as directory:
        directory.add("ou=x,dc=lab", objectClass="organizationalUnit", ou="x")
        directory.modify("ou=x,dc=lab", REPLACE, description=["one", "two"])
        directory.rename("ou=x,dc=lab", "ou=y")
        directory.delete("ou=y,dc=lab")
"""
import itertools
import socket
from contextlib import AbstractContextManager

ADD, DELETE, REPLACE = 0, 1, 2


class LdapError(Exception):
    def __init__(self, code, text):
        super().__init__(f"LDAP code {code}: {text}")
        self.code = code


# ------------------------------------------------------------------ BER


def element(tag, *parts):
    """One element; parts are bytes or text."""
    body = b"".join(p if isinstance(p, bytes) else p.encode() for p in parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + body


def number(value, tag=2):
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(text):
    return element(4, text)


def sequence(*parts):
    return element(0x30, *parts)


def set_of(*parts):
    return element(0x31, *parts)


def split(data):
    """[(tag, content)] of whole elements."""
    found = []
    while data:
        tag, size, head = data[0], data[1], 2
        if size & 0x80:
            head += size & 0x7f
            size = int.from_bytes(data[2:head], "big")
        found.append((tag, data[head:head + size]))
        data = data[head + size:]
    return found


def whole(data):
    """Length of the element that data begins with, None if it is not all there."""
    if len(data) < 2:
        return None
    size, head = data[1], 2
    if size & 0x80:
        head += size & 0x7f
        if len(data) < head:
            return None
        size = int.from_bytes(data[2:head], "big")
    return head + size if len(data) >= head + size else None


# --------------------------------------------------------------- client

def attribute(name, values):
    values = [values] if isinstance(values, (str, bytes)) else values
    return sequence(octets(name), set_of(*map(octets, values)))


class Client(AbstractContextManager):
    """One connection, one request at a time."""

    def __init__(self, port, dn="", password="", seconds=20):
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data, self.ids = b"", itertools.count(1)
        self.request(element(0x60, number(3), octets(dn), element(0x80, password)))

    def message(self):
        while True:
            size = whole(self.data)
            if size:
                [(_, message)] = split(self.data[:size])
                self.data = self.data[size:]
                return split(message)
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("slapd hung up")
            self.data += more

    def send(self, operation):
        self.socket.sendall(sequence(number(next(self.ids)), operation))

    def result(self):
        """Entries found by the operation sent first, or LdapError."""
        entries = []
        while True:
            tag, content = self.message()[1]
            fields = split(content)
            if tag == 0x64:
                entries.append((fields[0][1].decode(), {
                    split(a)[0][1].decode(): [v for _, v in split(split(a)[1][1])]
                    for _, a in split(fields[1][1])}))
            elif tag != 0x73:
                code = int.from_bytes(fields[0][1], "big")
                if code:
                    raise LdapError(code, fields[2][1].decode())
                return entries

    def request(self, operation):
        self.send(operation)
        return self.result()

    def add(self, dn, **attributes):
        self.request(element(0x68, octets(dn), sequence(
            *(attribute(k, v) for k, v in attributes.items()))))

    def modify(self, dn, what, **attributes):
        self.request(element(0x66, octets(dn), sequence(
            *(sequence(number(what, 10), attribute(k, v)) for k, v in attributes.items()))))

    def exchange(self, dn, name, old, new):
        """One value for another, in one operation."""
        self.request(element(0x66, octets(dn), sequence(
            sequence(number(DELETE, 10), attribute(name, old)),
            sequence(number(ADD, 10), attribute(name, new)))))

    def delete(self, dn):
        self.request(element(0x4a, dn))

    def rename(self, dn, rdn):
        self.request(element(0x6c, octets(dn), octets(rdn), element(1, b"\xff")))

    def read(self, dn, *names):
        """The attributes of one entry: {name: [value]}."""
        [(_, found)] = self.request(element(
            0x63, octets(dn), number(0, 10), number(0, 10), number(0), number(0),
            element(1, b"\0"), element(0x87, "objectClass"),
            sequence(*map(octets, names))))
        return found

    def __exit__(self, *_):
        self.socket.close()
