# SPDX-License-Identifier: BSD-2-Clause
"""What can be wrong with a directory: the words for it, and that nothing which
did not reach its end is taken for a refresh."""
import os
import socket
import time
from contextlib import contextmanager

import pytest

import lab
import ldap_fake
import slapd as directory
from slapd import BASE, GUARD, Certificates, Slapd
from tell import Tell, once
from test_ldap_follow import domain, domains

pytestmark = pytest.mark.skipif(directory.available() is not None,
                                reason=str(directory.available()))


@pytest.fixture(scope="module")
def certificates():
    folder = lab.safe_base() / f"certificates-{os.getpid()}"
    yield Certificates(folder)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


@pytest.fixture(scope="module")
def slapd(certificates):
    with Slapd(tls=certificates, ldif=domains(5)) as server:
        yield server


def secret(folder, text, mode=0o600):
    file = folder / "password"
    file.write_text(text)
    file.chmod(mode)
    return file


def fails(expected, words, *servers, **options):
    """One refresh must fail with this code and these words."""
    code, said, events = once(*servers, **options)
    kinds = [e.what for e in events]
    assert code == expected, said
    assert words in said, said
    assert "refreshed" not in kinds and "flush" not in kinds and "cookie" not in kinds
    assert kinds.count("begin") == kinds.count("abandoned")
    return said


def works(*servers, n=5, **options):
    code, said, events = once(*servers, **options)
    assert code == 0, said
    assert [e.rest for e in events if e.what == "refreshed"] == [f"mentioned {n}"]
    return said


# ------------------------------------------------------------ who, where, what

def test_nothing_is_wrong(slapd):
    assert works(slapd) == ""
    assert works(slapd, sync="poll") == ""


def test_wrong_password(slapd, tmp_path):
    said = fails(49, "wrong password", slapd, password_file=secret(tmp_path, "not-it-at-all\n"))
    assert GUARD in said and "not-it-at-all" not in said


def test_unknown_bind_dn(slapd):
    fails(49, "no such ldap_bind_dn", slapd, bind_dn="cn=nobody,dc=lab")
    fails(34, "ldap_bind_dn is no DN", slapd, bind_dn="nobody")


@pytest.mark.parametrize("content, mode, words", [
    ("x\n", 0o604, "others can read"), ("x\n", 0o602, "others can read or write"),
    ("", 0o600, "empty"), ("\n", 0o600, "empty"), ("a\nb\n", 0o600, "more than one line"),
    ("x" * 2000, 0o600, "longer than"), (None, None, "No such file")])
def test_password_file(slapd, tmp_path, content, mode, words):
    file = tmp_path / "password"
    if content is not None:
        secret(tmp_path, content, mode)
    said = fails(-2, words, slapd, password_file=file)
    assert str(file) in said


def test_password_file_must_be_a_file(slapd, tmp_path):
    os.mkfifo(tmp_path / "fifo", 0o600)
    fails(-2, "not a regular file", slapd, password_file=tmp_path / "fifo")
    fails(-2, "ldap_bind_dn needs an ldap_password_file", slapd, password_file="")


def test_password_file_of_a_group(slapd, tmp_path):
    assert works(slapd, password_file=secret(tmp_path, "guard-secret\r\n", 0o640)) == ""


def test_wrong_base(slapd):
    said = fails(32, "no such ldap_base", slapd, base="ou=other,dc=lab")
    assert "ou=other,dc=lab" in said
    fails(32, "no such ldap_base", slapd, base="ou=other,dc=lab", sync="poll")
    fails(34, "ldap_base is no DN", slapd, base="relay")


def test_bad_filter(slapd):
    fails(-7, "ldap_filter is no search filter", slapd, filter="(objectClass=*")


def test_filter_that_fits_nothing(slapd):
    said = works(slapd, n=0, filter="(objectClass=device)")
    assert "found nothing" in said and "(objectClass=device)" in said


