#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""spf_oracle - does the SPF check agree with python3-spf (pyspf) about records that
nobody thought of?

Each case is a small zone and one client; both get the same answers from it.
Where they differ, pyspf is asked again with its departures from RFC 7208 put
right, one or more of them: what then agrees is explained by those.  Each is
named below with the section of the RFC.

Exit status: 0 equal often enough and every difference explained, 1 not,
64 usage, 69 no pyspf.
"""
import argparse
import ipaddress
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "unit"))
from spf_suite import say  # noqa: E402

try:
    import spf
except ImportError:
    print("python3-spf is not here", file=sys.stderr)
    sys.exit(69)

ENOUGH = 0.986
CLIENTS = ["192.0.2.1", "192.0.2.77", "198.51.100.9", "2001:db8::1", "2001:db8:1::9",
           "::ffff:192.0.2.1"]
NAMES = ["example.com", "a.example.com", "b.example.com", "mail.example.net", "none.example.org",
         "silent.example.org", "empty.example.org", "192.0.2.1.x.example.com",
         "1.2.0.192.in-addr.x.example.com", "user.x.example.com", "many.example.org"]
SENDERS = ["user@example.com", "strong-bad@example.com", "a.b+c@example.com", "@example.com",
           "x=y@EXAMPLE.com", "", "user@a.example.com"]


class Zone(dict):
    """name -> list of (type, value)"""

    def add(self, name, kind, value):
        self.setdefault(name, []).append((kind, value))


# ------------------------------------------------------------------ generator


def macro(dice):
    letter = dice.choice("slodiphv" if dice.random() < 0.9 else "SLODIPHVcrtx")
    digits = dice.choice(["", "", "", "1", "2", "3", "0", "128"])
    reverse = dice.choice(["", "", "r"])
    delimiters = dice.choice(["", "", "", "-", ".", "+=", "_,/"])
    return dice.choice(["%{" + letter + digits + reverse + delimiters + "}"] * 8 +
                       ["%%", "%_", "%-", "%", "%{}"])


def domain(dice):
    kind = dice.random()
    if kind < 0.6:
        return dice.choice(NAMES)
    if kind < 0.8:
        return macro(dice) + dice.choice([".x.example.com", ".example.com", ".%{d}", ""])
    return dice.choice(["example", "example.com.", "a..example.com", "-.example", "x.1", "[1.2.3.4]",
                        "a.b-", "example.com:25", "_spf.example.com", "a/b.example.com", "",
                        "x" * 64 + ".example.com", "%{d}.", "%{l}.%{o}"])


def bits(dice, dual):
    choices = ["", "", "", "/24", "/32", "/0", "/8", "/33", "/08"]
    if dual:
        choices += ["//64", "/24//64", "//0", "/0//0", "//129", "/", "//"]
    return dice.choice(choices)


def mechanism(dice):
    name = dice.choice(["all", "a", "a", "mx", "mx", "ptr", "include", "include", "exists", "ip4", "ip4",
                        "ip6"])
    if name == "all":
        return name
    if name == "ip4":
        return "ip4:" + dice.choice(["192.0.2.1", "192.0.2.0", "198.51.100.0", "10.0.0.0", "192.0.2",
                                     "192.0.2.300"]) + bits(dice, False)
    if name == "ip6":
        return "ip6:" + dice.choice(["2001:db8::", "2001:db8::1", "::", "::ffff:192.0.2.1", "2001:db8",
                                     "::1.2.3.4"]) + dice.choice(["", "/32", "/128", "/0", "/129", "/064"])
    if name in ("include", "exists"):
        return name + ":" + domain(dice)
    text = name + (":" + domain(dice) if dice.random() < 0.5 else "")
    return text + (bits(dice, True) if name != "ptr" else "")


def term(dice):
    if dice.random() < 0.06:
        return dice.choice(["exp=", "redirect="]) + domain(dice)
    if dice.random() < 0.02:
        return dice.choice(["foo", "al", "-", "ip:1.2.3.4", "a=", "x-y=" + macro(dice), "+exp=a.example.com",
                            "all.", "A:example.com", "MX", "ALL"])
    return dice.choice(["", "", "", "-", "~", "?", "+"]) + mechanism(dice)


def valid(text):
    """Keep most records right: most faults end the comparison at once."""
    return not re.search(r"/33|/08|//129|/064|/129|/$|//$|%$|%\{\}|%\{.0|[cCrRtTx][0-9r]*\W*\}|"
                         r"192\.0\.2(\.300)?(/|$)|2001:db8(/|$)|[=:]$", text)


def record(dice, name):
    terms = [term(dice) for _ in range(dice.randint(1, 6))]
    if dice.random() < 0.8:  # few include themselves
        terms = [t for t in terms if not t.lower().endswith("include:" + name)]
    if dice.random() < 0.85:
        terms = [t for t in terms if valid(t)]
    if dice.random() < 0.6:
        terms.append(dice.choice(["-all", "~all", "?all"]))
    return dice.choice(["v=spf1 ", "v=spf1 ", "v=spf1 ", "V=SPF1  "]) + " ".join(terms)


def zone(dice):
    made = Zone()
    for name in ("example.com", "a.example.com", "b.example.com", "mail.example.net"):
        if dice.random() < 0.9:
            made.add(name, "TXT", record(dice, name))
        if dice.random() < 0.02:
            made.add(name, "TXT", "v=spf1 ?all")
        for _ in range(dice.choice([0, 1, 1, 2, 2])):
            made.add(name, "A", dice.choice(["192.0.2.1", "192.0.2.200", "203.0.113.5"]))
        for _ in range(dice.choice([0, 1, 1, 2, 2])):
            made.add(name, "AAAA", dice.choice(["2001:db8::1", "2001:db8:0:1::1"]))
        for _ in range(dice.randint(0, 2)):
            hosts = NAMES[:4] if dice.random() < 0.8 else NAMES
            made.add(name, "MX", "%d %s" % (dice.randint(0, 20), dice.choice(hosts)))
    for number in range(12):
        made.add("many.example.org", "MX", "%d m%d.example.org" % (number, number))
    for name in NAMES[7:10]:
        made.add(name, "A", "127.0.0.2")
    made.add("silent.example.org", "TIMEOUT", "")
    made.add("empty.example.org", "TXT", dice.choice(["hello", "not for %{i}", "see %{d} %{q}"]))
    for client in CLIENTS[:4]:
        for _ in range(dice.randint(0, 2)):
            made.add(ipaddress.ip_address(client).reverse_pointer, "PTR",
                     dice.choice(["example.com", "a.example.com", "b.example.com", "none.example.org"]))
    return made


def case(seed):
    dice = random.Random(seed)
    return zone(dice), dice.choice(CLIENTS), dice.choice(SENDERS)


# --------------------------------------------------------------------- oracle


class Lookup:
    """Stands for spf.DNSLookup."""

    def __init__(self, made):
        self.made = made

    def __call__(self, name, kind, *_):
        lines = self.made.get(name.lower(), [])
        found = [value for k, value in lines if k == kind]
        if not found and any(k == "TIMEOUT" for k, _ in lines):
            raise spf.TempError("silent")
        return [((name, kind), self.value(kind, value)) for value in found]

    @staticmethod
    def value(kind, value):
        if kind == "TXT":
            return [value.encode()]
        if kind == "MX":
            preference, host = value.split()
            return int(preference), host
        return value


class Unequal(str):
    """A text that is equal to none."""

    def __eq__(self, other):
        return False

    __hash__ = str.__hash__


class Corrected(spf.query):
    """pyspf with some of its departures put right."""

    corrections = ()
    within = False  # a term, which has counted its first question

    def dns(self, name, qtype, cnames=None, ignore_void=False):
        return super().dns(name, qtype, cnames, ignore_void or self.within)

    def uncounted(self, call, *arguments):
        self.within = VOIDS in self.corrections
        try:
            return call(*arguments)
        finally:
            self.within = False

    def dns_mx(self, domainname):
        self.dns(domainname, "MX", ignore_void=VOIDS not in self.corrections)
        return self.uncounted(super().dns_mx, domainname)

    def dns_a(self, domainname, A="A"):
        caller = sys._getframe(1).f_code.co_name
        try:
            return super().dns_a(domainname, A)
        except spf.TempError:
            if FIRST in self.corrections and caller in ("dns_mx", "<listcomp>"):
                return []
            raise

    def validated_ptrs(self):
        if not self.within:
            self.dns("%s.%s.arpa" % (spf.reverse_dots(self.i), self.v), "PTR",
                     ignore_void=VOIDS not in self.corrections)
        return self.uncounted(super().validated_ptrs)

    def getp(self):
        return self.uncounted(super().getp)

    def validate_mechanism(self, mech):
        keep = self.d
        if RECURSION in self.corrections:
            self.d = Unequal(keep)
        try:
            return super().validate_mechanism(mech)
        finally:
            self.d = keep

    def expand(self, s, stripdot=True):
        if ZERO in self.corrections and re.search(r"%\{[a-z]0+[r.+,/_=-]*\}", s, re.IGNORECASE):
            raise spf.PermError("zero")
        if PERCENT in self.corrections:
            s = re.sub(r"%%$", "%%%{v0}", s)
        return super().expand(s, stripdot)


VOIDS = "4.6.4: two void *terms* are allowed; pyspf counts the hosts of one mx or ptr, and %{p}, one by one"
RECURSION = "4.6.4: an include of itself fails when it is evaluated ten times over; pyspf refuses it unread"
FIRST = "5.4, 5.5: a host that matches decides; pyspf wants the addresses of all of them first"
ZERO = "7.3: the number of parts MUST be nonzero; pyspf takes %{d0}"
PERCENT = "7.1: %% may stand at the end of a text; pyspf refuses it"
CORRECTIONS = [VOIDS, RECURSION, FIRST, ZERO, PERCENT]


def pyspf(made, client, sender, corrections=()):
    spf.DNSLookup = Lookup(made)
    try:
        query = Corrected(client, sender, "example.com", receiver="receiver.example")
        query.corrections = corrections
        query.set_default_explanation("DEFAULT")
        result, _, words = query.check()
    except Exception as fault:  # whatever it dies of is a difference
        return "died", repr(fault), ""
    problem = "" if result not in ("permerror", "temperror") else words
    return result, words if result == "fail" and words != "DEFAULT" else "", problem


# ---------------------------------------------------------------- differences


def explained(ours, one):
    """The fewest corrections with which pyspf agrees, as words."""
    for count in range(1, len(CORRECTIONS) + 1):
        for some in itertools.combinations(CORRECTIONS, count):
            if pyspf(*one, some)[:2] == ours[:2]:
                return "; and ".join(some)
    return None


# ----------------------------------------------------------------------- main


def write(cases, out):
    keep, sys.stdout = sys.stdout, out
    try:
        for number, (made, client, sender) in enumerate(cases):
            say("scenario", str(number))
            for name, lines in made.items():
                for kind, value in lines:
                    say("zone", name, kind, value)
            say("test", str(number), client, "example.com", sender, "none", "*")
    finally:
        sys.stdout = keep


def answers(program, path, *how):
    done = subprocess.run([program, *how, path], stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.DEVNULL if how else None)  # libspf2 chatters
    lines = done.stdout.decode("latin-1").splitlines()
    return [tuple(line.split("\t")) for line in lines], done.returncode


def show(number, made, client, sender, ours, theirs, why):
    print("case %d: %s, %r" % (number, client, sender))
    for name, lines in made.items():
        for kind, value in lines:
            if kind == "TXT":
                print("    %s: %s" % (name, value))
    print("    guard: %s\n    pyspf: %s\n    %s" % (ours, theirs, why or "NOT EXPLAINED"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=5000, help="cases (5000)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--show", type=int, default=0, metavar="N", help="N differences of each class")
    options = parser.parse_args()
    program = os.environ["SPF_ANSWERS"]
    cases = [case("%d/%d" % (options.seed, i)) for i in range(options.n)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cases.txt")
        with open(path, "w", encoding="ascii") as out:
            write(cases, out)
        ours, status = answers(program, path)
        bare, _ = answers(program, path, "stock")
    if status != 0 or len(ours) != len(cases):
        print("spf: the guard's side died, status %d" % status)
        return 1
    return report(options, cases, ours, bare)


def report(options, cases, ours, bare):
    equal, classes, results, stock_equal = 0, Counter(), Counter(), 0
    for number, (made, client, sender) in enumerate(cases):
        theirs = pyspf(made, client, sender)
        stock_equal += number < len(bare) and bare[number][:2] == theirs[:2]
        results[theirs[0]] += 1
        if ours[number][:2] == theirs[:2]:
            equal += 1
            continue
        why = explained(ours[number], cases[number])
        classes[why] += 1
        if why is None or classes[why] <= options.show:
            show(number, made, client, sender, ours[number], theirs, why)
    print("spf: seed %d, %d records: %d equal (%.2f %%); libspf2 alone %d (%.2f %%)" % (
        options.seed, options.n, equal, 100 * equal / options.n, stock_equal, 100 * stock_equal / options.n))
    print("     pyspf says " + ", ".join("%s %d" % pair for pair in results.most_common()))
    rest = classes.pop(None, 0)
    for why, count in classes.most_common():
        print("%6d  RFC 7208 %s" % (count, why.replace("; and ", "; and RFC 7208 ")))
    print("%6d  not explained" % rest)
    return 0 if equal >= ENOUGH * options.n and rest == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
