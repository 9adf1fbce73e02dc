# SPDX-License-Identifier: BSD-2-Clause
"""Who a client is, shown to a real sendmail: SMTP AUTH (PLAIN, checked by a
stand-in for saslauthd) and a TLS client certificate.  The policy alone decides
whether that is good for relaying; sendmail's own files grant nothing."""
import base64
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import lab
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from watched import Guard

FAR = "<u@d.example>"
POLICY = """local guard.test
auth alice
auth dan+x
deny auth eve+x@staff.test
auth *@staff.test
deny auth eve@staff.test
auth bob only=one.test
cert /C=XX/O=Example+20Inc/CN=good
cert /CN=limited only=one.test
deny cert /CN=lost
"""


class Saslauthd(AbstractContextManager):
    """Says OK to everybody whose password is his name backwards."""

    def __init__(self, path):
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        path.chmod(0o777)
        self.server.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with suppress(OSError):
            while True:
                client, _ = self.server.accept()
                with client, client.makefile("rb") as f:
                    words = [f.read(struct.unpack(">H", f.read(2))[0]) for _ in range(4)]
                    good = words[1] == words[0].partition(b"@")[0][::-1]
                    client.sendall(struct.pack(">H", 2) + (b"OK" if good else b"NO"))

    def __exit__(self, *_):
        self.server.close()


def openssl(*words, folder):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def certificates(folder):
    """A CA, a server and clients; a stranger's client by another CA."""
    for ca in "ca", "other":
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", f"{ca}.key", "-out", f"{ca}.pem", "-days", "2", "-subj", f"/CN={ca}",
                folder=folder)
    for name, subject, ca in [("server", "/CN=mx.guard.test", "ca"), ("limited", "/CN=limited", "ca"),
                              ("good", "/C=XX/O=Example Inc/CN=good", "ca"),
                              ("lost", "/CN=lost", "ca"), ("unknown", "/CN=unknown", "ca"),
                              ("forged", "/C=XX/O=Example Inc/CN=good", "other")]:
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                f"{name}.key", "-out", f"{name}.csr", "-subj", subject, folder=folder)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key",
                "-CAcreateserial", "-out", f"{name}.pem", "-days", "2", folder=folder)
    for key in folder.glob("*.key"):
        key.chmod(0o600)


@pytest.fixture(scope="module")
def place():
    folder = lab.safe_base() / "credentials"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def sasl(place):
    """Lines for the .mc and .cf of a sendmail that offers AUTH PLAIN."""
    (place / "Sendmail.conf").write_text(
        f"pwcheck_method: saslauthd\nsaslauthd_path: {place}/mux\nmech_list: PLAIN\n")
    with Saslauthd(place / "mux"):
        yield {"extra_cf": [f"ESASL_CONF_PATH={place}"], "extra_mc": [
            "define(`confAUTH_MECHANISMS',`PLAIN')", "define(`confAUTH_REALM',`guard.test')"]}


@pytest.fixture(scope="module")
def mta(place, sasl):
    certificates(place)
    with Guard(POLICY) as guard, lab.Sendmail(
            guard=guard, extra_cf=sasl["extra_cf"], extra_mc=[
                *sasl["extra_mc"],
                f"define(`confCACERT_PATH',`{place}')", f"define(`confCACERT',`{place}/ca.pem')",
                f"define(`confSERVER_CERT',`{place}/server.pem')",
                f"define(`confSERVER_KEY',`{place}/server.key')"]) as m:
        m.guard = guard
        yield m


def verdict(smtp, recipient=FAR):
    assert smtp.cmd("MAIL FROM:<a@b.example>").code == 250
    return smtp.cmd(f"RCPT TO:{recipient}").code


def logged_in(mta, user):
    smtp = lab.SmtpSession(mta)
    password = user.partition("@")[0][::-1]
    token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    reply = smtp.cmd(f"AUTH PLAIN {token}")
    assert reply.code == 235, (reply, mta.log()[-2000:])
    return smtp


@pytest.mark.parametrize("user, far, listed", [
    ("alice", 250, 250), ("zoe@staff.test", 250, 250), ("eve@staff.test", 550, 550),
    ("mallory", 550, 550), ("bob", 550, 250), ("dan+x", 250, 250), ("dan", 550, 550),
    ("eve+x@staff.test", 550, 550)])
def test_authenticated(mta, user, far, listed):
    with logged_in(mta, user) as smtp:
        assert (verdict(smtp), smtp.cmd("RCPT TO:<u@one.test>").code) == (far, listed)


def test_a_wrong_password_is_no_identity(mta):
    with lab.SmtpSession(mta) as smtp:
        token = base64.b64encode(b"\0alice\0wrong").decode()
        assert smtp.cmd(f"AUTH PLAIN {token}").code == 535
        assert verdict(smtp) == 550


def with_certificate(mta, place, name):
    smtp = lab.SmtpSession(mta)
    assert smtp.cmd("STARTTLS").code == 220
    context = ssl.create_default_context(cafile=place / "ca.pem")
    context.check_hostname = False
    if name:
        context.load_cert_chain(place / f"{name}.pem", place / f"{name}.key")
    smtp.secure(context)
    return smtp


@pytest.mark.parametrize("name, far, listed", [
    ("good", 250, 250), ("limited", 550, 250), ("lost", 550, 550), ("unknown", 550, 550),
    ("forged", 550, 550), (None, 550, 550)])
def test_certificate(mta, place, name, far, listed):
    with with_certificate(mta, place, name) as smtp:
        assert (verdict(smtp), smtp.cmd("RCPT TO:<u@one.test>").code) == (far, listed)


def test_on_record(mta):
    with logged_in(mta, "mallory") as smtp:
        verdict(smtp)
    last = mta.guard.audit()[-1]
    assert last["door"] == "map" and last["auth"] == "mallory"


@pytest.mark.parametrize("options", [{"mode": "monitor"}, {"mode": "off"},
                                     {"rule_modes": ["P01=off"]}])
def test_what_is_only_watched_is_left_to_sendmail(sasl, options):
    """TRUST_AUTH_MECH goes on to work: the guard takes no grant away."""
    with Guard(POLICY, **options) as guard, lab.Sendmail(
            guard=guard, extra_cf=sasl["extra_cf"],
            extra_mc=[*sasl["extra_mc"], "TRUST_AUTH_MECH(`PLAIN')"]) as mta:
        with logged_in(mta, "mallory") as smtp:
            assert verdict(smtp) == 250
        with lab.SmtpSession(mta) as smtp:
            assert verdict(smtp) == 550, "sendmail's own rules"
