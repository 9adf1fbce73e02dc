# SPDX-License-Identifier: BSD-2-Clause
"""What tests/bench/directory loads and changes: two models of the same policy,
n domains and n networks: one value an entry, or PACK values an entry."""
from ldap_wire import ADD, DELETE, REPLACE, Client
from slapd import BASE, ROOT, ROOT_PASSWORD

PACK = 1000
KINDS = {"d": ("rgRelayDomain", "rgDomain"), "n": ("rgClientNetwork", "rgNetwork")}
# slapd finds one of many values quickly only if they are sorted
SORTED = "sortvals rgDomain rgNetwork"


def loaded_domain(i):
    return f"d{i}.bench.test"


def loaded_network(i):
    return f"{20 + (i >> 16)}.{i >> 8 & 255}.{i & 255}.0/24"


def dn(name):
    return f"cn={name},{BASE}"


def entry(kind, i, values):
    object_class, attribute = KINDS[kind]
    lines = "".join(f"{attribute}: {v}\n" for v in values)
    return f"dn: {dn(f'{kind}{i}')}\nobjectClass: {object_class}\ncn: {kind}{i}\n{lines}\n"


def ldif(n, pack):
    """The load generator's relay domain is in the directory too."""
    parts = [entry("d", "mix", ["partner.example.com"])]
    for i in range(0, n, pack):
        numbers = range(i, min(i + pack, n))
        parts.append(entry("d", i // pack, map(loaded_domain, numbers)))
        parts.append(entry("n", i // pack, map(loaded_network, numbers)))
    return "".join(parts)


class Early(Client):
    """A client whose changes return as soon as they are sent; result() is to
    be called for each of them."""

    def __init__(self, slapd):
        super().__init__(slapd.port, ROOT, ROOT_PASSWORD)

    def request(self, operation):
        self.send(operation)
        return self.result() if operation[0] == 0x60 else None


class Change:
    """Change number i: even ones are of domains, odd ones of networks."""

    def __init__(self, i):
        self.i, self.kind = i, "dn"[i % 2]
        self.object_class, self.attribute = KINDS[self.kind]

    def value(self, generation):
        if self.kind == "d":
            return f"c{self.i}g{generation}.change.test"
        return f"198.{18 + generation}.{self.i >> 8}.{self.i & 255}/32"

    def question(self, generation):
        """The map's name and key that tell whether the value is in force."""
        value = self.value(generation).partition("/")[0]
        return ("relay" if self.kind == "d" else "client"), value

    def envelope(self, generation):
        """Client and recipient of a mail that the value decides."""
        value = self.question(generation)[1]
        return ("203.0.113.9", f"<u@{value}>") if self.kind == "d" else (
            value, "<u@elsewhere.test>")


class OneValue(Change):
    """The change is of an entry of its own."""
    pack = 1

    def add(self, client):
        client.add(dn(f"c{self.i}"), objectClass=self.object_class, cn=f"c{self.i}",
                   **{self.attribute: self.value(0)})

    def modify(self, client):
        client.modify(dn(f"c{self.i}"), REPLACE, **{self.attribute: self.value(1)})

    def delete(self, client):
        client.delete(dn(f"c{self.i}"))


class ManyValues(Change):
    """The change is of one value among PACK of an entry; there are entries of
    so many of each kind."""
    pack = PACK
    entries = 1

    def dn(self):
        return dn(f"{self.kind}{self.i // 2 % self.entries}")

    def add(self, client):
        client.modify(self.dn(), ADD, **{self.attribute: self.value(0)})

    def modify(self, client):
        client.exchange(self.dn(), self.attribute, self.value(0), self.value(1))

    def delete(self, client):
        client.modify(self.dn(), DELETE, **{self.attribute: self.value(1)})
