# SPDX-License-Identifier: BSD-2-Clause
"""FEATURE(`access_db') over the map door: the same answers as from the hash
file that makemap makes, for every key that sendmail asks."""
import random
import socket
import subprocess
import sys
import threading
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import lab
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rawmap import MapSession, netstring
from watched import Guard

LINES = 10000
DICE = random.Random(42)


def make_line(i):
    """One line of an access file, of a kind that postmasters write."""
    host = f"h{i}.example"
    net = f"10.{i >> 8 & 255}.{i & 255}"
    key = DICE.choice([
        f"To:{host}", f"Connect:{net}.7", f"Connect:{net}", f"From:user{i}@{host}",
        f"From:{host}", host, f"{net}.9", f"user{i}@{host}", f"To:user{i}@{host}",
        f"Connect:{host}", f"Connect:IPv6:2001:db8:{i:x}", f"Spam:{host}", f"{i}user@",
        f"To:{i}user@", f"TLS_Clt:{host}", f"ClientRate:{net}.1", f"GreetPause:{net}",
        f"CERTIssuer:/C=XX/CN={i}", f"To:.{host}", f"FROM:Mixed{i}@Case.Example"])
    value = DICE.choice(["RELAY", "RELAY", "OK", "REJECT", "DISCARD", "SKIP",
                         'ERROR:5.7.1:"550 not today"', "ERROR:4.7.1:450 later on",
                         "550 We don't accept mail from spammers", "FRIEND", "10", "5000"])
    return f"{key}{DICE.choice([chr(9), ' ', chr(9) * 2, '   '])}{value}"


def access_text():
    lines = [make_line(i) for i in range(LINES)]
    lines += ["# a comment", "", "Connect:127.0.5\tRELAY", "Connect:127.0.6.1\tREJECT",
              "To:relay.test\tRELAY", "To:no.relay.test\tREJECT", "From:bad@b.example\tREJECT",
              "From:worse.example\tERROR:5.7.1:550 go away", "To:blocked@guard.test\tREJECT",
              "h1.example\tOK", "Connect:127.0.5.9\tOK", "To:relay.test\tDISCARD"]
    return "\n".join(lines) + "\n"


def makemap(*arguments, text=None):
    program = lab.CF.parent / "unpacked/usr/libexec/sendmail/makemap"
    if not program.exists():
        program = "makemap"
    return subprocess.run([program, "-C", "/dev/null", *arguments], input=text, capture_output=True,
                          encoding="latin-1", check=False)


class Eavesdropper(AbstractContextManager):
    """A socket in front of the guard's that notes every key."""

    def __init__(self, guard):
        self.path = guard.socket.parent / "ear.sock"
        self.guard, self.keys = guard, []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(self.path))
        self.path.chmod(0o777)
        self.server.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.server.accept()
                threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        """One request at a time, as sendmail sends them."""
        with client, MapSession(self.guard.map_socket) as m, suppress(OSError):
            while data := client.recv(65536):
                _, _, rest = data.partition(b":")
                name, _, key = rest[:-1].partition(b" ")
                assert name == b"access"
                self.keys.append(key)
                m.send(data)
                client.sendall(netstring(m.answer().encode("latin-1")))

    def __exit__(self, *_):
        self.server.close()


