# SPDX-License-Identifier: BSD-2-Clause
"""The paper's 20 tests, step by step, against a wide-open sendmail with the
guard in front: the paper's code at the paper's step, and a reply that names
rule and form.  Without the guard the same sendmail relays most of them."""

import lab
import pytest

H = lab.HOSTNAME
IP = "[127.0.0.1]"
SENDER_OK = (250, "2.1.0")
DENIED = (550, "5.7.1")

# id, MAIL argument, its reply, RCPT arguments, their reply, rule and form that
# the reply names (None: sendmail's own parser refuses, the guard never sees it)
TABLE = [
    ("P00", f"<ksch@{H}>", SENDER_OK, ["<ksch90@korea.example>"], DENIED,
     "P00 own-domain-sender"),
    ("P01", "ksch@kisa.example", SENDER_OK, ["ksch@kisa.example"], DENIED,
     "P01 outside-to-outside"),
    ("P02", " spamtest@spam.mail.kisa.invalid", SENDER_OK,
     ["ksch90@korea.example"], DENIED, "P01 outside-to-outside"),
    ("P03", " relaytest@localhost", (553, "5.5.4"), [], None,
     "P03 localhost-sender"),
    ("P04", " <relaytest>", (553, "5.5.4"), [], None, "P04 unqualified-sender"),
    ("P05", "<>", SENDER_OK, ["ksch90@korea.example"], DENIED,
     "P05 null-sender"),
    ("P06", f" root@{H}", SENDER_OK, [" ksch90@korea.example"], DENIED,
     "P06 root-sender"),
    ("P07", f" spamtest@{IP}", SENDER_OK, [" ksch90@korea.example"], DENIED,
     "P07 own-literal-sender"),
    ("P08", "ksch@kisa.example", SENDER_OK, [f"ksch90%korea.example@{H}"],
     DENIED, "P08 percent-hack"),
    ("P09", f"ksch@{H}", SENDER_OK, [f"ksch%kisa.example@{IP}"], DENIED,
     "P09 percent-hack-at-literal"),
    ("P10", f"ksch@{H}", SENDER_OK,
     ['"ksch90@korea.example"', '"ksch@kisa.example"'], DENIED,
     "P10 quoted-route"),
    ("P11", f"ksch@{H}", SENDER_OK,
     ['"ksch90%korea.example"', '"ksch%kisa.example"'], DENIED,
     "P11 quoted-percent"),
    ("P12", f"ksch@{IP}", SENDER_OK, [f'"ksch90@korea.example@{H}"'],
     (553, "5.1.3"), None),
    ("P13", f"ksch@{H}", SENDER_OK, [f'"ksch90@korea.example"@{IP}'], DENIED,
     "P13 quoted-route-at-host"),
    ("P14", f"ksch@{H}", SENDER_OK, [f"ksch90@korea.example@{IP}"],
     (553, "5.1.3"), None),
    ("P15", f"ksch@{IP}", SENDER_OK, [f"@{H}:root@kisa.example"], DENIED,
     "P15 source-route"),
    ("P16", f"ksch@{H}", SENDER_OK, ["@[127.0.0.2]:root@kisa.example"], DENIED,
     "P16 literal-source-route"),
    ("P17", f"ksch@{IP}", SENDER_OK,
     ["<kisa.example!root>", "kisa.example!nobody", "kisa.example!root"],
     DENIED, "P17 bang-path"),
    ("P18", f"ksch@{H}", SENDER_OK, [f"kisa.example!nobody@{IP}"], DENIED,
     "P18 bang-path-at-host"),
    ("P19", f"postmaster@{H}", SENDER_OK, ["root@kisa.example"], DENIED,
     "P19 postmaster-sender"),
]
STOPPED_BY_SENDMAIL = {"P12", "P14"}


def bracketed(argument):
    bare = argument.strip()
    return bare if bare.startswith("<") else f"<{bare}>"


def bare(argument):
    inner = argument.strip().removeprefix("<").removesuffix(">")
    return inner or "<>"


SPELLINGS = {"as printed": lambda a: a, "bracketed": bracketed, "bare": bare}


@pytest.fixture(scope="module")
def guarded():
    with lab.Guard("local guard.test\n") as guard:
        with lab.Sendmail(wide_open=True, milter=guard.socket) as mta:
            yield mta


@pytest.fixture(scope="module")
def unguarded():
    with lab.Sendmail(wide_open=True) as mta:
        yield mta


def check(reply, code_and_dsn, named, what):
    code, dsn = code_and_dsn
    assert reply.code == code and reply.text.startswith(dsn), (what, reply)
    if named:
        assert f"({named})" in reply.text, (what, reply)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_codes_steps_and_names(guarded, row, spelling):
    test, sender, mail_reply, recipients, rcpt_reply, named = row
    spell = SPELLINGS[spelling]
    with lab.SmtpSession(guarded) as smtp:
        mail, *rcpts = smtp.envelope(spell(sender), *map(spell, recipients))
    check(mail, mail_reply, None if recipients else named, test)
    assert len(rcpts) == len(recipients)
    for reply in rcpts:
        check(reply, rcpt_reply, named, test)


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_without_the_guard_it_relays(unguarded, row):
    """So that the tests above prove something about the guard."""
    test, sender, _, recipients, _, _ = row
    with lab.SmtpSession(unguarded) as smtp:
        mail, *rcpts = smtp.envelope(sender, *(recipients or ["u@d.example"]))
    assert mail.code == 250
    if test in STOPPED_BY_SENDMAIL:
        assert {r.code for r in rcpts} == {553}
    else:
        assert {r.code for r in rcpts} == {250}, rcpts
