# SPDX-License-Identifier: BSD-2-Clause
"""variants - the columns of the table: sendmail as administrators configure
it, each without and with relayguard in front, and three other MTAs."""
import sys
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
import lab  # noqa: E402
import zoo  # noqa: E402
from forms import ROWS, H, L, R, cell, spellings  # noqa: E402

POLICY = f"local {L}\nlocal {H}\nrelay {R}\n"
NOSPECIAL = ["FEATURE(`nouucp',`nospecial')", "FEATURE(`nopercenthack',`nospecial')"]


class Variant(NamedTuple):
    letter: str
    name: str
    mc: list


VARIANTS = [
    Variant("A", "default", []),
    Variant("B", "nouucp + nopercenthack `nospecial'", NOSPECIAL),
    Variant("B+", "B with LOCAL_RELAY, a hub for local names",
            [*NOSPECIAL, "define(`LOCAL_RELAY',`esmtp:hub.guard.test')"]),
    Variant("C", "nouucp + nopercenthack `reject'",
            ["FEATURE(`nouucp',`reject')", "FEATURE(`nopercenthack',`reject')"]),
    Variant("D", "loose_relay_check", ["FEATURE(`loose_relay_check')"]),
    Variant("E", "relay_local_from", ["FEATURE(`relay_local_from')"]),
    Variant("F", "promiscuous_relay", ["FEATURE(`promiscuous_relay')"]),
    Variant("G", "relay_entire_domain", ["FEATURE(`relay_entire_domain')"]),
    Variant("H", "relay_mail_from `domain', its own domain in the access map",
            ["FEATURE(`access_db',`text -k0 -v1 {folder}/access')",
             "FEATURE(`relay_mail_from',`domain')"]),
]


class Sendmail(lab.Sendmail):
    """The table's server; {folder} in its lines is its own."""

    def __init__(self, variant, milter=None):
        super().__init__(local_domains=[L], relay_domains=[R], hostname=H,
                         milter=milter)
        self.options += [line.format(folder=self.folder) for line in variant.mc]

    def write_files(self):
        (self.folder / "access").write_text(f"From:{H}\tRELAY\n")
        super().write_files()


def column(server):
    """{row id: cell} of one server, running."""
    per_row = [spellings(row) for row in ROWS]
    replies = iter(zoo.ask(server, [e for envelopes in per_row for e in envelopes]))
    return {row.id: cell(row, [next(replies) for _ in envelopes])
            for row, envelopes in zip(ROWS, per_row)}


def control(server):
    """The client must be untrusted, or no cell means anything: the server has
    to take foreign mail from 127.0.0.1."""
    [(mail, rcpt)] = zoo.ask(server, [("<u@src.test>", ["<u@dst.test>"])], "127.0.0.1")
    if (mail.code, rcpt.code) != (250, 250):
        raise lab.LabError(f"control: trusted client refused: {mail} {rcpt}")


def sendmail_columns(guard, variants=VARIANTS, progress=lambda name: None):
    """{letter: (without relayguard, with it)}"""
    found = {}
    for variant in variants:
        pair = []
        for milter in (None, guard.socket):
            progress(variant.name + (" with relayguard" if milter else ""))
            with Sendmail(variant, milter) as mta:
                control(mta)
                pair.append(column(mta))
        found[variant.letter] = tuple(pair)
    return found


def other_columns(progress=lambda name: None):
    """{name: column} of those that run here; {name: why not} of the others."""
    found, missing = {}, {}
    for kind in zoo.UNPACKED:
        progress(kind.name)
        try:
            with kind() as mta:
                control(mta)
                found[kind.name] = column(mta)
        except (lab.LabError, OSError) as error:
            missing[kind.name] = str(error)
    return found, missing


def guard():
    """The guard of the table, not started."""
    return lab.Guard(POLICY)


class Verdict(NamedTuple):
    letter: str
    name: str
    open_without: int   # abusive rows that sendmail alone accepts
    leaks: list         # ids of abusive rows accepted with relayguard
    legal_without: int  # LEGAL rows that sendmail alone accepts
    lost: list          # ids of those that relayguard refuses

    @property
    def passed(self):
        return not self.leaks and not self.lost

    def __str__(self):
        words = (f"{self.letter:3}{'pass' if self.passed else 'FAIL'}  abusive forms "
                 f"accepted {self.open_without:2} -> {len(self.leaks)}, legal "
                 f"{self.legal_without:2} -> {self.legal_without - len(self.lost):2}")
        wrong = self.leaks + self.lost
        return words + (": " + ", ".join(wrong) if wrong else "")


def verdicts(columns, variants=VARIANTS):
    """One line a sendmail variant."""
    found = []
    for variant in variants:
        if variant.letter not in columns:
            continue
        without, guarded = columns[variant.letter]
        def taken(cells, legal):
            return [row.id for row in ROWS
                    if row.legal == legal and cells[row.id] == "accept"]
        legal = taken(without, True)
        found.append(Verdict(
            variant.letter, variant.name, len(taken(without, False)),
            taken(guarded, False), len(legal),
            [i for i in legal if guarded[i] != "accept"]))
    return found
