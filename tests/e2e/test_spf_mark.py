# SPDX-License-Identifier: BSD-2-Clause
"""Results of SPF in the header of mail, and forged ones out of it: what the guard
tells an MTA, and what a real sendmail makes of it."""
import lab
import pytest
import test_spf
from rawmilter import CONTINUE, MilterSession
from test_spf import ALLOWED, FAR, FORWARDER, TRUSTED

ADDHDRS, CHGHDRS, SETSYMLIST = 1, 0x10, 0x100
NOHDRS, NR_HDR = 0x20, 0x80
OWN = "mx.guard.test"
RESULTS = "Authentication-Results"


dns = test_spf.dns


def make(dns, **options):
    return test_spf.make(dns, **{"spf": "mark", **options})


@pytest.fixture(scope="module")
def guard(dns):
    with make(dns) as g:
        yield g


def begin(m, domain="fail.spf.test", client=FAR, helo="client.example", auth=None, **offers):
    m.greet(client, helo=helo, **offers)
    assert m.mail(f"<a@{domain}>" if domain else "<>", auth=auth).kind == CONTINUE
    assert m.rcpt(ALLOWED).kind == CONTINUE


def changes(guard, domain="fail.spf.test", header=(), **who):
    """What the guard changes, one message with these fields."""
    with MilterSession(guard.socket) as m:
        begin(m, domain, **who)
        for name, value in header:
            assert m.header(name, value).kind == CONTINUE
        found, answer = m.end()
        assert answer.kind == CONTINUE
        return found


def plain(value):
    return " ".join(value.split())


# ---- what is asked of the MTA ----------------------------------------------------


@pytest.mark.parametrize("spf", ["off", "mark", "enforce"])
def test_negotiation(dns, spf):
    """Nothing more than without SPF, unless mail is marked."""
    with make(dns, spf=spf) as guard, MilterSession(guard.socket) as m:
        m.negotiate()
        marks = spf != "off"
        assert m.actions == SETSYMLIST | (ADDHDRS | CHGHDRS if marks else 0)
        assert bool(m.steps & NOHDRS) != marks
        assert bool(m.steps & NR_HDR) == marks
        assert m.steps & 0x310 == 0x310 & m.steps and m.steps & 0x10  # no body


@pytest.mark.parametrize("actions", [0, SETSYMLIST, SETSYMLIST | ADDHDRS, CHGHDRS])
def test_mta_offers_no_changes(dns, actions):
    with make(dns, spf="enforce") as guard, MilterSession(guard.socket) as m:
        begin(m, "soft.spf.test", actions=actions)
        assert m.actions == actions & SETSYMLIST and m.steps & NOHDRS
        assert m.end() == ([], (CONTINUE, 0, ""))
        m.mail("<a@fail.spf.test>")
        assert m.rcpt(ALLOWED).rule == "S05"
        lab.wait_for(lambda: "mail is not marked" in guard.text("output"), "the warning")


def test_mta_without_silence(guard):
    """One that waits for a reply to each field gets it."""
    with MilterSession(guard.socket) as m:
        begin(m, steps=0x1fffff & ~NR_HDR)
        assert not m.steps & NR_HDR
        assert m.header(RESULTS, OWN + "; none").kind == CONTINUE
        assert [c[0] for c in m.end()[0]] == ["change", "insert", "insert"]


def test_reload_marks(dns):
    """From the next session on."""
    with make(dns, spf="off") as guard:
        with MilterSession(guard.socket) as old:
            begin(old)
            guard.set_options(spf="mark", authserv_id="ours.test")
            guard.reload()
            found = lab.wait_for(lambda: changes(guard), "marks", 20)
            assert found[1][3].startswith("ours.test;")
            assert old.end() == ([], (CONTINUE, 0, ""))
        with MilterSession(guard.socket) as old:
            begin(old)
            guard.set_options(spf="off")
            guard.reload()
            lab.wait_for(lambda: not changes(guard), "no marks", 20)
            # as it was begun
            assert len(old.end()[0]) == 2
            old.mail("<a@fail.spf.test>")
            old.rcpt(ALLOWED)
            assert old.end()[0] == []


# ---- marks ---------------------------------------------------------------------------


@pytest.mark.parametrize("domain, helo, received, results", [
    ("fail.spf.test", "client.example", "fail", "spf=fail smtp.mailfrom=a@fail.spf.test"),
    ("soft.spf.test", "pass.spf.test", "softfail",
     "spf=softfail smtp.mailfrom=a@soft.spf.test; spf=pass smtp.helo=pass.spf.test"),
    ("pass.spf.test", "[198.51.100.7]", "pass", "spf=pass smtp.mailfrom=a@pass.spf.test"),
    ("wrong.spf.test", "[x]", "permerror", "spf=permerror smtp.mailfrom=a@wrong.spf.test"),
    ("slow.spf.test", "[x]", "temperror", "spf=temperror smtp.mailfrom=a@slow.spf.test"),
    ("", "pass.spf.test", "pass", "spf=pass smtp.helo=pass.spf.test")])
