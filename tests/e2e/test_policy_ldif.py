# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard policy` with exports of a directory: what import makes of them,
and of sendmail's files for a directory; that diff compares both worlds."""
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import slapd
from test_ldap_schema import add, client
from test_policy_command import (ALL, CONFIG, DIFFERENT, NAMES, SAME, SOME, USAGE, Files,
                                 entries, generated, policy)

OURS = """\
version: 1

dn: ou=relay,dc=x
objectClass: organizationalUnit
ou: relay

dn: rgDomain=a.test,ou=relay,dc=x
objectClass: rgRelayDomain
rgDomain: a.test
rgDomain: .a.test
description: second site
owner: cn=Alice,dc=x
rgExpires: 20320101000000Z

dn: rgNetwork=10.0.0.0/8,ou=relay,dc=x
objectClass: rgClientNetwork
rgNetwork: 10.0.0.0/8

dn: rgNetwork=10.1.0.0/16,ou=relay,dc=x
objectClass: rgClientNetwork
rgNetwork: 10.1.0.0/16
rgAction: REJECT

dn: cn=M\xc3\xbcller\\, again,ou=relay,dc=x
objectClass: rgRelayDomain
rgDomain: a.test
"""
SENDMAIL = """\
dn: sendmailMTAClassName=R,dc=x
objectClass: sendmailMTAClass
sendmailMTACluster: farm
sendmailMTAClassName: R
sendmailMTAClassValue: a.test
sendmailMTAClassValue: 10.56

dn: sendmailMTAKey=1,dc=x
objectClass: sendmailMTAMapObject
sendmailMTAHost: mx.test
sendmailMTAMapName: access
sendmailMTAKey: Connect:192.0.2.1
sendmailMTAMapValue: RELAY

dn: sendmailMTAKey=2,dc=x
objectClass: sendmailMTAMapObject
sendmailMTACluster: farm
sendmailMTAMapName: access
sendmailMTAKey: To:b.test
sendmailMTAMapValue: RELAY

dn: sendmailMTAKey=3,dc=x
objectClass: sendmailMTAMapObject
sendmailMTAHost: mx.test
sendmailMTAMapName: access
sendmailMTAKey: to:B.test
sendmailMTAMapValue: RELAY

dn: sendmailMTAKey=4,dc=x
objectClass: sendmailMTAMapObject
sendmailMTAHost: mx.test
sendmailMTAMapName: access
sendmailMTAKey: From:spam.test
sendmailMTAMapValue: REJECT

dn: sendmailMTAKey=5,dc=x
objectClass: sendmailMTAMapObject
sendmailMTAHost: other.test
sendmailMTAMapName: access
sendmailMTAKey: To:c.test
sendmailMTAMapValue: RELAY
"""
WHO = ["--ldap-cluster", "farm", "--ldap-host", "mx.test"]


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


def imported(files, text, *arguments, status=ALL):
    done = policy("import", "--ldif", files.write("tree.ldif", text), *arguments)
    assert done.returncode == status, done.stderr
    return files.write("new", done.stdout), done.stderr


# ------------------------------------------------------------------ from LDIF

def test_import_of_our_schema(files):
    new, said = imported(files, OURS)
    assert said == ""
    assert entries(new) == [
        # of several that grant, the one that lasts longest
        "relay a.test  # rgDomain=a.test,ou=relay,dc=x, "
        "cn=M\\xc3\\x83\\xc2\\xbcller\\x5c, again,ou=relay,dc=x",
        'relay .a.test until=2031-12-31 note="second site, owner cn=Alice,dc=x"'
        "  # rgDomain=a.test,ou=relay,dc=x",
        "client 10.0.0.0/8  # rgNetwork=10.0.0.0/8,ou=relay,dc=x",
        "deny client 10.1.0.0/16  # rgNetwork=10.1.0.0/16,ou=relay,dc=x"]
    assert policy("diff", new, new).returncode == SAME


