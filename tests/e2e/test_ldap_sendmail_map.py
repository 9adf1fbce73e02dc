# SPDX-License-Identifier: BSD-2-Clause
"""sendmail's own data in a directory: what the guard makes of an export relays
for the same domains and clients as a real sendmail that reads the tree itself,
with RELAY_DOMAIN_FILE(`@LDAP') and FEATURE(`access_db',`LDAP')."""
import base64
import subprocess

import pytest

import lab
import slapd
from test_policy_command import Files, policy
from watched import command

pytestmark = pytest.mark.skipif(slapd.available() is not None, reason=slapd.available() or "")

# sendmail.schema of the sendmail distribution, but for its matching of
# searches; as in its first version, a map's value may have several
ATTRIBUTES = ["Cluster", "Host", "Key", "MapName", "MapValue", "MapSearch", "MapURL", "ClassName",
              "ClassValue", "ClassSearch", "ClassURL"]
ARC = "1.3.6.1.4.1.6152.10.3"
SCHEMA = "".join(
    f"attributetype ( {ARC}.1.{i + 10} NAME 'sendmailMTA{name}' EQUALITY caseIgnoreMatch "
    "SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )\n" for i, name in enumerate(ATTRIBUTES)) + "".join(
    f"objectclass ( {ARC}.2.{i + 10} NAME 'sendmailMTA{name}' SUP top STRUCTURAL MAY ( cn $ "
    + " $ ".join("sendmailMTA" + a for a in ATTRIBUTES) + " ) )\n"
    for i, name in enumerate(["MapObject", "Class"]))

FARM, MX, OTHER = ("Cluster", "Farm"), ("Host", lab.HOSTNAME), ("Cluster", "farm2")


def member(who, value, name="R", **more):
    return "Class", [who, ("ClassName", name), ("ClassValue", value), *more.items()]


def access(who, key, *values, name="access", **more):
    return "MapObject", [who, ("MapName", name), ("Key", key),
                         *(("MapValue", value) for value in values), *more.items()]


# for each domain or client: what the tree says, and whether that relays
CASES = {
    # classes add up
    "r1.example": ([member(FARM, "r1.example")], True),
    "r2.example": ([member(MX, "r2.example")], True),
    "r3.example": ([member(FARM, "r3.example"), member(MX, "R3.example")], True),
    "x.r4.example": ([member(("Host", lab.HOSTNAME.upper()), "r4.example")], True),
    "r5.example": ([member(OTHER, "r5.example")], False),
    "r6.example": ([member(("Key", "x"), "r6.example")], False),
    "r7.example": ([member(("Cluster", "fArM"), "r7.example", name="r")], True),
    "r8.example": ([member(FARM, "x8.example r8.example")], True),
    "r9.example": ([member(FARM, "x9.example\nr9.example\vy9.example")], True),
    "r11.example": ([member(FARM, "r11.example#x")], False),
    "x12.example": ([member(FARM, "r12.example#x12.example")], False),
    "r13.example": ([member(FARM, "r13.example", name="M")], False),
    "127.0.21.1": ([member(FARM, "127.0.21")], True),
    "127.0.2.1": ([member(FARM, "127.0.22")], False),
    "w1.example": ([member(FARM, "w1.example", name="w")], True),
    # the access map: one match, or none at all
    "a1.example": ([access(FARM, "To:a1.example", "RELAY")], True),
    "a2.example": ([access(MX, "To:a2.example", "RELAY")], True),
    "x.a3.example": ([access(MX, "To:a3.example", "RELAY")], True),
    "a4.example": ([access(FARM, "To:a4.example", "RELAY"),
                    access(MX, "To:a4.example", "RELAY")], False),
    "a5.example": ([access(FARM, "To:a5.example", "RELAY"),
                    access(FARM, "TO:A5.EXAMPLE", "RELAY")], False),
    "x.a6.example": ([access(FARM, "To:a6.example", "RELAY"),
                      access(FARM, "To:x.a6.example", "REJECT")], False),
    "x.a7.example": ([access(FARM, "To:a7.example", "RELAY"),
                      access(FARM, "To:x.a7.example", "REJECT"),
                      access(MX, "To:x.a7.example", "REJECT")], True),
    "a8.example": ([access(OTHER, "To:a8.example", "RELAY")], False),
    "a9.example": ([access(FARM, "To:a9.example", "RELAY"),
                    access(OTHER, "To:a9.example", "REJECT")], True),
    "a10.example": ([access(FARM, "TO:A10.example", "relay")], True),
    "a11.example": ([access(FARM, "To:a11.example", "RELAY more")], False),
    "a12.example": ([access(FARM, "a12.example", "RELAY")], True),
    "a13.example": ([access(FARM, "To:x13.example", "RELAY", **{"Key": "To:a13.example"})], True),
    "a14.example": ([access(FARM, "To:a14.example"),
                     access(MX, "To:a14.example", "RELAY")], True),
    "a15.example": ([access(FARM, "To:a15.example", "RELAY", name="ACCESS")], True),
    "a16.example": ([access(FARM, "To:a16.example", "RELAY", name="mailer")], False),
    "a17.example": ([access(FARM, "To:a17.example", " RELAY ")], True),
    "a18.example": ([access(FARM, "To:a18.example", "RELAY", "REJECT")], True),
    "a19.example": ([access(FARM, "To:a19.example", "REJECT", "RELAY")], False),
    "a20.example": ([access(FARM, " To:a20.example ", "RELAY")], True),
    "a21.example": ([access(FARM, "From:a21.example", "RELAY")], False),
    # what is not followed grants nothing, and no shorter key does
    "x.a23.example": ([access(FARM, "To:a23.example", "RELAY"),
                       access(FARM, "To:x.a23.example", MapSearch="(cn=nobody)")], False),
    "x.a24.example": ([access(FARM, "To:a24.example", "RELAY"),
                       access(FARM, "To:x.a24.example", MapURL="ldap:///")], False),
    "a25.example": ([access(FARM, "To:a25.example", "RELAY"),
                     access(MX, "To:a25.example", MapSearch="(cn=nobody)")], False),
    "a27.example": ([access(FARM, "To:x27.example", "RELAY", **{"Key;lang-de": "To:a27.example"})], True),
    "127.0.31.1": ([access(FARM, "Connect:127.0.31", "RELAY")], True),
    "127.0.32.7": ([access(FARM, "Connect:127.0.32", "RELAY"),
                    access(FARM, "Connect:127.0.32.7", "REJECT")], False),
    "127.0.32.8": ([], True),
    "127.0.33.1": ([access(FARM, "127.0.33.1", "RELAY")], True),
    "127.0.34.1": ([access(FARM, "Connect:127.0.34.1", "OK")], False),
}
# sendmail relays, the guard is careful: it follows no search
CAREFUL = {
    "c1.example": [member(FARM, "x1.example", ClassSearch="(sendmailMTAKey=c1)"),
                   ("Class", [FARM, ("Key", "c1"), ("ClassValue", "c1.example")])],
    "c2.example": [access(FARM, "To:c2.example", "RELAY", MapSearch="(cn=nobody)")],
}
# mistakes to the guard, which import refuses; what sendmail makes of them, so
# that the vectors of ldap_sendmail.txt never grant more
MISTAKEN = {
    "y1.example": ([member(FARM, "x1.example\x01y1.example")], False),
    "x.y2.example": ([access(FARM, "To:y2.example", "RELAY"),
                      access(FARM, "To:x.y2.example", "RELAY\x01")], False),
    "x.y3.example": ([access(FARM, "To:y3.example", "RELAY"),
                      access(FARM, "To:x.y3.example", **{"MapValue;lang-de": "RELAY"})], False),
    "y4.example": ([access(FARM, "To:y4.example", "RELAY\n")], True),
}