def test_marks(guard, domain, helo, received, results):
    first, second = changes(guard, domain, helo=helo)
    assert first[:3] == ("insert", 0, "Received-SPF")
    assert first[3].split()[0] == received and "client-ip=198.51.100.7;" in first[3]
    assert second[:3] == ("insert", 0, RESULTS)
    assert plain(second[3]) == f"{OWN}; {results}"


def test_enforce_marks_too(dns):
    with make(dns, spf="enforce") as guard:
        assert "spf=softfail" in changes(guard, "soft.spf.test")[1][3]


@pytest.mark.parametrize("who, cleaned", [
    ({"client": TRUSTED}, False), ({"client": "127.0.0.1"}, False),
    ({"client": FORWARDER}, True), ({"auth": "carol"}, True), ({"auth": "unlisted"}, True)])
def test_not_marked(guard, dns, who, cleaned):
    """A trusted client may be another server of ours, with results that are true;
    who only has authenticated may not."""
    before = dns.questions()
    found = changes(guard, "slow.spf.test", [(RESULTS, f"{OWN}; spf=pass")], **who)
    assert found == ([("change", 1, RESULTS, "")] if cleaned else [])
    assert dns.questions() == before


# ---- forged ones -------------------------------------------------------------------------


def test_forged(guard):
    """Ours go, the last first; others stay and are counted."""
    found = changes(guard, header=[
        ("Received", "from x"), (RESULTS, f"{OWN}; spf=pass"), ("X-" + RESULTS, f"{OWN}; none"),
        (RESULTS, "other.test; spf=pass"), ("AUTHENTICATION-results", f"(c)\n\t{OWN.upper()}\n 1;"),
        (RESULTS, f"other.test (by {OWN}); spf=pass"), (RESULTS, f'"{OWN}"; spf=pass'),
        ("Received-SPF", "pass"), (RESULTS, f"{OWN}.other.test; none"), (RESULTS, "(never closed")])
    assert found[:-2] == [("change", n, RESULTS, "") for n in (7, 5, 3, 1)]
    assert len(found) == 6


def test_many_forged(guard):
    found = changes(guard, header=[(RESULTS, f"{OWN}; {i}") for i in range(500)])
    assert [c[1] for c in found[:-2]] == list(range(500, 0, -1))


def test_forged_of_one_message_only(guard):
    with MilterSession(guard.socket) as m:
        begin(m)
        m.header(RESULTS, OWN)
        m.abort()
        for _ in range(2):
            m.mail("<a@fail.spf.test>")
            m.rcpt(ALLOWED)
            m.header(RESULTS, "other.test")
            assert [c[0] for c in m.end()[0]] == ["insert", "insert"]


def test_authserv_id(dns):
    with make(dns, authserv_id="Site.test") as guard:
        found = changes(guard, header=[(RESULTS, OWN), (RESULTS, "site.TEST; none")])
        assert found[0] == ("change", 2, RESULTS, "")
        assert found[2][3].startswith("Site.test;")


# ---- with a real sendmail --------------------------------------------------------------

# fqdn.c lets clients seem to be far away
AS_FAR, AS_FORWARDER, AS_TRUSTED = "127.198.51.7", "127.198.51.200", "127.192.0.7"


@pytest.fixture(scope="module")
def site(dns):
    with make(dns, spf="enforce", spf_permerror="refuse", spf_temperror="defer",
              sender_domain_unknown="defer") as guard, \
            lab.Sendmail(milter=guard.socket) as mta:
        yield guard, mta


def header(mta):
    """[(name, value)] of the one message in the queue, which is emptied."""
    queue = mta.folder / "queue"
    lab.wait_for(lambda: list(queue.glob("qf*")), "a message")
    [text] = mta.queued()
    for file in queue.glob("[qd]f*"):
        file.unlink()
    fields = []
    for line in text.splitlines():
        if line.startswith("H"):
            name, _, value = line[1:].rpartition("?")[2].partition(":") \
                if line.startswith("H?") else line[1:].partition(":")
            fields.append([name, value.strip()])
        elif line.startswith("\t") and fields:
            fields[-1][1] += " " + line.strip()
    return [tuple(f) for f in fields]


def values(fields, name):
    return [v for n, v in fields if n.lower() == name.lower()]


def send(mta, sender, source=AS_FAR, message="Subject: x\r\n\r\nx\r\n", helo="client.example"):
    with lab.SmtpSession(mta, source, helo=helo) as smtp:
        mail, rcpt = smtp.envelope(sender, "<postmaster@guard.test>")
        return mail, rcpt, smtp.data(message) if rcpt.code == 250 else None