def test_import_says_what_is_left_out(files):
    new, said = imported(files, """\
dn: cn=off
rgDomain: a.test
rgEnabled: FALSE

dn: cn=away
rgDomain: b.test
rgServer: other

dn: cn=log
rgDomain: c.test
rgAction: LOG

dn: cn=nothing
cn: nothing
""", status=SOME)
    assert entries(new) == []
    assert said == """\
relayguard: cn=away: note: not used: for another server (rgServer)
relayguard: cn=log: note: rgAction LOG: neither grants nor denies
relayguard: cn=off: note: not used: switched off (rgEnabled FALSE)
"""
    assert "# cn=log: rgAction LOG: neither grants nor denies\n" in new.read_text()


@pytest.mark.parametrize("text, said", [
    ("dn: cn=a\nrgDomain: com\n", "cn=a: rgDomain: relay com: a whole top-level domain"),
    ("dn: cn=a\nrgDomain: a.test\nrgExpires: soon\n", "cn=a: rgExpires soon: not a time"),
    ("dn: cn=a\n\nrgDomain\n", "tree.ldif:3: not like"),
    ("dn: cn=a\nrgDomain:< file:///etc/passwd\n", "tree.ldif:2: a value from elsewhere"),
    ("dn: cn=a\nchangetype: delete\n", "tree.ldif:2: changetype: a file of changes"),
])
def test_import_with_mistakes(files, text, said):
    done = policy("import", "--ldif", files.write("tree.ldif", text))
    assert (done.returncode, done.stdout) == (CONFIG, "")
    assert said in done.stderr


def test_import_of_sendmails_schema(files):
    new, said = imported(files, SENDMAIL, "--ldap-map", "sendmail", *WHO, status=SOME)
    assert [line.split("  # ")[0] for line in entries(new)] == [
        "relay a.test", "relay .a.test", "client 10.56.0.0/16", "client 192.0.2.1"]
    assert said == """\
relayguard: sendmailMTAKey=2,dc=x: note: To:b.test: another entry has this key too, so sendmail finds none
relayguard: sendmailMTAKey=3,dc=x: note: to:B.test: another entry has this key too, so sendmail finds none
relayguard: sendmailMTAKey=4,dc=x: note: neither grants relaying nor takes it back
relayguard: sendmailMTAKey=5,dc=x: note: not used: another cluster or host, class or map, or no value
"""


@pytest.mark.parametrize("arguments, relayed", [
    (["--ldap-map", "associatedDomain"], "a.test"),
    (["--ldap-map", "mailLocalAddress"], "b.test"),
    (["--ldap-map", "custom", "--ldap-domain-attribute", "vd"], "c.test"),
    (["--ldap-map", "custom", "--ldap-client-attribute", "net"], "192.0.2.0/24"),
])
def test_import_of_other_trees(files, arguments, relayed):
    new, _ = imported(files, "dn: cn=a\nassociatedDomain: a.test\nmailLocalAddress: u@b.test\n"
                      "vd: c.test\nnet: 192.0.2.0/24\n", *arguments)
    assert [line.split()[1] for line in entries(new)] == [relayed]


def test_a_denial_beats_what_lasts_longer(files):
    """One file cannot deny first and grant then: it denies, and that is said."""
    new, said = imported(files, """\
dn: cn=a
rgDomain: a.test
rgAction: REJECT
rgExpires: 20310101000000Z

dn: cn=b
rgDomain: a.test
""", status=SOME)
    assert entries(new) == ["deny relay a.test until=2030-12-31  # cn=a"]
    assert said == "relayguard: cn=b: note: relay a.test: not in force, denied at cn=a\n"


# -------------------------------------------------------------------- to LDIF