def test_filter_without_parentheses(slapd):
    assert works(slapd, filter="objectClass=rgEntry") == ""


def test_acl_hides_the_entries():
    with Slapd(ldif=domains(5), access=[
            f'access to dn.children="{BASE}" by * none', "access to * by * read"]) as server:
        said = works(server, n=0)
        assert "found nothing" in said and "ACL" in said and GUARD in said


def test_acl_hides_the_base():
    with Slapd(ldif=domains(5), access=[
            f'access to dn.subtree="{BASE}" by * none', "access to * by * read"]) as server:
        fails(32, "or the server's ACL hides it", server)


def test_anonymous(slapd):
    assert works(slapd, anonymous=True) == ""


def test_anonymous_is_not_let_in():
    with Slapd(extra=["disallow bind_anon"]) as server:
        fails(48, "does not take this way to log in", server, anonymous=True)


def test_external(slapd, certificates):
    """EXTERNAL over the local socket: we are who runs us."""
    assert works(slapd.local_uri, anonymous=True) == ""
    assert works(slapd.tls_uri, anonymous=True, ca_file=certificates.ca,
                 cert_file=certificates.certificate, key_file=certificates.key) == ""


def test_referral():
    with Slapd(ldif="dn: ou=far,dc=lab\nobjectClass: referral\nobjectClass: extensibleObject\n"
               "ou: far\nref: ldap://elsewhere.example/ou=far,dc=lab\n\n") as server:
        said = fails(10, "at another server", server, base="ou=far,dc=lab")
        assert "ldap://elsewhere.example" in said
        # a part of the tree that is elsewhere is left out
        assert works(server, n=0, base="dc=lab").startswith(server.uri)


# ------------------------------------------------------------------- limits

@pytest.mark.parametrize("sync", ["rfc4533", "poll"])
def test_size_limit(sync):
    """It gives a part of the entries; they are not what there is."""
    with Slapd(ldif=domains(50), size_limit=10) as server:
        said = fails(4, "size limit", server, sync=sync)
        assert GUARD not in said or "size=unlimited" in said
        with Tell(server, sync=sync) as tell:
            tell.wait("log", "size limit")
            tell.wait("abandoned")
            time.sleep(0.3)
            assert not tell.events("refreshed") and not tell.events("flush")
            # and what was told before stays told
            assert "live" not in tell.log() and "state poll" not in tell.log()


def test_no_content_sync():
    with Slapd(syncprov=False, ldif=domains(5)) as server:
        fails(12, "overlay syncprov is missing", server, sync="rfc4533")
        assert "no content sync" in works(server)
        assert works(server, sync="poll") == ""


# ---------------------------------------------------------------------- TLS

def test_tls(slapd, certificates):
    assert works(slapd.tls_uri, ca_file=certificates.ca) == ""
    assert works(slapd.uri, starttls=1, ca_file=certificates.ca) == ""


@contextmanager
def server_with(names, days, base):
    """A server with a certificate like that, and StartTLS and ldaps URIs."""
    folder = base / "own"
    own = Certificates(folder)
    own.sign(names, days)
    with Slapd(tls=own, ldif=domains(5)) as server:
        yield own, [(server.tls_uri, {}), (server.uri, {"starttls": 1})]


def test_certificate_of_an_unknown_authority(slapd, tmp_path):
    other = Certificates(tmp_path / "other")
    for uri, more in ((slapd.tls_uri, {}), (slapd.uri, {"starttls": 1})):
        code, said, _ = once(uri, ca_file=other.ca, **more)
        assert code in (-1, -11) and "not trusted" in said and str(other.ca) in said, said
        # the system's own list has not got it either
        code, said, _ = once(uri, **more)
        assert code in (-1, -11) and "not trusted" in said, said


