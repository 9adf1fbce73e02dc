# SPDX-License-Identifier: BSD-2-Clause
"""The paper's test 2: a sender whose domain does not exist is refused at MAIL,
by a real DNS server's word; so is what SPF forbids."""
import os
import subprocess
from pathlib import Path

import dns_server
import lab
import pytest
from rawmilter import CONTINUE, MilterSession, ask

POLICY = "local guard.test\nrelay relay.test\nclient 192.0.2.0/24\nlocal [203.0.113.9]\n" \
         "forwarder 198.51.100.192/29\ndeny forwarder 198.51.100.193\n"
ZONES = {"real.test": ["@ MX 10 mail", "mail A 192.0.2.1", "host A 192.0.2.2",
                       "six AAAA 2001:db8::2", "null MX 0 .", "text TXT x",
                       'spf MX 10 mail', 'spf TXT "v=spf1 ip4:198.51.100.0/25 -all"',
                       'soft MX 10 mail', 'soft TXT "v=spf1 ~all"',
                       'bad MX 10 mail', 'bad TXT "v=spf1 nonsense -all"',
                       'helo TXT "v=spf1 -all"'],
         "xn--bcher-kva.test": ["@ MX 10 mail.real.test.",
                                '@ TXT "v=spf1 ip4:198.51.100.0/25 -all"',
                                'helo TXT "v=spf1 -all"']}
FAR = "198.51.100.7"
FORWARDER, BY_POLICY, DENIED = "198.51.100.200", "198.51.100.194", "198.51.100.193"


def sender(guard, address, client=FAR, recipient="<u@guard.test>"):
    return ask(guard.socket, recipient, sender=address, client=client)


@pytest.fixture(scope="module")
def guard():
    if dns_server.available():
        pytest.skip(dns_server.available())
    with dns_server.RealServer(ZONES) as server, \
            lab.Guard(POLICY, sender_domain_check=True, dns_servers=[server.name], spf="enforce",
                      spf_forwarders=[FORWARDER]) as g:
        yield g


@pytest.mark.parametrize("address", [
    "<a@real.test>", "<a@REAL.test.>", "<a@mail.real.test>", "<a@host.real.test>",
    "<a@six.real.test>", "<>", "<a@[203.0.113.1]>", "<a@relay.test>"])
def test_exists_or_is_not_asked(guard, address):
    assert sender(guard, address).verdict == "accept"


@pytest.mark.parametrize("address", [
    "<a@no.real.test>", "<a@null.real.test>", "<a@text.real.test>",
    "<spamtest@spam.mail.real.test>"])
def test_does_not_exist(guard, address):
    answer = sender(guard, address)
    rule = "S06" if "null" in address else "P02"
    assert (answer.verdict, answer.rule) == ("refuse", rule)
    for vouched in {"client": "192.0.2.7"}, {"client": FORWARDER}, \
            {"client": BY_POLICY}, {"auth": "alice"}:
        assert ask(guard.socket, "<u@guard.test>", sender=address,
                   **{"client": FAR, **vouched}).verdict == "accept"


def test_who_forwards_may_do_no_more(guard):
    assert sender(guard, "<a@no.real.test>", DENIED).rule == "P02"
    for client in FORWARDER, BY_POLICY:
        assert sender(guard, "<a@no.real.test>", client, "<u@far.test>").rule == "P01"


@pytest.mark.parametrize("address, client, helo, rule", [
    ("<a@spf.real.test>", "198.51.100.7", "client.example", ""),
    ("<a@spf.real.test>", "198.51.100.130", "client.example", "S05"),
    ("<a@spf.real.test>", "2001:db8::130", "client.example", "S05"),
    ("<a@spf.real.test>", "198.51.100.200", "client.example", ""),  # forwards
    ("<a@spf.real.test>", BY_POLICY, "client.example", ""),
    ("<a@spf.real.test>", DENIED, "client.example", "S05"),
    ("<a@spf.real.test>", "192.0.2.7", "client.example", ""),       # is trusted
    ("<a@soft.real.test>", "198.51.100.130", "client.example", ""),
    ("<a@bad.real.test>", "198.51.100.130", "client.example", ""),
    ("<a@real.test>", "198.51.100.130", "helo.real.test", "S05"),
    ("<>", "198.51.100.130", "helo.real.test", "S05"),
    ("<>", "198.51.100.130", "spf.real.test", "S05"),
    ("<>", "198.51.100.7", "spf.real.test", ""),
])
def test_spf(guard, address, client, helo, rule):
    answer = ask(guard.socket, "<u@guard.test>", sender=address, client=client, helo=helo)
    assert answer.verdict == ("refuse" if rule else "accept")
    assert (answer.rule or "") == rule


def international(guard, address, client=FAR, helo="client.example"):
    """The rule that refuses, with SMTPUTF8; "" for none."""
    with MilterSession(guard.socket) as m:
        m.greet(client, helo=helo.encode())
        answer = m.mail(address.encode(), "SMTPUTF8")
        if answer.kind == CONTINUE:
            answer = m.rcpt("<u@guard.test>")
        return answer.rule or ""


