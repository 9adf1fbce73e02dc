# SPDX-License-Identifier: BSD-2-Clause
"""grammar - RCPT arguments that try to be relayed, from a seed.

    batch(seed, number, size, bias) -> [bytes, ...]

The same seed and number give the same addresses on every machine, so batches
can be made anywhere in any order.  Four in five are a local part, nested a few
levels deep, at a place, wrapped in some spelling; a quarter of these then get a
few bytes changed.  One in five is a random row of words and operators.  None
holds CR, LF or NUL (those end a command) or is longer than sendmail passes on.
The building blocks are those of the policy in hop.py: ours, the relay domain's,
and everybody else's.
"""
import random

LONGEST = 249

PLAIN_USERS = ["u", "user", "root", "a.b", "postmaster"]
USERS = ["Postmaster", "abuse", "a.b", "u+tag",
         "first.last", "x", "mailer-daemon", "o'neil", "u-1", "sale!", "100%", "a/b",
         "u_v", "1234", "", "nobody", "-", "*", "$u", "&", "u=v"]
DST = ["dst.example", "DST.Example", "dst.example.", "far.dst.example", "dst.example..",
       "dst", "dst-x.example.net", "example.com", "xn--dst-9la.example", "dst.uucp",
       "d_s.example", ".dst.example", "dst.example:25", "dst..example"]
LITERALS = ["[192.0.2.1]", "192.0.2.1", "[dst.example]", "[IPv6:2001:db8::1]",
            "[2001:db8::1]", "2001:db8::1", "0xc0000201", "0300.0.2.1", "3221225985",
            "#3221225985", "[3221225985]", "[0xc0000201]", "[#3221225985]", "192.0.513",
            "[192.0.2.1", "192.0.2.1]", "[]", "[192.0.2.1].", "[IPv6:::ffff:192.0.2.1]"]
OTHER = ["hop.example", "x.example.org", "relay.other.example", "hop", "HOP.example."]
HOST = ["mx.guard.test", "MX.Guard.Test", "mx.guard.test.", "localhost", "localhost.",
        "[127.0.0.1]", "127.0.0.1", "[IPv6:::1]", "[127.1]", "mx", "127.1",
        "[mx.guard.test]", "localhost.localdomain", "2130706433", "[localhost]"]
LOCAL = ["guard.test", "guard.test", "Guard.TEST", "guard.test.", "sub.guard.test"]
RELAY = ["relay.test", "relay.test", "relay.test", "Relay.Test", "relay.test.",
         "sub.relay.test", "[relay.test]", "relay.test.."]

# Operators that a mail server may take for its own.  U: user or inner part,
# D: a foreign place, X: another one, H: one of ours.  What is plain is taken
# more often, here and below: tricks that work are not to drown in mistakes.
PLAIN_INNER = ["U%D", "D!U", '"U@D"', "U%D", "D!U", '"U%D"', '"D!U"', "U\\@D", "U%D%X",
               "X!D!U", "D!U%X"]