@pytest.mark.parametrize("domain, stage, code, dsn", [
    ("fail.spf.test", 1, 550, "5.7.23"), ("wrong.spf.test", 1, 550, "5.7.24"),
    ("lost.spf.test", 1, 451, "4.7.24"), ("null.spf.test", 0, 550, "5.7.27"),
    ("servfail.test", 0, 451, "4.1.8"), ("no.spf.test", 0, 553, "5.1.8")])
def test_sendmail_refuses(site, domain, stage, code, dsn):
    reply = send(site[1], f"<a@{domain}>")[stage]
    assert reply.code == code and reply.text.startswith(dsn), reply


def test_sendmail_tells_the_explanation(site):
    text = send(site[1], "<a@fail.spf.test>")[1].text
    assert "explains: 198.51.100.7 is not ours, 100% sure, see http://spf.test/a" in text
    with lab.SmtpSession(site[1], AS_FAR) as smtp:
        # nothing of it is taken for a reply of its own
        for domain in "odd", "rude", "long":
            assert smtp.envelope(f"<a@{domain}.spf.test>", "<postmaster@guard.test>")[1].code == 550
            assert smtp.cmd("NOOP").code == 250


@pytest.mark.parametrize("sender, result", [
    ("soft", "softfail"), ("neutral", "neutral"), ("none", "none"), ("pass", "pass")])
def test_sendmail_marks(site, sender, result):
    assert send(site[1], f"<a@{sender}.spf.test>")[2].code == 250
    fields = header(site[1])
    [received], [results] = values(fields, "Received-SPF"), values(fields, RESULTS)
    assert received.startswith(f"{result} (mx.guard.test:")
    assert "client-ip=198.51.100.7;" in received
    assert results == f"{OWN}; spf={result} smtp.mailfrom=a@{sender}.spf.test; " \
                      "spf=none smtp.helo=client.example"
    # above what the mail server itself has written
    names = [n.lower() for n, _ in fields]
    assert max(names.index("received-spf"), names.index(RESULTS.lower())) < names.index("received")


def test_sendmail_removes_forged(site):
    message = "".join(f"{RESULTS}: {value}\r\n" for value in (
        f"{OWN}; spf=pass smtp.mailfrom=forged1", "other.test; dkim=pass (kept1)",
        f"(folded)\r\n\t{OWN.upper()}\r\n\t1; spf=pass smtp.mailfrom=forged2",
        f"{OWN}; spf=pass smtp.mailfrom=forged3", f"other.test; by={OWN} (kept2)",
        f'"{OWN}"; spf=pass smtp.mailfrom=forged4', f"\v{OWN}; spf=pass smtp.mailfrom=forged5",
        f"\r\n\t\r\n\t\f{OWN}.; spf=pass smtp.mailfrom=forged6")) \
        + f"X-Kept: {OWN}; spf=pass\r\nSubject: x\r\n\r\nx\r\n"
    assert send(site[1], "<a@pass.spf.test>", message=message)[2].code == 250
    fields = header(site[1])
    assert "forged" not in str(fields)
    ours, *kept = values(fields, RESULTS)
    assert ours.startswith(f"{OWN}; spf=pass smtp.mailfrom=a@pass.spf.test")
    assert [v for v in kept if v] == ["other.test; dkim=pass (kept1)",
                                      f"other.test; by={OWN} (kept2)"]
    assert values(fields, "X-Kept") == [f"{OWN}; spf=pass"]


@pytest.mark.parametrize("source, kept", [
    (AS_TRUSTED, 1), ("127.0.0.1", 1), (AS_FORWARDER, 0)])
def test_sendmail_unmarked(site, source, kept):
    message = f"{RESULTS}: {OWN}; spf=pass\r\nSubject: x\r\n\r\nx\r\n"
    for domain in "fail", "wrong", "no":
        assert send(site[1], f"<a@{domain}.spf.test>", source, message)[2].code == 250
        fields = header(site[1])
        assert values(fields, "Received-SPF") == []
        assert values(fields, RESULTS) == [f"{OWN}; spf=pass"] * kept


def test_sendmail_reload(dns):
    with make(dns, spf="off") as guard, lab.Sendmail(milter=guard.socket) as mta:
        def after(**options):
            guard.set_options(**options)
            seen = guard.text("output").count("reloaded")
            guard.reload()
            lab.wait_for(lambda: guard.text("output").count("reloaded") > seen, "the reload")
            replies = send(mta, "<a@fail.spf.test>")
            return replies[1].code, replies[2] and values(header(mta), RESULTS)

        assert after() == (250, [])
        code, results = after(spf="mark")
        assert code == 250 and "spf=fail" in results[0]
        assert after(spf="enforce") == (550, None)
        assert after(spf="off") == (250, [])
