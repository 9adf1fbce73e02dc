#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes legal_grammar.txt: local parts from the grammar of RFC 5321 4.1.2
that no mail server can take for a route, because an operator stands only where
nothing is left to route to.  Always the same 2,000; the hand-picked ones are
in legal.txt.  Run it from the top of the tree when it changes."""

import random
import string

COUNT = 2000
ATOM = string.ascii_letters + string.digits + "#$&'*+-=?^_`{}~/|"
QUOTED = string.ascii_letters + string.digits + "#$&'*+-=?^_`{}~()<>[];.,"
roll = random.Random(20011)


def word(alphabet, longest=12):
    return "".join(roll.choice(alphabet) for _ in range(roll.randint(1, longest)))


def domain():
    return ".".join(word(string.ascii_lowercase + string.digits, 8)
                    for _ in range(roll.randint(2, 3)))


def dot_string():
    atoms = [word(ATOM) for _ in range(roll.randint(1, 5))]
    # in a dotted name a run of operators leaves a user: "d.example!!"
    runs = ["!!", "%%", "%!"] if len(atoms) == 1 else []
    where = roll.choice(["first", "last", "none", "none"])
    edge = roll.choice(["!", "%", *runs])
    atoms[0] = (edge if where == "first" else "") + atoms[0]
    atoms[-1] += edge if where == "last" else ""
    text = ".".join(atoms)
    # a first "|" or "/" could be a program or a file: another list's matter
    return text if text[0] not in "|/" else "x" + text


def quoted_string():
    words = [word(QUOTED, 10).replace(".", "-") for _ in range(roll.randint(1, 6))]
    words.insert(roll.randint(0, len(words)), roll.choice(
        ["x", "\\\\", '\\"', "a\\,b", "it's"]))
    end = roll.choice(["", "", "", "!", "%", " ", " 100%", " wow!", " !", "! "])
    return '"' + " ".join(words) + end + '"'


def tagged():
    user, tag = word(string.ascii_lowercase), word(string.ascii_letters)
    return roll.choice([
        f"{user}+{tag}", f"{user}-bounces+{tag}={domain()}",
        f"bounce-{tag}-{user}={domain()}", f"prvs={tag}={user}",
        f"SRS0={tag}={tag}={domain()}={user}", f"btv1=={tag}=={user}",
        f"SRS1={tag}={domain()}=={tag}={tag}={domain()}={user}",
        f"{user}=40{domain()}", f"/G={user}/S={tag}/O={user}/",
        f"{user}_at_{domain()}", f"{domain()}", f"{tag}/{user}+{tag}",
    ])


def long_one():
    return word(string.ascii_letters + "+-=_.", 1) * roll.randint(64, 200)


def main():
    made = set()
    while len(made) < COUNT:
        made.add(roll.choice([dot_string, dot_string, quoted_string,
                              quoted_string, tagged, tagged, long_one])())
    with open("tests/vectors/legal_grammar.txt", "w") as out:
        out.write("# Made by generate_legal.py: legal local parts from the "
                  "grammar; as legal.txt.\n")
        for text in sorted(made):
            safe = text.replace("\\", "\\x5c").replace("'", "\\x27")
            out.write(f"'{safe}'\n")


main()
