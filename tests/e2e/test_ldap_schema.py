# SPDX-License-Identifier: BSD-2-Clause
"""The schema we ship: slapd takes both of its forms, they say the same, and it
lets in what the guard reads, not what it would refuse."""
import os
import re
import subprocess
from pathlib import Path

import pytest

import lab

ZOO = lab.BUILD / "zoo"
SCHEMA = lab.TOP / "conf/relayguard.schema"
LDIF = lab.TOP / "conf/relayguard.ldif"
SLAPD = ZOO / "usr/sbin/slapd"
CORE = ZOO / "etc/ldap/schema/core"
ENV = {**os.environ, "LD_LIBRARY_PATH": ":".join(
    map(str, (ZOO / "usr/lib").glob("*-linux-gnu*")))}
pytestmark = pytest.mark.skipif(not SLAPD.exists(),
                                reason="no slapd here (tests/get-servers)")
CONF = """\
include {core}.schema
include {schema}
modulepath {zoo}/usr/lib/ldap
moduleload back_mdb
database mdb
suffix dc=x
rootdn cn=root,dc=x
rootpw secret
directory {folder}/db
index objectClass,rgDomain,rgNetwork eq
"""
BASE = "dn: dc=x\nobjectClass: dcObject\nobjectClass: organization\no: x\ndc: x\n"


def tool(*arguments, **more):
    return subprocess.run(arguments, env=ENV, text=True, errors="replace",
                          capture_output=True, check=False, **more)


class Slapd(lab.Process):
    """A private slapd; config() makes its configuration and returns options
    and the manager's DN, whose password is secret."""

    def __init__(self, config):
        super().__init__("slapd")
        self.options, self.manager = config(self.folder)

    def start(self):
        port = lab.free_port()
        self.url = f"ldap://127.0.0.1:{port}"
        self.launch([SLAPD, *self.options, "-h", self.url, "-d", "0"], ENV)
        lab.wait_for(lambda: lab.listening(port) or not self.alive(), "slapd", 20)

    def tool(self, name, *arguments, **more):
        return tool(ZOO / "usr/bin" / name, "-x", "-H", self.url, "-D", self.manager,
                    "-w", "secret", *arguments, **more)


# ------------------------------------------------------------ what it lets in

GOOD = """\
dn: rgDomain=a.example,dc=x
objectClass: rgRelayDomain
rgDomain: a.example
rgDomain: .a.example
owner: cn=Alice,dc=x
description: ours
rgAction: REJECT
rgEnabled: FALSE
rgServer: farm
rgServer: mx.example.org
rgExpires: 20311231235959Z
cn: x

dn: rgNetwork=2001:db8::/32,dc=x
objectClass: rgClientNetwork
rgNetwork: 2001:db8::/32
rgNetwork: 10.0.0.0/8

dn: rgNetwork=192.0.2.1,dc=x
objectClass: rgRoamingClient
rgNetwork: 192.0.2.1
rgExpires: 20311231235959Z
uid: alice
mail: alice@a.example

dn: o=aux,dc=x
objectClass: organization
objectClass: rgPolicyAux
o: aux
rgDomain: b.example
owner: cn=Bob,dc=x
"""


def conf_form(folder):
    (folder / "db").mkdir()
    (folder / "slapd.conf").write_text(CONF.format(
        core=CORE, schema=SCHEMA, zoo=ZOO, folder=folder))
    return ["-f", folder / "slapd.conf"], "cn=root,dc=x"


@pytest.fixture(scope="module")
def slapd():
    with Slapd(conf_form) as running:
        done = running.tool("ldapadd", input=BASE)
        assert done.returncode == 0, done.stderr
        yield running


def test_good_entries(slapd):
    done = slapd.tool("ldapadd", input=GOOD)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("entry, why", [
    ("rgDomain=a,dc=x\nobjectClass: rgEntry\nrgDomain: a", "no structural object class"),
    ("cn=a,dc=x\nobjectClass: rgRelayDomain\ncn: a", "requires attribute 'rgDomain'"),
    ("rgNetwork=a,dc=x\nobjectClass: rgRoamingClient\nrgNetwork: a",
     "requires attribute 'rgExpires'"),
    ("rgDomain=a,dc=x\nobjectClass: rgRelayDomain\nrgDomain: a\nrgExpires: 2031-12-31",
     "rgExpires"),
    ("rgDomain=a,dc=x\nobjectClass: rgRelayDomain\nrgDomain: a\nrgEnabled: no", "rgEnabled"),
    ("rgDomain=a,dc=x\nobjectClass: rgRelayDomain\nrgDomain: a\nrgAction: RELAY\n"
     "rgAction: REJECT", "rgAction"),
    ("rgDomain=a,dc=x\nobjectClass: rgRelayDomain\nrgDomain: a\nrgDomain: A",
     "rgDomain"),
])
def test_bad_entries(slapd, entry, why):
    done = slapd.tool("ldapadd", input=f"dn: {entry}\n")
    assert done.returncode != 0 and why in done.stderr, done.stderr


# ----------------------------------------------------------------- two forms

def config_form(folder):
    """A slapd that is configured in itself, with core.ldif alone."""
    (folder / "cf").mkdir()
    core = Path(f"{CORE}.ldif").read_text().replace("dn: cn=core", "dn: cn={0}core")
    start = ("dn: cn=config\nobjectClass: olcGlobal\ncn: config\n\n"
             "dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n\n"
             f"{core}\n"
             "dn: olcDatabase={0}config,cn=config\nobjectClass: olcDatabaseConfig\n"
             "olcDatabase: {0}config\nolcRootPW: secret\n")
    done = tool(SLAPD, "-T", "add", "-F", folder / "cf", "-n", "0", "-l", "/dev/stdin",
                input=start)
    assert done.returncode == 0, done.stderr
    return ["-F", folder / "cf"], "cn=config"


def test_config_form():
    """ldapadd takes it while slapd runs, and a second time slapd has it."""
    with Slapd(config_form) as running:
        done = running.tool("ldapadd", "-f", LDIF)
        assert done.returncode == 0, done.stderr
        found = running.tool("ldapsearch", "-LLL", "-o", "ldif-wrap=no",
                           "-b", "cn=schema,cn=config", "(cn=*relayguard)",
                           "olcAttributeTypes", "olcObjectClasses").stdout
        assert len(re.findall("NAME 'rg", found)) == 11
        assert running.tool("ldapadd", "-f", LDIF).returncode == 80


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