INNER = [
    'U"@"D', "U@D", '"U%D"', '"D!U"', "D::U", '"D::U"', "D:U", '"D:U"', "@D:U",
    '"@D:U@X"', "U%D%X", "U%X%D", "X!D!U", "D!U%X", "X!U%D", '"U"%D', '"U"@D',
    "U\\%D", "\\U%D", "D\\!U", '"D"!U', '"U\\@D"', '"U\\%D"', '"U\\"@D"', "U%%D",
    "D!!U", "U%D%", "%D", "!U", "D!", "U%", "U!D", "U%D,X", '"U@D,X"', "U;D",
    "U=D", "U=40D", "U%40D", "U%2540D", "U&commat;D", "U&#64;D", "U^D", "D^U",
    "U|D", "U/D", "D/U", "U(c)%D", "U(@D)", "U (x) @D", "U %D", "U% D", "U % D",
    "U @ D", "D ! U", "D! U", '"U @ D"', '"U% D"', "U\t%D", "U+%D", "U+x%D",
    "U%D+x", "U+@D", "+%D", "U+D!x", "postmaster%D", "postmaster@D", "D!postmaster",
    '"postmaster"%D', "Postmaster+x%D", "SRS0=a7Kq=TT=D=U", "SRS1=a7Kq=X==a7Kq=TT=D=U",
    "SRS0+a7Kq=TT=D=U", "prvs=4231abcdef=U%D", "prvs=4231abcdef=U", "btv1==7f3==U%D",
    "btv1==7f3==U@D", "list-U=D", "bounce+U=D", "bounces-1-U=D", "owner-list%D",
    '"=?utf-8?q?U=40D?="', "=?utf-8?b?dUBk?=%D", "/G=U/S=x/PRMD=D/", "/G=U/@D",
    "|prog", '"|/bin/prog U@D"', "|/bin/prog", ":include:/f", '":include:/f"',
    "/var/f", '"/var/f"', "\\|prog", '"|prog"%D', ".U%D", "U.%D", "U%.D", "U..x%D",
    "U%D.", "U%D..", "U\xa5D", "U\xc0D", "D\xa1U", "\xa2U\xc0D\xa2", "\xbcU@D\xbe",
    "U\xef\xbc\x85D", "U\xef\xbc\xa0D", "D\xef\xbc\x81U", "U\xef\xb9\xaaD",
    "U\xef\xb9\xabD", "D\xef\xb9\x97U", "U\xe3\x80\x82D", "U\xc2\xa0%D", "\xe9U%D",
    "U<@D>", "<U%D>", "U[D]", "[D]!U", "[U%D]", "{U@D}", "`U@D`", "'U@D'", "''U@D''",
    '""U@D""', '""@D', '""%D', '""', '"" %D', '"U" "@D"', '"U".x%D', '"U"x%D',
    'x"U@D"', '"U@D"x', "U%H", "H!U", "H!D!U", "D!H!U", "U%D%H", "U%H%D", "D!U%H",
    "U@D@H", '"U@D@H"', '"U%D@H"', '"U%D"@H', "@H:U@D", "@D:U@H", "U@D:H", "U..D",
    "U#D", "U%#D", "D#U", "U%D#", "U%D!x", "x!U%D", "%%D", "%U%D", "U%@D", "U@%D",
    "!%D", "D!%", "D!@", "U!%D", ":U%D", "U:%D", "U%D:", "U%D;", "U%D:25",
    "smtp:D:U", "smtp:D", "esmtp:D!U", "error:D", "local:U@D", "D.smtp!U", "U%D.uucp",
    "U.D", "U-D", "U=D@X", "mailto:U@D", "U&D", "U$D", "$@D$:U", "U$+D", "U\\\\@D",
    "U\\\\%D", 'U\\"@D', '\\"U@D\\"', '"U\\\\"@D', '"U\\\\@D"', "U\\ @D", "\\@D", "U\\",
]

# An address of an inner part L, and what stands around it.
PLAIN_OUTER = ["L@P"] * 13 + ["L", "L", "@P:L@P", "P!L"]
OUTER = [
    "L@D", "L@P@P", "@P:L@P", "@P:L", "@P:L@D", "@P,@P:L@P",
    "@P,@D:L@P", "@D:L@P", "@D,@P:L@P", "@P:@P:L@P", "@P:@D:L", "@,@P:L@P", "@:L@P",
    "@P;L@P", "P:L@P", "P:L", "P::L", "P!L", "P!L@P", "D!P!L", "L%P", "L%P@P", "L%D@P",
    "L@P.", "L@P..", "L@.P", "L@P.D", "L@P(c)", "L(c)@P", "(c)L@P", "L@(c)P", "L@P (c)",
    "L@(D)P", "(D)L@P", "L@P(D", "L@[P]", "L@P:25", "L@P:L@D", "L@P,L@D", "L@P L@D",
    "L@P;L@D", "g:L@P;", "g:L@D;", "L@P!D", "L@P%D", "D!L@P", "L @P", "L@ P", "L @ P",
    " L@P", "L@P ", "L@P\t", "L\t@P", "L@@P", "L@P@", "L@", "@P", "L@D@", "L%@P",
    "L@P>", "<L@P", "mailto:L@P", "\\L@P", "L\\@P", '"L"@P', '"L@P"', '"L"', "L@\"P\"",
    "L@\\P", "L@P\\", "L+x@P", "+L@P", "L.@P", ".L@P", "L@P/", "L@P#", "L@P=",
    "L@#P", "L@-P", "L@P-", "L@P_", "L@P\xa0", "L@P\xc0D", "L@P\xa5", "\xa2L\xa2@P",
]

# How the argument is spelled.
PLAIN_WRAP = ["<A>", "<A>", "<A>", "A"]
WRAP = [
    " <A>", "< A >", "<A >", " A", "<<A>>", "x <A>", "\"x\" <A>", "x<A>", "<A>x", "<A> x",
    "<A>(c)", "(c)<A>", "<A> <A>", "<A>,<A>", "<A> NOTIFY=NEVER", "<A>,", "<A>;", "A,",
    "<A", "A>", "<A>>", "<(A)>", "<A(>)>", "<\"A\">", "<\\A>", "<A\\>"]

