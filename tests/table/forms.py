# SPDX-License-Identifier: BSD-2-Clause
"""forms - the rows of the table of MTAs: who may be fooled by what.

P00-P19 are the paper's tests as printed there (bracketed and bare too), G aims
at a relay domain (the two-hop rows), the rest is what else once opened a
server; P01.31 is a host of our domain that the policy does not have.  The ids
are those of `relayguard probe --list --profile full`.  LEGAL rows are honest
mail.  Server mail.guard.test [127.0.0.1], local.test local, relay.test a relay
domain.  Adding a form is adding a row.
"""
from typing import NamedTuple

H, IP = "mail.guard.test", "[127.0.0.1]"
D, X, R, L = "dst.test", "third.test", "relay.test", "local.test"
OUTSIDE = "<u@src.test>"


class Row(NamedTuple):
    id: str
    form: str        # for people
    envelopes: list  # of (MAIL argument, [RCPT argument, ...])

    @property
    def legal(self):
        return self.id.startswith("LEGAL")


def paper(number, form, sender, *recipients):
    """P02-P04 are refused at MAIL, if at all: else it is u@d that tells."""
    return Row(f"P{number:02}", form, [(sender, list(recipients or [f"<u@{D}>"]))])


def form(row_id, *recipients):
    words = ", ".join(r.strip("<>") for r in recipients)
    for host, letter in ((H, "h"), (R, "r"), (D, "d"), (X, "x"), (L, "l")):
        words = words.replace(host, letter)
    return Row(row_id, words.replace(IP, "[ip]"), [(OUTSIDE, list(recipients))])


PAPER = [
    paper(0, "u@d from u@h", f"<u@{H}>", f"<u@{D}>"),
    paper(1, "u@d from u@d", f"u@{D}", f"u@{D}"),
    paper(2, "unknown sender domain", f" u@no.{D}"),
    paper(3, "sender u@localhost", " u@localhost"),
    paper(4, "sender without a domain", " <u>"),
    paper(5, "u@d from <>", "<>", f"u@{D}"),
    paper(6, "u@d from root@h", f" root@{H}", f" u@{D}"),
    paper(7, "u@d from u@[ip]", f" u@{IP}", f" u@{D}"),
    paper(8, "u%d@h", f"u@{D}", f"u%{D}@{H}"),
    paper(9, "u%d@[ip]", f"u@{H}", f"u%{D}@{IP}"),
    paper(10, '"u@d"', f"u@{H}", f'"u@{D}"', f'"u2@{D}"'),
    paper(11, '"u%d"', f"u@{H}", f'"u%{D}"', f'"u2%{D}"'),
    paper(12, '"u@d@h" from u@[ip]', f"u@{IP}", f'"u@{D}@{H}"'),
    paper(13, '"u@d"@[ip]', f"u@{H}", f'"u@{D}"@{IP}'),
    paper(14, "u@d@[ip]", f"u@{H}", f"u@{D}@{IP}"),
    paper(15, "@h:u@d from u@[ip]", f"u@{IP}", f"@{H}:u@{D}"),
    paper(16, "@[ip]:u@d", f"u@{H}", f"@{IP}:u@{D}"),
    # the paper's sender has a typo in the address and so is a foreign one
    paper(17, "d!u", "u@[172.16.4.14]", f"<{D}!u>", f"{D}!u2"),
    paper(18, "d!u@[ip], d!u@h", f"u@{H}", f"{D}!u@{IP}", f"{D}!u@{H}"),
    paper(19, "u@d from postmaster@h", f"postmaster@{H}", f"u@{D}"),
]
# With their own senders P12 and P15 end at MAIL in sendmail and Exim: here the
# recipient itself is judged.
UNMASKED = [
    Row("P12b", '"u@d@h"', [(OUTSIDE, [f'"u@{D}@{H}"'])]),
    Row("P15b", "@h:u@d", [(OUTSIDE, [f"@{H}:u@{D}"])]),
]
OTHERS = [
    form("G01", f"<u%{D}@{R}>"),
    form("G02", f'<"u@{D}"@{R}>'),
    form("G03", f"<{D}!u@{R}>"),
    form("G04", f"<@{R}:u@{D}>"),
    form("G05", f"<u@{D}@{R}>"),
    form("G06", f"<u%{D}%{X}@{R}>"),
    form("G07", f"<u%{D}%{R}@{H}>"),
    form("G08", f"<@{R}:u%{D}@{R}>"),
    form("G09", f'<"{D}!u"@{R}>'),
    form("G10", f'<"u%{D}"@{R}>'),
    form("G11", f"<{R}!{D}!u>"),
    form("G12", f"<{D}!u%{R}@{H}>"),
    form("P08.28", f"<u%{D}@{L}>"),
    form("T17", f"<u%{D}>"),
    form("P13.1", f"<u\\@{D}@{H}>"),
    Row("P01.31", "u@x.guard.test, beside h", [(OUTSIDE, ["<u@x.guard.test>"])]),
]
LEGAL = [
    form("LEGAL verp", f"<list-7-u=dst.example@{R}>"),
    form("LEGAL srs", f"<SRS0=hH=TT=dst.example=u@{R}>"),
    form("LEGAL batv", f"<prvs=0123456789=u@{R}>"),
    form("LEGAL a/b+c", f"<a/b+c@{R}>"),
    form("LEGAL quoted", f'<"odd user"@{R}>'),
    form("LEGAL bang", f"<sale!@{R}>"),
    form("LEGAL percent", f"<100%@{R}>"),
    form("LEGAL =40", f"<u=40d@{R}>"),
    form("LEGAL route", f"<@{R}:u@{R}>"),
    form("LEGAL local", f"<root@{L}>"),
    form("LEGAL role", "<postmaster>", f"<postmaster@{L}>"),
]
ROWS = PAPER + UNMASKED + OTHERS + LEGAL


def bracketed(argument):
    bare_one = argument.strip()
    return bare_one if bare_one.startswith("<") else f"<{bare_one}>"


def bare(argument):
    return argument.strip().removeprefix("<").removesuffix(">") or "<>"


def spellings(row):
    """All envelopes of a row.  Tricks are tried as printed, with brackets and
    without: one accepted spelling is enough.  Honest mail has brackets."""
    if row.legal:
        return row.envelopes
    found = []
    for sender, recipients in row.envelopes:
        for spell in (str, bracketed, bare):
            envelope = (spell(sender), [spell(r) for r in recipients])
            if envelope not in found:
                found.append(envelope)
    return found


def cell(row, replies):
    """What a row's replies, one list an envelope, come to: refuse, accept,
    defer, or mail (the sender was refused: the recipient was not judged)."""
    mails = [mail.code for mail, *_ in replies]
    codes = [rcpt.code for mail, *rcpts in replies if mail.code == 250
             for rcpt in rcpts]
    taken = [code in (250, 251, 252) for code in codes]
    if row.legal and taken:
        return "accept" if all(taken) and set(mails) == {250} else "refuse"
    if any(taken):
        return "accept"
    if any(400 <= code < 500 for code in codes + mails):
        return "defer"
    return "refuse" if codes else "mail"
