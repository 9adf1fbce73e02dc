# SPDX-License-Identifier: BSD-2-Clause
"""The schema we ship: slapd takes both of its forms, they say the same, and it
lets in what the guard reads, not what it would refuse."""
import re
import subprocess

import pytest

import lab
import slapd

SCHEMA = lab.TOP / "conf/relayguard.schema"
LDIF = lab.TOP / "conf/relayguard.ldif"
CORE = slapd.ZOO / "etc/ldap/schema/core.ldif"
pytestmark = pytest.mark.skipif(slapd.available() is not None, reason=str(slapd.available()))


def tool(*arguments, **more):
    return subprocess.run(arguments, env=slapd.environment(), text=True, errors="replace",
                          capture_output=True, check=False, **more)


def client(name, uri, dn, password, *arguments, **more):
    """ldapadd, ldapsearch"""
    return tool(slapd.ZOO / "usr/bin" / name, "-x", "-H", uri, "-D", dn, "-w", password,
                *arguments, **more)


# ------------------------------------------------------------ what it lets in

GOOD = """\
dn: rgDomain=a.example,ou=relay,dc=lab
objectClass: rgRelayDomain
rgDomain: a.example
rgDomain: .a.example
owner: cn=Alice,ou=relay,dc=lab
description: ours
rgAction: REJECT
rgEnabled: FALSE
rgServer: farm
rgServer: mx.example.org
rgExpires: 20311231235959Z
cn: x

dn: rgNetwork=2001:db8::/32,ou=relay,dc=lab
objectClass: rgClientNetwork
rgNetwork: 2001:db8::/32
rgNetwork: 10.0.0.0/8

dn: rgNetwork=192.0.2.1,ou=relay,dc=lab
objectClass: rgRoamingClient
rgNetwork: 192.0.2.1
rgExpires: 20311231235959Z
uid: alice
mail: alice@a.example

dn: o=aux,ou=relay,dc=lab
objectClass: organization
objectClass: rgPolicyAux
o: aux
rgDomain: b.example
owner: cn=Bob,ou=relay,dc=lab
"""


@pytest.fixture(scope="module")
def tree():
    with slapd.Slapd() as running:
        yield running


def add(tree, text):
    return client("ldapadd", tree.uri, slapd.ROOT, slapd.ROOT_PASSWORD, input=text)


def test_good_entries(tree):
    done = add(tree, GOOD)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("entry, why", [
    ("rgDomain=a,ou=relay,dc=lab\nobjectClass: rgEntry\nrgDomain: a", "no structural object class"),
    ("cn=a,ou=relay,dc=lab\nobjectClass: rgRelayDomain\ncn: a", "requires attribute 'rgDomain'"),
    ("rgNetwork=a,ou=relay,dc=lab\nobjectClass: rgRoamingClient\nrgNetwork: a",
     "requires attribute 'rgExpires'"),
    ("rgDomain=a,ou=relay,dc=lab\nobjectClass: rgRelayDomain\nrgDomain: a\nrgExpires: 2031-12-31",
     "rgExpires"),
    ("rgDomain=a,ou=relay,dc=lab\nobjectClass: rgRelayDomain\nrgDomain: a\nrgEnabled: no", "rgEnabled"),
    ("rgDomain=a,ou=relay,dc=lab\nobjectClass: rgRelayDomain\nrgDomain: a\nrgAction: RELAY\n"
     "rgAction: REJECT", "rgAction"),
    ("rgDomain=a,ou=relay,dc=lab\nobjectClass: rgRelayDomain\nrgDomain: a\nrgDomain: A",
     "rgDomain"),
])
def test_bad_entries(tree, entry, why):
    done = add(tree, f"dn: {entry}\n")
    assert done.returncode != 0 and why in done.stderr, done.stderr


# ----------------------------------------------------------------- two forms

class ConfigSlapd(lab.Process):
    """A slapd that is configured in itself, with core.ldif alone."""

    def start(self):
        (self.folder / "cf").mkdir()
        core = CORE.read_text().replace("dn: cn=core", "dn: cn={0}core")
        start = ("dn: cn=config\nobjectClass: olcGlobal\ncn: config\n\n"
                 "dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n"
                 f"{core}\n"
                 "dn: olcDatabase={0}config,cn=config\nobjectClass: olcDatabaseConfig\n"
                 "olcDatabase: {0}config\nolcRootPW: secret\n")
        done = tool(slapd.PROGRAM, "-T", "add", "-F", self.folder / "cf", "-n", "0",
                    "-l", "/dev/stdin", input=start)
        assert done.returncode == 0, done.stderr
        port = lab.free_port()
        self.uri = f"ldap://127.0.0.1:{port}"
        self.launch([slapd.PROGRAM, "-F", self.folder / "cf", "-h", self.uri, "-d", "0"],
                    slapd.environment())
        lab.wait_for(lambda: lab.listening(port) or not self.alive(), "slapd", 20)

    def client(self, name, *arguments):
        return client(name, self.uri, "cn=config", "secret", *arguments)


def test_config_form():
    """ldapadd takes it while slapd runs, and a second time slapd has it."""
    with ConfigSlapd("slapd") as running:
        done = running.client("ldapadd", "-f", LDIF)
        assert done.returncode == 0, done.stderr
        found = running.client("ldapsearch", "-LLL", "-o", "ldif-wrap=no",
                               "-b", "cn=schema,cn=config", "(cn=*relayguard)",
                               "olcAttributeTypes", "olcObjectClasses").stdout
        assert len(re.findall("NAME 'rg", found)) == 11
        assert running.client("ldapadd", "-f", LDIF).returncode == 80


def definitions(text, starts):
    """Each definition with its blanks as one, by the word it begins with."""
    text = re.sub(r"^#.*\n?", "", text, flags=re.M)
    parts = re.split(rf"^({starts})[ :]\s*(?:{{\d+}})?", text, flags=re.M)[1:]
    return [" ".join(part.split()) for part in parts[1::2]]


def test_both_forms_say_the_same():
    ldif = LDIF.read_text().replace("\n ", "")
    a = definitions(SCHEMA.read_text(), "objectIdentifier|attributetype|objectclass")
    b = definitions(ldif, "olcObjectIdentifier|olcAttributeTypes|olcObjectClasses")
    assert len(a) == 14 and a == b