# Every short order of words and operators comes up: nobody has to think of it.
SOUP = ["u", "u", "dst.example", "dst.example", "dst", "relay.test", "guard.test",
        "%", "%", "%", "!", "!", "!", "@", "@", ":", "::", ",", ".", "\"", "\"",
        "\\", "\\", "[", "]", "(", ")", " ", "-", "&", "+", "=", "/", "|", ";",
        "<", ">", "#", "$"]
SOUP_OUTER = ["<L@P>", "<L@P>", "<L@P>", "L@P", '<"L"@P>', '<"L"@P>', '<"L">',
              "<L>", "<@P:L@P>", "<P!L>"]

NOISE = "%!@:,;<>()[]\"\\.. \t|/=+#^&*'`{}~$?-_0aZ" \
        "\xa5\xa1\xc0\xa2\xbc\xbe\xba\xdc\xef\xa0"


def swapped(s):
    """The other case, of ASCII letters only."""
    return s.encode("latin-1").swapcase().decode("latin-1")


class Maker:
    """One stream of addresses."""

    def __init__(self, seed, bias):
        self.random = random.Random(seed)
        self.bias = bias

    def pick(self, things):
        return things[int(self.random.random() * len(things))]

    def foreign(self):
        r = self.random.random()
        return ("dst.example" if r < 0.4 else
                self.pick(DST if r < 0.7 else OTHER if r < 0.85 else LITERALS))

    def ours(self):
        """Where the mail is to go first; bias: how often the relay domain."""
        r = self.random.random()
        if r < self.bias:
            return self.pick(RELAY)
        return self.pick(LOCAL if self.random.random() < 0.6 else HOST)

    def place(self):
        return self.ours() if self.random.random() < 0.94 else self.foreign()

    def either(self, plain, share, all_of_them):
        return self.pick(plain if self.random.random() < share else all_of_them)

    def fill(self, pattern, parts):
        """Replace the capital letters of a pattern by what parts make."""
        return "".join(parts[c]() if c in parts else c for c in pattern)

    def local(self, depth=0):
        if depth > 3 or self.random.random() < (0.06 if depth == 0 else 0.72):
            return self.either(PLAIN_USERS, 0.7, USERS)
        return self.fill(self.either(PLAIN_INNER, 0.6, INNER), {
            "U": lambda: self.local(depth + 1), "D": self.foreign,
            "X": self.foreign, "H": self.ours})

    def address(self):
        return self.fill(self.either(PLAIN_OUTER, 0.8, OUTER), {
            "L": self.local, "P": self.place, "D": self.foreign})

    def soup(self):
        length = 1 + int(self.random.random() * 6)
        return "".join(self.pick(SOUP) for _ in range(length))

    def argument(self):
        if self.random.random() < 0.2:
            text = self.fill(self.pick(SOUP_OUTER), {"L": self.soup, "P": self.ours})
            return text.encode("latin-1")
        text = self.fill(self.either(PLAIN_WRAP, 0.92, WRAP), {"A": self.address})
        if self.random.random() < 0.25:
            for _ in range(self.pick([1, 1, 1, 2, 2, 3, 5])):
                text = self.mutated(text)
        raw = text.encode("latin-1")
        return raw.translate(None, b"\r\n\0")[:LONGEST]

    def mutated(self, s):
        """One small change somewhere."""
        at = int(self.random.random() * (len(s) + 1))
        end = at + int(self.random.random() ** 2 * 12) + 1
        kind = int(self.random.random() * 10)
        if kind <= 2:
            return s[:at] + self.pick(NOISE) + s[at:]
        if kind == 3:
            return s[:at] + s[at + 1:]
        if kind == 4:
            return s[:at] + s[at:end] + s[at:]
        if kind == 5:
            return s[:at] + swapped(s[at:end]) + s[end:]
        if kind == 6:
            return s[:at] + self.pick(NOISE) + s[at + 1:]
        if kind == 7:
            return s[:at] + s[at + 1:at + 2] + s[at:at + 1] + s[at + 2:]
        if kind == 8:
            byte = self.pick(range(0x20, 0x7f)) if at % 3 else self.pick(range(1, 256))
            return s[:at] + chr(byte) + s[at:]
        return s[:at] + s[end:]


def batch(seed, number, size, bias=0.45):
    """The addresses of one batch, none of them empty."""
    maker = Maker(f"{seed}/{number}", bias)
    out = []
    while len(out) < size:
        argument = maker.argument()
        if argument.strip():
            out.append(argument)
    return out