def test_certificate_for_another_name(tmp_path):
    with server_with("DNS:other.example", 30, tmp_path) as (own, uris):
        for uri, more in uris:
            code, said, _ = once(uri, ca_file=own.ca, **more)
            assert code in (-1, -11) and "another name: other.example, not 127.0.0.1" in said, said


def test_certificate_for_localhost(tmp_path):
    """libldap does not look for that name, whatever the URI says."""
    try:
        socket.getaddrinfo("localhost", 1)
    except OSError:
        pytest.skip("this machine does not know localhost")
    with server_with("DNS:localhost", 30, tmp_path) as (own, [(uri, _), _]):
        code, said, _ = once(uri.replace("127.0.0.1", "localhost"), ca_file=own.ca)
        assert code == -1 and "this machine's own name" in said, said


def test_certificate_that_has_expired(tmp_path):
    with server_with("IP:127.0.0.1", -1, tmp_path) as (own, uris):
        for uri, more in uris:
            code, said, _ = once(uri, ca_file=own.ca, **more)
            assert code in (-1, -11) and "expired, at 20210101000000Z" in said, said


def test_no_password_is_sent_before_the_certificate_is_known(tmp_path):
    """With the wrong name or authority, nobody gets to see a bind."""
    with server_with("DNS:other.example", 30, tmp_path) as (own, uris):
        with Slapd(tls=own, extra=["loglevel stats"]) as server:
            for more in ({}, {"starttls": 1}):
                once(server.tls_uri if not more else server.uri,
                     ca_file=own.ca, **more)
            assert "BIND" not in server.text("output")


def test_starttls_refused():
    with Slapd(ldif=domains(5)) as server:
        code, said, _ = once(server, starttls=1)
        assert code > 0 and "StartTLS refused" in said, said


def test_server_wants_tls(certificates):
    with Slapd(tls=certificates, extra=["security simple_bind=128"]) as server:
        fails(13, "wants TLS first", server)


def test_no_tls_there(slapd, certificates):
    code, said, _ = once(slapd.uri.replace("ldap:", "ldaps:"), ca_file=certificates.ca)
    assert code < 0 and "certificate" not in said.split("(code")[0], said


@pytest.mark.parametrize("option", ["ca_file", "cert_file", "key_file"])
def test_files_for_tls(slapd, certificates, tmp_path, option):
    good = {"ca_file": certificates.ca, "cert_file": certificates.certificate,
            "key_file": certificates.key}
    said = fails(-2, "No such file", slapd.tls_uri, **{**good, option: tmp_path / "none.pem"})
    assert f"ldap_{option}" in said
    (tmp_path / "junk.pem").write_text("no PEM\n")
    code, said, _ = once(slapd.tls_uri, **{**good, option: tmp_path / "junk.pem"})
    assert code < 0 and ("no PEM in them" in said or "not trusted: no authority in "
                         f"{tmp_path}/junk.pem" in said), said


# ------------------------------------------------------------- nobody, nonsense

def test_nobody_there():
    said = fails(-1, "no LDAP server answers there", f"ldap://127.0.0.1:{lab.free_port()}")
    assert "Connection refused" in said
    fails(-1, "no LDAP server answers there", "ldap://no.such.host.invalid")
    fails(-1, "no LDAP server answers there", "ldapi://%2Fno%2Fsuch%2Fsocket")
    fails(-9, "no such URI", "http://127.0.0.1/")


def test_next_server_is_tried(slapd):
    assert works(f"ldap://127.0.0.1:{lab.free_port()}", slapd.uri) == ""