@pytest.mark.parametrize("address, client, helo, rule", [
    ("<a@b\xfccher.test>", FAR, "client.example", ""),
    ("<\xfc@B\xdcCHER.test.>", FAR, "client.example", ""),
    ("<a@b\xfccher.test>", "198.51.100.130", "client.example", "S05"),
    ("<\xfc@b\xfccher.test>", "198.51.100.130", "client.example", "S05"),
    ("<a@n\xfc.b\xfccher.test>", FAR, "client.example", "P02"),
    ("<a@real.test>", FAR, "helo.b\xfccher.test", "S05"),
    ("<>", FAR, "helo.b\xfccher.test", "S05"),
    ("<a@real.test>", FAR, "b\xfccher.test", ""),
    # no U-labels: nothing is known, and not asked
    ("<a@\u263b.real.test>", FAR, "client.example", ""),
    ("<a@b\xfc--cher.real.test>", FAR, "client.example", ""),
    ("<a@real.test>", FAR, "\u0301x.real.test", "")])
def test_international_names(guard, address, client, helo, rule):
    """They are asked about as A-labels: RFC 8616."""
    assert international(guard, address, client, helo) == rule


def test_check_says_the_same(guard):
    binary = Path(os.environ.get("RELAYGUARD", lab.BUILD / "relayguard")).resolve()
    for domain, status in ("real.test", 0), ("no.real.test", 1):
        done = subprocess.run(
            [binary, "check", "-c", guard.config, "--client", FAR, "--from", f"<a@{domain}>",
             "--rcpt", "<u@guard.test>", "--own-name", "guard.test"],
            capture_output=True, text=True, timeout=30)
        assert done.returncode == status, done.stdout
        assert ("5.1.8" in done.stdout) == (status == 1)


# ---- through a real sendmail, which asks no DNS itself ---------------------------


@pytest.fixture(scope="module")
def mta(guard):
    with lab.Sendmail(milter=guard.socket) as running:
        yield running


def sendmail_says(mta, address, helo="client.example", source="127.198.51.7"):
    """The first reply to MAIL or RCPT that is no 250; fqdn.c takes the client to FAR."""
    with lab.SmtpSession(mta, source, helo=helo) as smtp:
        mail, rcpt = smtp.envelope(address, "<postmaster@guard.test>")
        reply = mail if mail.code != 250 else rcpt
        return reply.code, reply.text.split()[0] if reply.code != 250 else ""


@pytest.mark.parametrize("address, want", [
    ("<a@real.test>", (250, "")), ("<a@host.real.test>", (250, "")),
    ("<a@six.real.test>", (250, "")), ("<>", (250, "")),
    ("<a@no.real.test>", (553, "5.1.8")), ("<a@text.real.test>", (553, "5.1.8")),
    ("<spamtest@spam.mail.real.test>", (553, "5.1.8")),
    ("<a@null.real.test>", (550, "5.7.27")), ("<a@spf.real.test>", (250, ""))])
def test_sendmail(mta, address, want):
    assert sendmail_says(mta, address) == want
    # who may relay is asked nothing
    assert sendmail_says(mta, address, source="127.192.0.7") == (250, "")


def test_sendmail_spf(mta):
    assert sendmail_says(mta, "<a@spf.real.test>", source="127.198.51.130") == (550, "5.7.23")
    assert sendmail_says(mta, "<>", "helo.real.test") == (550, "5.7.23")
    for forwards in 194, 200:
        assert sendmail_says(mta, "<a@spf.real.test>", source=f"127.198.51.{forwards}") == (250, "")


@pytest.mark.parametrize("way", ["servfail", "refused", "silent", "garbage"])
def test_sendmail_without_answers(way):
    """Never a bounce; by option another try."""
    with dns_server.BrokenServer(way) as server, \
            lab.Guard(POLICY, sender_domain_check=True, dns_servers=[server.name], spf="enforce",
                      budget_ms=300) as guard, lab.Sendmail(milter=guard.socket) as mta:
        assert sendmail_says(mta, f"<a@{way}.test>") == (250, "")
        guard.set_options(sender_domain_unknown="defer")
        guard.reload()
        lab.wait_for(lambda: sendmail_says(mta, f"<a@{way}.test>") == (451, "4.1.8"), "451")
        guard.set_options(sender_domain_unknown="accept", spf_temperror="defer")
        guard.reload()
        lab.wait_for(lambda: sendmail_says(mta, f"<a@{way}.test>") == (451, "4.7.24"), "451")


def test_null_mx_by_option(guard):
    with lab.Guard(POLICY, sender_domain_check=True, sender_domain_null_mx="accept",
                   dns_servers=guard.options["dns_servers"]) as lenient, \
            lab.Sendmail(milter=lenient.socket) as mta:
        assert sendmail_says(mta, "<a@null.real.test>") == (250, "")
        assert sendmail_says(mta, "<a@no.real.test>") == (553, "5.1.8")
