# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe --starttls` and `--tls`: the same tests in TLS, against
sinks with Python's ssl and a real sendmail."""
import re
import ssl

import lab
import pytest
from lab import Sendmail
from slapd import Certificates
from sink import DROP, SILENT, Result, Sink, closed, only, open_relay, run

SECURE = object()  # an answer: 220, and on in TLS
OFFERS = "250-mx.sink.test Hello\n250 STARTTLS"


class Wire:
    """A socket that can go on in TLS."""

    def __init__(self, plain):
        self.socket = plain

    def secure(self, context):
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def __getattr__(self, name):
        return getattr(self.socket, name)


class TlsSink(Sink):
    def __init__(self, context, answer, at_once=False, **more):
        self.context, self.at_once, self.secured = context, at_once, 0
        super().__init__(answer, **more)

    def serve(self, client):
        wire = Wire(client)
        try:
            if self.at_once:
                wire.secure(self.context)
                self.secured += 1
        except OSError:
            client.close()
            return
        super().serve(wire)

    def send(self, client, reply):
        if reply is not SECURE:
            return Sink.send(client, reply)
        client.sendall(b"220 go ahead\r\n")
        client.secure(self.context)
        self.secured += 1
        return True


def starttls(answer, reply=SECURE):
    """STARTTLS is offered in the clear, and wanted before MAIL."""
    def answered(verb, line, n):
        if verb == "STARTTLS":
            return reply
        if verb == "EHLO" and n == 1:
            return OFFERS
        return answer(verb, line, n)
    return answered


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("tls"), names="DNS:mx.sink.test,IP:127.0.0.1")


@pytest.fixture(scope="module")
def context(certificates):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificates.certificate, certificates.key)
    return made


def probe(context, answer, *options, at_once=False, **more):
    with TlsSink(context, answer, at_once=at_once, **more) as sink:
        result = Result(sink.port, *options)
    result.sink = sink
    return result


@pytest.mark.parametrize("answer, verdict", [(closed, "closed"), (open_relay, "relays")])
def test_starttls(context, answer, verdict):
    r = probe(context, starttls(answer), "--starttls")
    assert r.verdict == verdict
    # controls C and, for an open one, S have connections of their own
    strangers = [c for c in r.doc["controls"] if c["id"] == "S"]
    assert bool(strangers) == (verdict == "relays")
    assert r.sink.secured == r.doc["connections"] == 2 + len(strangers)
    assert r.sink.commands[:3] == ["EHLO [127.0.0.2]", "STARTTLS", "EHLO [127.0.0.2]"]
    assert re.match(r"\(TLS1\.3\).*, certificate not trusted: The certificate is NOT trusted."
                    r".*: subject .CN=slapd", r.doc["target"]["tls"])


@pytest.mark.parametrize("answer, verdict", [(closed, "closed"), (open_relay, "relays")])
def test_tls_from_the_start(context, answer, verdict):
    r = probe(context, answer, "--tls", at_once=True)
    assert r.verdict == verdict
    strangers = [c for c in r.doc["controls"] if c["id"] == "S"]
    assert bool(strangers) == (verdict == "relays")
    assert r.sink.secured == r.doc["connections"] == 2 + len(strangers)
    assert "STARTTLS" not in r.sink.commands
    assert r.doc["target"]["tls"].startswith("(TLS1.3)")


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_versions(certificates, version):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificates.certificate, certificates.key)
    made.minimum_version = made.maximum_version = ssl.TLSVersion[version]
    r = probe(made, closed, "--tls", at_once=True)
    assert r.exit == 0
    assert r.doc["target"]["tls"].startswith(f"({version.replace('v', '').replace('_', '.')})")


def test_claims_in_tls(context):
    """Tests with an EHLO of their own have connections of their own."""
    r = probe(context, starttls(closed), "--starttls", "--profile", "full")
    assert r.exit == 0
    assert r.sink.secured == r.doc["connections"] > 4
    assert "EHLO mx.sink.test" in r.sink.commands


def test_certificate_trusted(context, certificates):
    r = probe(context, starttls(closed), "--starttls", "--verify", "--ca", str(certificates.ca))
    assert r.exit == 0
    assert ", certificate trusted: subject" in r.doc["target"]["tls"]


@pytest.mark.parametrize("names, days, word", [
    ("DNS:other.test", 30, "does not match"), ("IP:127.0.0.1", -1, "expired")])