def sessions(mta):
    """Replies to many sessions: clients, senders and recipients of all kinds."""
    dice, found = random.Random(7), []
    for i in range(60):
        source = dice.choice(["127.0.0.2", f"127.0.5.{i + 1}", "127.0.5.9", "127.0.6.1",
                              "127.0.7.7"])
        number = dice.randrange(LINES)
        host = f"h{number}.example"
        sender = dice.choice([f"user{number}@{host}", "bad@b.example", "a@worse.example",
                              "a@b.example", f"x@sub.{host}", "mixed9@case.example", ""])
        with lab.SmtpSession(mta, source=source) as smtp:
            found.append((source, sender, *smtp.cmd(f"MAIL FROM:<{sender}>")))
            for recipient in (f"u@{host}", "u@relay.test", "u@sub.relay.test", "u@no.relay.test",
                              "root@guard.test", "blocked@guard.test", f"{number}user@guard.test",
                              f"user{number}@{host}", "u%d.example@relay.test"):
                found.append((source, recipient, *smtp.cmd(f"RCPT TO:<{recipient}>")))
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The file, the same as a hash (with what makemap says of it), as a dict."""
    folder = lab.safe_base() / f"access-{id(tmp_path_factory)}"
    folder.mkdir(mode=0o755)
    text = access_text()
    (folder / "access").write_text(text)
    said = makemap("hash", folder / "access", text=text).stderr
    assert "duplicate" in said
    dump = makemap("-u", "hash", folder / "access").stdout
    known = dict(line.split("\t", 1) for line in dump.splitlines())
    assert len(known) > LINES * 0.95
    yield folder, known
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_the_same_answers_for_every_key(place):
    folder, known = place
    with Guard("local guard.test\n", access_file=str(folder / "access")) as guard, \
            Eavesdropper(guard) as ear:
        feature = "FEATURE(`access_db',`{}')".format
        more = ["FEATURE(`blocklist_recipients')"]
        with lab.Sendmail(extra_mc=[feature(f"hash -T<TMPF> {folder}/access"), *more]) as by_hash:
            expected = sessions(by_hash)
        with lab.Sendmail(extra_mc=[feature(f"socket -T<TMPF> local:{ear.path}"), *more]) as by_map:
            got = sessions(by_map)
        assert got == expected
        assert len({(code, text.split()[0]) for *_, code, text in got}) >= 4
        asked = {k.decode("latin-1") for k in ear.keys}
        assert len(ear.keys) > 20 * 60, "about 47 a session"
        with MapSession(guard.map_socket) as m:
            for key in sorted(asked | set(known)):
                want = f"OK {known[key]}" if key in known else "NOTFOUND "
                assert m.ask("access", key) == want, key
    print(f"{len(ear.keys)} lookups, {len(asked)} keys asked, {len(known)} in the file")


def test_what_another_source_grants_is_there_too(place):
    folder, _ = place
    policy = "client 127.0.7.0/24\nrelay more.test\nrelay .more.test\nclient 127.0.8.1 only=x.test\n"
    with Guard(policy, access_file=str(folder / "access")) as guard, \
            MapSession(guard.map_socket) as m:
        for key, want in [("connect:127.0.7.7", "OK RELAY"), ("connect:127.0.7", "NOTFOUND "),
                          ("127.0.7.7", "NOTFOUND "), ("to:more.test", "OK RELAY"),
                          ("to:a.more.test", "OK RELAY"), ("more.test", "NOTFOUND "),
                          ("from:more.test", "NOTFOUND "), ("to:test", "NOTFOUND "),
                          ("connect:127.0.8.1", "OK SKIP"), ("connect:127.0.5.1", "NOTFOUND "),
                          ("connect:127.0.5", "OK RELAY"), ("To:relay.test", "NOTFOUND ")]:
            assert m.ask("access", key) == want, key
        assert m.ask("relay", "a.more.test") == "OK RELAY"
        assert m.ask("client", "127.0.7.7") == "OK RELAY"
        assert m.ask("client", "127.0.8.1") == "NOTFOUND "


NARROWER = """relay relay.test
relay both.test
relay .both.test
deny relay deny.both.test
deny relay bad.net.test
deny client 127.0.5.3
client 127.0.7.0/24
deny client 127.0.7.3
"""


@pytest.mark.parametrize("source, recipient, wanted", [
    ("127.0.0.2", "x@relay.test", 250), ("127.0.0.2", "x@sub.relay.test", 550),
    ("127.0.0.2", "x@a.sub.relay.test", 550), ("127.0.0.2", "x@both.test", 250),
    ("127.0.0.2", "x@a.both.test", 250), ("127.0.0.2", "x@deny.both.test", 550),
    ("127.0.0.2", "x@net.test", 250), ("127.0.0.2", "x@a.net.test", 250),
    ("127.0.0.2", "x@bad.net.test", 550), ("127.0.5.2", "x@d.example", 250),
    ("127.0.5.3", "x@d.example", 550), ("127.0.5.3", "x@relay.test", 250),
    ("127.0.7.2", "x@d.example", 250), ("127.0.7.3", "x@d.example", 550)])
def test_shorter_keys_grant_no_more_than_the_policy(narrower, source, recipient, wanted):
    """sendmail tries shorter keys after NOTFOUND: SKIP ends that."""
    with lab.SmtpSession(narrower, source=source) as smtp:
        assert smtp.cmd("MAIL FROM:<a@b.example>").code == 250
        assert smtp.cmd(f"RCPT TO:<{recipient}>").code == wanted


@pytest.fixture(scope="module")
def narrower():
    """The access map alone: neither the milter nor the guard map asks."""
    folder = lab.safe_base() / "narrower"
    folder.mkdir(mode=0o755, exist_ok=True)
    (folder / "access").write_text("To:net.test\tRELAY\nConnect:127.0.5\tRELAY\n")
    with Guard(NARROWER, access_file=str(folder / "access")) as guard, lab.Sendmail(extra_mc=[
            f"FEATURE(`access_db',`socket -T<TMPF> local:{guard.map_socket}',`skip')"]) as mta:
        yield mta
