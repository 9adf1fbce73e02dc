# SPDX-License-Identifier: BSD-2-Clause
"""candidates - recipients at the relay domain, and which the guard lets through.

Brute force, not wit: words, operators and quoting in any order.  Other
makers, with a grammar, are in tests/differential."""
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
import variants  # noqa: E402
from forms import D, R, X  # noqa: E402
from rawmilter import CONTINUE, MilterSession  # noqa: E402

WORDS = ["u", "v7", "a.b", "x", "9", D, X, R, "dst", "[192.0.2.9]", "192.0.2.9",
         "localhost", "postmaster", "u=d"]
OPERATORS = ["%", "!", "@", "::", ":", "%%", "!!", "@@", ",", ";"]
OTHERS = ['"', "\\", "\\\\", '"', ".", "+", "=", "/", "|", "-", "&", "$", "~", " ",
          "(c)", "<", ">", "\xa5", "\xa1", "\xc0", "\xef\xbc\xa0", "\xef\xb9\xab", "'"]
# where a server may drop what stands between: "u@relay.test .org"
GLUE = [" .", ". ", " . ", "(c).", ".(c)", "\\ .", ".\\ ", " ", ", ", "\\ "]
DOMAINS = [R] * 12 + [R + ".", R.upper()]
SENDER = "<u@src.test>"
SPECIAL = set('%!@:,;"\\|/&$\xa5\xa1\xc0\xef')


def local_part(dice):
    """Up to eight pieces, about half of them words."""
    pieces = [dice.choice(dice.choice([WORDS, WORDS, OPERATORS, OTHERS]))
              for _ in range(dice.randint(1, 8))]
    if dice.random() < 0.3:
        where = dice.randint(0, len(pieces))
        pieces[where:where] = [dice.choice(GLUE), dice.choice(["org", *WORDS])]
    text = "".join(pieces)
    return f'"{text}"' if dice.random() < 0.35 else text


def recipient(dice):
    text = local_part(dice) + "@" + dice.choice(DOMAINS)
    if dice.random() < 0.08:
        text = f"@{dice.choice([R, R, D])}:{text}"
    return (text if dice.random() < 0.05 else f"<{text}>").encode("latin-1")


def judged(count, seed, refused_count=500):
    """Ask a guard until count different recipients have passed, and give also
    some that it refused.  Only those with a special byte are of interest."""
    dice = random.Random(seed)
    passed, refused, asked = {}, {}, 0
    with variants.guard() as guard, MilterSession(guard.socket) as m:
        m.greet(own_name=variants.H, own_address="127.0.0.1")
        if m.mail(SENDER).kind != CONTINUE:
            raise variants.lab.LabError("the guard refuses the sender")
        while len(passed) < count:
            candidate = recipient(dice)
            if not SPECIAL & set(candidate.decode("latin-1").rpartition("@")[0]):
                continue
            asked += 1
            into = passed if m.rcpt(candidate).kind == CONTINUE else refused
            if into is passed or len(refused) < refused_count:
                into[candidate] = True
    return list(passed), list(refused), asked