def test_certificate_of_another_or_expired(tmp_path, names, days, word):
    made = Certificates(tmp_path / "bad", names=names, days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    options = ["--tls", "--ca", str(made.ca)]
    r = probe(context, closed, *options, "--verify", at_once=True)
    assert (r.exit, r.totals["untested"]) == (3, 20)
    assert "certificate not trusted" in r.doc["reasons"][0]
    assert word in r.doc["target"]["tls"]
    assert r.sink.commands == []
    r = probe(context, closed, *options, at_once=True)  # shown, and that is all
    assert r.exit == 0
    assert word in r.doc["target"]["tls"]


def test_authority_unknown(context):
    r = probe(context, starttls(closed), "--starttls", "--verify")
    assert r.exit == 3
    assert "issuer is unknown" in r.doc["reasons"][0]
    assert not any(c.startswith("MAIL") for c in r.sink.commands)


def test_ca_file_that_is_none(context, tmp_path):
    r = probe(context, closed, "--tls", "--ca", str(tmp_path / "none"), at_once=True)
    assert r.exit == 3
    assert str(tmp_path / "none") in r.doc["target"]["tls"]


@pytest.mark.parametrize("answer, word", [
    (closed, "does not offer STARTTLS"),
    (starttls(closed, "454 4.7.0 TLS not available"), "STARTTLS refused: 454"),
    (starttls(closed, "220 come on"), "no answer in time"),
    (starttls(closed, b"220 go\r\n250 injected\r\n"), "not SMTP"),
    (starttls(closed, DROP), "closed by the server"),
    (starttls(closed, SILENT), "no answer in time"),
])
def test_starttls_that_fails(context, answer, word):
    r = probe(context, answer, "--starttls", "--timeout", "1")
    assert (r.exit, r.totals["untested"]) == (3, 20)
    assert word in r.doc["reasons"][0]
    assert not any(c.startswith("MAIL") for c in r.sink.commands)
    assert r.seconds < 10


@pytest.mark.parametrize("banner", ["220 mx.sink.test ESMTP", SILENT, b"\x16\x03\x01\x00\x05hello"],
                         ids=["SMTP", "silent", "garbage"])
def test_no_tls_there(banner):
    with Sink(closed, banner) as sink:
        r = Result(sink.port, "--tls", "--timeout", "1")
    assert (r.exit, r.totals["untested"]) == (3, 20)
    assert any(word in r.doc["reasons"][0] for word in ("TLS handshake", "no answer in time"))
    assert r.seconds < 10


def test_server_that_drops_in_the_middle(context):
    r = probe(context, starttls(lambda v, line, n: DROP if n > 30 else closed(v, line, n)),
              "--starttls")
    assert (r.exit, r.totals["refused"]) == (0, 20)
    assert r.sink.secured == r.doc["connections"] > 2


def test_long_replies(context):
    """A reply of many records, and records that end within a line."""
    many = "\n".join(["550-5.7.1 " + "x" * 400] * 60 + ["550 5.7.1 no"])
    r = probe(context, starttls(lambda v, line, n: many if v == "RCPT" and "postmaster" not in
                                line else closed(v, line, n)), "--starttls")
    assert (r.exit, r.totals["refused"]) == (0, 20)


def test_server_that_wants_tls_says_so():
    def answer(verb, line, n):
        if verb == "EHLO":
            return OFFERS
        return "530 5.7.0 Must issue a STARTTLS command first" if verb == "MAIL" else \
            closed(verb, line, n)
    with Sink(answer) as sink:
        r = Result(sink.port)
    assert (r.exit, r.verdict) == (3, "invalid")
    assert "the server wants TLS: use --starttls" in r.doc["reasons"]


def test_no_hint_where_the_server_offers_none():
    with Sink(only("MAIL", "530 5.7.0 Authentication required")) as sink:
        r = Result(sink.port)
    assert r.exit == 3
    assert not any("--starttls" in reason for reason in r.doc["reasons"])


@pytest.mark.parametrize("options, word", [
    (["--tls", "--starttls"], "not both"), (["--verify"], "--verify and --ca go with"),
    (["--ca", "x"], "--verify and --ca go with"),
    (["--tls", "--milter", "unix:/nonexistent"], "no TLS")])
def test_usage(options, word):
    done = run(*options)
    assert (done.returncode, done.stdout) == (64, "")
    assert word in done.stderr


def test_usual_port():
    done = run("--tls", "127.0.0.9", "--format", "json")
    assert '"port": 465' in done.stdout
    done = run("--tls", "127.0.0.9:25", "--format", "json")
    assert '"port": 25' in done.stdout


def test_text_report(context):
    with TlsSink(context, starttls(closed)) as sink:
        done = run("--starttls", "-v", f"127.0.0.1:{sink.port}")
    assert done.returncode == 0
    assert re.search(r"^TLS: \(TLS1\.3\)", done.stdout, re.M)
    assert ">>> STARTTLS\n<<< 220 go ahead\n=== (TLS1.3)" in done.stdout


@pytest.mark.parametrize("wide_open", [False, True])
def test_sendmail(wide_open):
    folder = lab.safe_base() / "probe-tls"
    made = Certificates(folder, names="DNS:mx.guard.test,IP:127.0.0.1")
    folder.chmod(0o755)
    made.key.chmod(0o600)
    lines = [f"define(`confSERVER_CERT',`{made.certificate}')",
             f"define(`confSERVER_KEY',`{made.key}')", f"define(`confCACERT',`{made.ca}')",
             f"define(`confCACERT_PATH',`{folder}')"]
    with Sendmail(wide_open=wide_open, extra_mc=lines) as mta:
        plain = Result(mta.port)
        r = Result(mta.port, "--starttls", "--verify", "--ca", str(made.ca))
        log = mta.log()
    assert r.doc["target"]["tls"].startswith("(TLS1.3)")
    assert "STARTTLS=server, relay=[127.0.0.2]" in log
    assert {i: t["outcome"] for i, t in r.tests.items()} == \
        {i: t["outcome"] for i, t in plain.tests.items()}
    assert (r.exit, plain.doc["target"]["tls"]) == (int(wide_open), None)