def test_files_as_entries_of_a_directory(files):
    done = policy("import", "--to-ldif", "ou=relay,dc=x",
                  "--local-host-names", files.write("w", "us.test\n"),
                  "--relay-domains", files.write("R", "b.test\nb\xfccher.test\n"),
                  "--access", files.write("access", "Connect:10 RELAY\nConnect:10.1 REJECT\n"))
    assert done.returncode == SOME
    f = files.folder
    assert done.stderr == (f"relayguard: {f}/w:1: note: local us.test: the directory has "
                           "domains and clients only\n")
    assert done.stdout == f"""\
# LDIF in the schema of relayguard, made by relayguard policy import from
#   {f}/w
#   {f}/R
#   {f}/access

# {f}/R:1
dn: rgDomain=b.test,ou=relay,dc=x
objectClass: rgRelayDomain
rgDomain: b.test

# {f}/R:1
dn: rgDomain=.b.test,ou=relay,dc=x
objectClass: rgRelayDomain
rgDomain: .b.test

# {f}/R:2
dn: rgDomain=xn--bcher-kva.test,ou=relay,dc=x
objectClass: rgRelayDomain
rgDomain: xn--bcher-kva.test

# {f}/R:2
dn: rgDomain=.xn--bcher-kva.test,ou=relay,dc=x
objectClass: rgRelayDomain
rgDomain: .xn--bcher-kva.test

# {f}/access:1
dn: rgNetwork=10.0.0.0/8,ou=relay,dc=x
objectClass: rgClientNetwork
rgNetwork: 10.0.0.0/8

# {f}/access:2
dn: rgNetwork=10.1.0.0/16,ou=relay,dc=x
objectClass: rgClientNetwork
rgNetwork: 10.1.0.0/16
rgAction: REJECT


# Not carried over:
# {f}/w:1: local us.test: the directory has domains and clients only
"""


FORWARDERS = """\
dn: cn=a
rgNetwork: 192.0.2.0/24
rgAction: FORWARDER
description: the college

dn: cn=b
rgNetwork: 192.0.2.0/24
rgNetwork: 2001:db8::1
"""


def test_forwarders_there_and_back(files):
    """The same network as one of clients and one that forwards are two entries."""
    new, _ = imported(files, FORWARDERS)
    assert entries(new) == ["client 192.0.2.0/24  # cn=b", "client 2001:db8::1  # cn=b",
                            'forwarder 192.0.2.0/24 note="the college"  # cn=a']
    done = policy("import", "--to-ldif", slapd.BASE, "--ldif", files.write("old.ldif", FORWARDERS))
    assert (done.returncode, done.stderr) == (ALL, "")
    assert f"dn: rgAction=FORWARDER+rgNetwork=192.0.2.0/24,{slapd.BASE}\n" in done.stdout
    assert f"dn: rgNetwork=192.0.2.0/24,{slapd.BASE}\n" in done.stdout
    again = files.write("again.ldif", done.stdout)
    done = policy("diff", files.write("new", "\n".join(entries(new)) + "\n"), again)
    assert (done.returncode, done.stdout) == (SAME, "")
    plain = files.write("plain", "client 192.0.2.0/24\nclient 2001:db8::1\n"
                        "deny forwarder 192.0.2.0/24\n")
    done = policy("diff", plain, again)
    assert done.returncode == DIFFERENT
    assert "forwarder 192.0.2.0/24" in done.stdout and "client" not in done.stdout
    if slapd.available() is None:
        with slapd.Slapd() as tree:
            added = add(tree, open(again, encoding="utf-8").read())
            assert added.returncode == 0, added.stderr


def test_both_spellings_make_one_entry(files):
    path = files.write("R", "b\xfccher.test\nxn--bcher-kva.test\n")
    done = policy("import", "--to-ldif", "dc=x", "--relay-domains", path)
    assert (done.returncode, done.stderr) == (ALL, "")
    assert done.stdout.count("dn: rgDomain=xn--bcher-kva.test,dc=x\n") == 1


def written(texts, files):
    """The arguments that import these texts."""
    return [word for option, text in texts.items() if option != "local_host_names"
            for word in (NAMES[option], files.write(option, text))]