def test_server_that_does_not_accept():
    """A listener whose queue is full: the time limit holds."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        where = listener.getsockname()
        full = [socket.socket() for _ in range(3)]
        for s in full:
            s.setblocking(False)
            s.connect_ex(where)
        begin = time.monotonic()
        code, said, _ = once(f"ldap://127.0.0.1:{where[1]}", timeout=1)
        assert code < 0 and time.monotonic() - begin < 4, said
        for s in full:
            s.close()


@pytest.mark.parametrize("scheme, more", [("ldap", {}), ("ldaps", {}), ("ldap", {"starttls": 1})])
def test_server_that_says_nothing(scheme, more, certificates):
    with ldap_fake.FakeServer(ldap_fake.silence, answers_bind=False) as fake:
        begin = time.monotonic()
        code, said, _ = once(fake.uri.replace("ldap:", scheme + ":"), timeout=1,
                             ca_file=certificates.ca, **more)
        assert code < 0 and time.monotonic() - begin < 6, said
        assert "does not answer" in said, said


@pytest.mark.parametrize("way", [
    ldap_fake.garbage, ldap_fake.bad_control, ldap_fake.bad_info, ldap_fake.huge,
    ldap_fake.reset, ldap_fake.hang_up])
def test_answer_goes_wrong(way):
    with ldap_fake.FakeServer(way) as fake:
        code, said, events = once(fake.uri)
        kinds = [e.what for e in events]
        assert code != 0 and fake.uri in said
        assert kinds[0] == "begin" and kinds[-1] == "abandoned" and "refreshed" not in kinds
    # the follower goes on to a server that works
    with ldap_fake.FakeServer(way) as fake, Slapd(ldif=domains(5)) as server, \
            Tell(fake.uri, server) as tell:
        tell.wait("state", f"live {server.uri}")
        assert [e.rest for e in tell.events("refreshed")] == ["mentioned 5"]
        kinds = [e.what for e in tell.events() if e.what in ("begin", "abandoned", "refreshed")]
        assert kinds == ["begin", "abandoned", "begin", "refreshed"]


def test_answer_drips():
    with ldap_fake.FakeServer(ldap_fake.drip) as fake, Tell(fake.uri, watch=60) as tell:
        tell.wait("state", "live")
        assert [e.rest for e in tell.events("refreshed")] == ["mentioned 1"]
        tell.wait("entry", "d2.example")
        assert tell.stop() < 1


def test_answer_drips_for_ever():
    """The watchdog gets no answer, so the connection is given up."""
    with ldap_fake.FakeServer(ldap_fake.drip_for_ever) as fake, \
            Slapd(ldif=domains(5)) as server, \
            Tell(fake.uri, server, watch=1, timeout=1) as tell:
        tell.wait("state", f"live {server.uri}", seconds=15)
        assert "does not answer" in tell.log()


def test_password_in_the_clear_is_told():
    """A host that is not this machine, without TLS; it need not answer."""
    with Tell("ldap://192.0.2.1", timeout=1) as tell:
        tell.wait("log", "the password goes over the network as it is")
    for options in ({"starttls": 1}, {"anonymous": True}):
        with Tell("ldap://192.0.2.1", timeout=1, **options) as tell:
            tell.wait("log", "no LDAP server answers there")
            assert "as it is" not in tell.log()


def test_trouble_is_said_once(tmp_path):
    with Slapd(ldif=domains(5)) as server, \
            Tell(server, password_file=secret(tmp_path, "wrong\n")) as tell:
        tell.wait("log", "wrong password")
        time.sleep(4)  # it has tried again meanwhile
        assert tell.log().count("wrong password") == 1


def test_environment_and_rc_files_are_ignored(slapd, tmp_path, monkeypatch):
    (tmp_path / "rc").write_text("TIMEOUT 1\nSIZELIMIT 1\nBASE dc=elsewhere\nDEREF always\n")
    monkeypatch.setenv("LDAPRC", str(tmp_path / "rc"))
    monkeypatch.setenv("LDAPCONF", str(tmp_path / "rc"))
    monkeypatch.setenv("LDAPSIZELIMIT", "1")
    monkeypatch.setenv("LDAPTLS_REQCERT", "never")
    assert works(slapd, sync="poll") == ""
    code, said, _ = once(slapd.tls_uri)
    assert code in (-1, -11) and "not trusted" in said
