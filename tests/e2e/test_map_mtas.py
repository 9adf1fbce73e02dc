# SPDX-License-Identifier: BSD-2-Clause
"""Postfix and Exim ask the map door, with the lines that contrib/ has for them:
their own configuration names no client and no relay domain."""
import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab
import zoo
from watched import Guard

POLICY = "local local.test\nrelay relay.test\nclient 127.0.0.3\nclient 127.0.0.4 only=one.test\n"
CONTRIB = lab.TOP / "contrib"
CLOSED = zoo.available()

pytestmark = pytest.mark.skipif(bool(CLOSED), reason=f"no Postfix and Exim here: {CLOSED}")


def snippet(name):
    """The lines of contrib, with zoo's place of the sockets, without comments."""
    text = (CONTRIB / name).read_text().replace("/run/relayguard", "/mnt/guard")
    return re.sub(r"^#.*\n", "", text, flags=re.M)


class Postfix(zoo.Postfix):
    def configure(self):
        super().configure()
        main = self.folder / "conf/main.cf"
        kept = re.sub(r"^(mynetworks|relay_domains) *=.*\n", "", main.read_text(), flags=re.M)
        main.write_text(kept + snippet("postfix-main.cf"))


class Exim(zoo.Exim):
    def configure(self):
        super().configure()
        conf = self.folder / "exim.conf"
        text = conf.read_text()
        for name in "relay_to_domains", "relay_from_hosts":
            text, n = re.subn(rf"^((domain|host)list +{name} *=).*", r"\1", text, flags=re.M)
            assert n == 1
        text, n = re.subn(r"^acl_check_rcpt:\n", lambda m: m[0] + snippet("exim-acl.conf"),
                          text, flags=re.M)
        assert n == 1
        conf.write_text(text)


@pytest.fixture(scope="module")
def guard():
    with Guard(POLICY) as g:
        for path in g.socket, g.map_socket:  # as a member of their group could
            os.chmod(path, 0o777)
        yield g


@pytest.fixture(scope="module", params=[Postfix, Exim], ids=lambda k: k.name)
def mta(request, guard):
    with request.param(guard_run=guard.socket.parent) as made:
        yield made


def code(mta, recipient, source=lab.OUTSIDER, sender="<a@b.example>"):
    [[mail, rcpt]] = zoo.ask(mta, [(sender, [recipient])], source)
    assert mail.code == 250
    return rcpt.code, rcpt.text


@pytest.mark.parametrize("recipient, source, wanted", [
    ("<u@d.example>", "127.0.0.2", 5), ("<u@d.example>", "127.0.0.3", 2),
    ("<u@relay.test>", "127.0.0.2", 2), ("<root@local.test>", "127.0.0.2", 2),
    ("<u%d.example@relay.test>", "127.0.0.2", 5), ("<d.example!u@relay.test>", "127.0.0.2", 5),
    ('<"u@d.example"@relay.test>', "127.0.0.2", 5), ("<u%relay.test@relay.test>", "127.0.0.2", 2)])
def test_grants_and_denials(mta, recipient, source, wanted):
    if mta.name == "postfix" and "%" in recipient:
        wanted = 5  # allow_untrusted_routing = no: before it asks anybody
    got, text = code(mta, recipient, source)
    assert got // 100 == wanted, text


@pytest.mark.parametrize("recipient, rule", [
    ("<u%d.example@relay.test>", "P08 percent-hack"),
    ('<"|/bin/sh"@relay.test>', "S03 program-target"),
    ('<"u :: d"@relay.test>', "S01 decnet-path")])
def test_a_trick_is_named(mta, recipient, rule):
    got, text = code(mta, recipient)
    by_itself = mta.name == "postfix" and "Relay access denied" in text
    assert got // 100 == 5 and (f"({rule})" in text or by_itself)
    assert not by_itself or "%" in recipient


SEPARATED = ['<"x{}<u@relay.test>{}alice{}y"@b.example>', '<"x{}u@relay.test{}alice{}y"@b.example>',
             "<x{}u@b.example>", '<"{}{}{}{}"@b.example>']


@pytest.mark.parametrize("text", SEPARATED)
def test_no_separator_gets_into_a_request(mta, text):
    """Exim takes the byte that parts the fields, in senders and recipients."""
    hostile = text.replace("{}", "\x9b")
    with lab.SmtpSession(mta) as smtp:
        replies = smtp.envelope(hostile, "<victim@d.example>")
        assert replies[-1].code // 100 == 5, replies
        replies = smtp.envelope("<a@b.example>", hostile.replace("b.example", "d.example"))
        assert replies[-1].code // 100 == 5, replies


def test_only_exim_asks_about_the_whole_envelope(mta):
    """Postfix's maps know address or domain: a client with only= is none."""
    got, _ = code(mta, "<u@one.test>", "127.0.0.4")
    assert got == (250 if mta.name == "exim" else 554)


def test_the_policy_changes_without_a_restart(mta, guard):
    assert code(mta, "<u@new.test>")[0] // 100 == 5
    try:  # another user: Postfix remembers what an address resolves to
        guard.set_policy(POLICY + "relay new.test\n")
        guard.reload_and_wait()
        assert code(mta, "<v@new.test>")[0] == 250
    finally:
        guard.set_policy(POLICY)
        guard.reload_and_wait()


@pytest.mark.parametrize("kind", [Postfix, Exim], ids=lambda k: k.name)
def test_without_the_guard_451(kind):
    with Guard(POLICY) as guard:
        with kind(guard_run=guard.socket.parent) as made:
            guard.kill()
            with lab.SmtpSession(made) as smtp:
                replies = smtp.envelope("<a@b.example>", "<u@relay.test>")
    assert 451 in [r.code for r in replies] and 250 != replies[-1].code