def test_the_directory_says_the_same(files):
    """As a policy file and as LDIF, generated files make the same policy."""
    dice = random.Random(2)
    for _ in range(60):
        arguments = written(generated(dice), files)
        plain = files.write("new", policy("import", *arguments).stdout)
        done = policy("import", "--to-ldif", "dc=x", *arguments)
        assert done.returncode in (ALL, SOME)
        done = policy("diff", plain, files.write("new.ldif", done.stdout))
        assert (done.returncode, done.stdout, done.stderr) == (SAME, "", "")


@pytest.mark.skipif(slapd.available() is not None, reason=str(slapd.available()))
def test_through_a_real_directory(files):
    """ldapadd takes what import writes; what ldapsearch gives back says the
    same, folded lines and all."""
    arguments = written({"relay_domains": "b.test 10.2 " + "very-long-label." * 8 + "test\n",
                         "access_file": "To:x.b.test REJECT\nConnect:10 RELAY\n"}, files)
    plain = files.write("new", policy("import", *arguments).stdout)
    done = policy("import", "--to-ldif", slapd.BASE, *arguments)
    with slapd.Slapd() as tree:
        added = add(tree, done.stdout)
        assert added.returncode == 0, added.stderr
        found = client("ldapsearch", tree.uri, slapd.GUARD, slapd.GUARD_PASSWORD, "-LLL",
                       "-b", slapd.BASE).stdout
    assert "\n " in found
    done = policy("diff", plain, files.write("found.ldif", found))
    assert (done.returncode, done.stdout) == (SAME, "")


# ----------------------------------------------------------------------- diff

def test_diff_of_sendmails_data_and_ours(files):
    theirs = files.write("theirs.ldif", SENDMAIL)
    ours = files.write("ours.ldif", "dn: cn=a\nrgDomain: a.test\nrgDomain: .a.test\n"
                       "rgNetwork: 10.56.0.0/16\n\ndn: cn=b\nrgDomain: b.test\n")
    done = policy("diff", *WHO, f"sendmail:{theirs}", ours)
    assert done.returncode == DIFFERENT
    assert done.stdout == ("+ relay b.test  # cn=b\n"
                           "- client 192.0.2.1  # sendmailMTAKey=1,dc=x\n")
    done = policy("diff", *WHO, "--ldap-map", "sendmail", theirs, theirs)
    assert (done.returncode, done.stdout) == (SAME, "")
    done = policy("diff", "--ldap-host", "other.test", f"sendmail:{theirs}", ours)
    assert "- relay c.test" in done.stdout and "+ relay a.test" in done.stdout


def test_diff_with_the_policy_in_force(files):
    conf = files.conf(policy_files="relay a.test\nrelay .a.test\nclient 10.0.0.0/8\n"
                      "deny client 10.1.0.0/16\n")
    done = policy("diff", "-c", conf, "--with", files.write("ours.ldif", OURS))
    assert done.returncode == DIFFERENT
    assert done.stdout.splitlines()[0].startswith("~ relay .a.test  until never -> 2031-12-31")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("arguments", [
    ["import", "--ldif", "x", "--ldap-map", "nonsense"],
    ["import", "--ldif", "x", "--ldap-map", "sendmail"],
    ["import", "--ldif", "x", "--ldap-map", "custom"],
    ["import", "--ldif", "x", "--ldap-domain-attribute", "vd"],
    ["import", "--to-ldif", "dc=x"], ["import", "--relay-domains", "x", "--to-ldif", "x"],
    ["import", "--relay-domains", "x", "--to-ldif", "dc=x\nrgDomain: com"],
    ["show", "--ldap-map", "sendmail"],
])
def test_usage(arguments):
    done = policy(*arguments)
    assert (done.returncode, done.stdout) == (USAGE, ""), done.stderr


def test_a_directory_in_the_way(files):
    done = policy("import", "--ldif", files.folder)
    assert (done.returncode, done.stdout) == (CONFIG, "")
    assert f"{files.folder}: cannot be read" in done.stderr