def ldif(prefix, entries):
    out = []
    for i, (kind, lines) in enumerate(entries):
        cn = f"{prefix}{i}"
        out.append(f"dn: cn={cn},{slapd.BASE}\nobjectClass: sendmailMTA{kind}\ncn: {cn}\n" + "".join(
            f"sendmailMTA{name}:: {base64.b64encode(value.encode()).decode()}\n"
            for name, value in lines) + "\n")
    return "".join(out)


TREE = (ldif("e", [e for entries, _ in CASES.values() for e in entries])
        + ldif("c", [e for entries in CAREFUL.values() for e in entries])
        + ldif("y", [e for entries, _ in MISTAKEN.values() for e in entries]))


def place(target):
    """Where a client comes from and what it wants, to find out about target."""
    outside = target.startswith("127.")
    return (target if outside else lab.OUTSIDER), ("elsewhere.example" if outside else target)


def sendmail_relays(mta, target):
    source, domain = place(target)
    with lab.SmtpSession(mta, source=source) as smtp:
        smtp.cmd("MAIL FROM:<a@b.example>")
        return smtp.cmd(f"RCPT TO:<root@{domain}>").code == 250


def guard_relays(conf, target):
    source, domain = place(target)
    done = command("check", "-c", conf, "--client", source, "--from", "a@b.example",
                   "--rcpt", f"root@{domain}")
    return done.returncode == 0


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A sendmail that reads the tree, and the guard's configuration with what
    import made of an export."""
    files = Files(tmp_path_factory.mktemp("world"))
    with slapd.Slapd(schemas=[SCHEMA], ldif=TREE) as tree, lab.Sendmail(extra_mc=[
            "define(`confLDAP_CLUSTER',`farm')",
            f"define(`confLDAP_DEFAULT_SPEC',`-w 3 -H {tree.uri} -b {slapd.BASE}')",
            "FEATURE(`access_db',`LDAP')", "RELAY_DOMAIN_FILE(`@LDAP')"],
            extra_cf=["Fw@LDAP"]) as mta:
        export = subprocess.run(
            [slapd.ZOO / "usr/bin/ldapsearch", "-x", "-LLL", "-H", tree.uri, "-b", slapd.BASE],
            env=slapd.environment(), capture_output=True, text=True, check=True).stdout
        good = "\n\n".join(e for e in export.split("\n\n") if not e.startswith("dn: cn=y"))
        done = policy("import", "--ldif", files.write("tree.ldif", good), "--ldap-map",
                      "sendmail", "--ldap-cluster", "farm", "--ldap-host", lab.HOSTNAME)
        assert done.returncode == 1, done.stderr
        yield mta, files.conf(policy_files=done.stdout + "\nlocal guard.test\n"), done.stderr


@pytest.mark.parametrize("target", CASES)
def test_relays_alike(world, target):
    mta, conf, _ = world
    expected = CASES[target][1]
    assert sendmail_relays(mta, target) == expected
    assert guard_relays(conf, target) == expected


@pytest.mark.parametrize("target", CAREFUL)
def test_guard_is_careful(world, target):
    mta, conf, said = world
    assert sendmail_relays(mta, target)
    assert not guard_relays(conf, target)
    assert "not followed" in said


@pytest.mark.parametrize("target", MISTAKEN)
def test_what_sendmail_makes_of_mistakes(world, target):
    assert sendmail_relays(world[0], target) == MISTAKEN[target][1]
