# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard policy`: what show tells, that diff compares meaning, and that
import loses nothing silently and never grants more than its sources."""
import json
import os
import random
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lab
from watched import assert_clean, binary, command, vectors

SAME, DIFFERENT, USAGE, CONFIG = 0, 1, 64, 78
ALL, SOME = 0, 1
OPTIONS = {"policy_files": [], "local_host_names": "", "relay_domains": "", "access_file": "",
           "sender_domain_check": False}


class Files:
    """A folder with files, and configurations that name them."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text.encode("utf-8"))
        return path

    def conf(self, name="c.yaml", **texts):
        """A configuration whose options are files with these texts."""
        options = dict(OPTIONS)
        for option, text in texts.items():
            path = str(self.write(f"{name}.{option}", text))
            options[option] = [path] if option == "policy_files" else path
        return self.write(name, "".join(f"{k}: {json.dumps(v)}\n" for k, v in options.items()))


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


def policy(*arguments, **more):
    return command("policy", *arguments, **more)


def shown(conf):
    done = policy("show", "-c", conf, "--json")
    assert done.returncode == 0
    return json.loads(done.stdout)


def day(distance):
    return (datetime.now(timezone.utc) + timedelta(days=distance)).strftime("%Y-%m-%d")


# ------------------------------------------------------------------- show

NATIVE = """\
auth alice@guard.test only=a.test,.b.test
client 2001:db8::/32
relay both.test until=2001-01-01 note="old"
relay .both.test
client 10.0.0.0/8
local [192.0.2.25]
local guard.test note="us, \xc3\xbc"
"""
ACCESS = """\
To:both.test\tRELAY
To:deny.both.test\tREJECT
Connect:10\tRELAY
Connect:10.66\tREJECT
"""


def test_show_columns(files):
    conf = files.conf(policy_files=NATIVE, access_file=ACCESS)
    done = policy("show", "-c", conf)
    assert (done.returncode, done.stderr) == (0, "")
    n, a = f"{conf}.policy_files", f"{conf}.access_file"
    rows = [re.split(r"  +", line.rstrip()) for line in done.stdout.splitlines()]
    assert rows == [
        ["KIND", "VALUE", "ACTION", "SPAN", "UNTIL", "LEFT", "ONLY", "ORIGIN", "DECIDED-BY",
         "NOTE"],
        ["local", "guard.test", "grant", "self", "-", "-", "-", f"{n}:7", "-",
         "us, \\xc3\\x83\\xc2\\xbc"],
        ["local", "[192.0.2.25]", "grant", "-", "-", "-", "-", f"{n}:6", "-"],
        ["relay", "both.test", "grant", "self", "2001-01-01", "expired", "-", f"{n}:3", "-", "old"],
        ["relay", ".both.test", "grant", "below", "-", "-", "-", f"{n}:4", "-"],
        ["relay", "both.test", "grant", "both", "-", "-", "-", f"{a}:1", f"{n}:4(below)"],
        ["relay", "deny.both.test", "deny", "both", "-", "-", "-", f"{a}:2", "-"],
        ["client", "10.0.0.0/8", "grant", "-", "-", "-", "-", f"{n}:5", "-"],
        ["client", "10.0.0.0/8", "grant", "-", "-", "-", "-", f"{a}:3", f"{n}:5"],
        ["client", "10.66.0.0/16", "deny", "-", "-", "-", "-", f"{a}:4", "-"],
        ["client", "2001:db8::/32", "grant", "-", "-", "-", "-", f"{n}:2", "-"],
        ["auth", "alice@guard.test", "grant", "-", "-", "-", "a.test,.b.test", f"{n}:1", "-"]]


def test_show_json(files):
    conf = files.conf(policy_files=NATIVE, access_file=ACCESS)
    found = shown(conf)
    assert len(found) == 11
    old = next(e for e in found if e["note"] == "old")
    assert old == {
        "kind": "relay", "value": "both.test", "action": "grant", "span": "self",
        "until": "2001-01-01", "expired": True, "days_left": None, "only": None,
        "note": "old",
        "origin": {"file": f"{conf}.policy_files", "line": 3}, "decided_by": None}
    both = next(e for e in found if e["span"] == "both" and e["value"] == "both.test")
    assert both["decided_by"] == {"file": f"{conf}.policy_files", "line": 4, "for": "below"}


def test_show_days_left(files):
    conf = files.conf(policy_files=f"relay a.test until={day(0)}\nrelay b.test until={day(10)}\n"
                      f"relay c.test until={day(-1)}\nrelay d.test until=2099-01-01T00:00:01Z\n")
    a, b, c, d = shown(conf)
    assert (a["days_left"], a["expired"]) == (0, False)
    assert (b["days_left"], b["until"]) == (10, day(10))
    assert (c["days_left"], c["expired"]) == (None, True)
    assert d["until"] == "2099-01-01T00:00:01Z"
    text = policy("show", "-c", conf).stdout
    assert [re.split(" +", line)[5] for line in text.splitlines()[1:3]] == ["<1d", "10d"]


def test_the_one_that_decides_is_the_one_that_check_names(files):
    """Where two speak about the same value."""
    conf = files.conf(policy_files="relay a.test\nrelay b.test until=2001-01-01\n",
                      relay_domains="a.test\nb.test\nc.test\n",
                      access_file="test.test RELAY\nTo:c.test RELAY\n")
    for value in ("a.test", "b.test", "c.test"):
        for entry in shown(conf):
            if entry["value"] != value or entry["expired"]:
                continue
            by = entry["decided_by"] or entry["origin"]
            done = command("check", "-c", conf, "--client", "198.51.100.7", "--from",
                           "<a@outside.test>", "--rcpt", f"<b@{value}>", "--own-name", "mx.test")
            assert f"({by['file']}:{by['line']})" in done.stdout


@pytest.mark.parametrize("how", ["colour", "NO_COLOR", "dumb"])
def test_show_on_a_terminal(files, how):
    both = lab.terminal()
    if both is None:
        pytest.skip("no pseudo-terminals here (/dev/pts is not mounted)")
    leader, follower = both
    conf = files.conf(policy_files="relay a.test until=2001-01-01\nrelay b.test\n")
    env = {**os.environ, "TERM": "dumb" if how == "dumb" else "xterm"}
    env.pop("NO_COLOR", None)
    if how == "NO_COLOR":
        env["NO_COLOR"] = "1"
    done = subprocess.run([binary(), "policy", "show", "-c", conf], stdout=follower,
                          stderr=subprocess.PIPE, env=env, timeout=30)
    os.close(follower)
    text = os.read(leader, 65536).decode()
    os.close(leader)
    assert_clean(done.stderr.decode())
    red = [line for line in text.splitlines() if "\033[31m" in line]
    assert len(red) == (1 if how == "colour" else 0)
    assert how != "colour" or "expired" in red[0] and red[0].endswith("\033[0m")
    assert how == "colour" or "\033" not in text


def test_show_of_nothing(files):
    conf = files.conf()
    assert shown(conf) == []
    assert len(policy("show", "-c", conf).stdout.splitlines()) == 1


def test_show_of_a_large_policy(files):
    lines = "".join(f"relay d{i}.test\n" for i in range(50000))
    begun = time.monotonic()
    assert len(shown(files.conf(policy_files=lines))) == 50000
    assert time.monotonic() - begun < 20


# ------------------------------------------------------------------- diff

def diff(a, b):
    done = policy("diff", a, b)
    assert done.stderr == ""
    assert (done.returncode == SAME) == (done.stdout == "")
    return done.returncode, done.stdout.splitlines()


def test_diff_compares_meaning(files):
    """Order, comments, spelling, repetitions and which file says it."""
    one = files.write("one.policy", "local Guard.TEST.\nrelay a.test # x\nrelay .a.test\n"
                      "client ::ffff:192.0.2.1\nclient 2001:DB8:0::/32\n")
    other = files.conf(local_host_names="guard.test\n",
                       policy_files="client 192.0.2.1/32\n\n# c\nrelay a.test\n",
                       relay_domains="IPv6:2001:db8\na.test\n")
    assert diff(one, other) == (SAME, [])
    assert diff(other, one) == (SAME, [])
    assert policy("diff", "-c", other, "--with", one).returncode == SAME


def test_diff_tells_what_differs(files):
    a = files.write("a", "local gone.test\nrelay x.test until=2031-12-31\nrelay .n.test "
                    'note="old"\nclient 10.0.0.0/8\nrelay same.test until=2001-01-01\n')
    b = files.write("b", "relay same.test until=2001-01-01\nclient 10.1.0.0/16 until=2001-01-01\n"
                    'relay .n.test note="new"\nrelay x.test until=2032-01-01T10:00:00Z\n')
    assert diff(a, b) == (DIFFERENT, [
        f"- local gone.test  # {a}:1",
        f'~ relay .n.test  note "old" -> "new"  # {a}:3 -> {b}:3',
        f"~ relay x.test  until 2031-12-31 -> 2032-01-01T10:00:00Z  # {a}:2 -> {b}:4",
        f"- client 10.0.0.0/8  # {a}:4",
        f"+ client 10.1.0.0/16 until=2001-01-01  # {b}:2, expired"])
    turned = diff(b, a)[1]
    assert turned[0] == f"+ local gone.test  # {a}:1" and len(turned) == 5


def test_diff_of_limits(files):
    """What decides first counts; then what lasts longer."""
    a = files.write("a", "client 10.0.0.1 only=a.test\ncert /CN=x\nclient 10.0.0.2\n")
    b = files.write("b", "client 10.0.0.1\ndeny cert /CN=x\nclient 10.0.0.2 only=b.test\n")
    assert diff(a, b) == (DIFFERENT, [
        f"~ client 10.0.0.1  only a.test -> anything  # {a}:1 -> {b}:1",
        f"~ client 10.0.0.2  only anything -> b.test  # {a}:3 -> {b}:3",
        f"~ cert /CN=x  grant -> deny  # {a}:2 -> {b}:2"])
    both = files.conf(policy_files="client 10.0.0.2 only=b.test until=2031-01-01\n",
                      relay_domains="10.0.0.2\n")
    n, r = f"{both}.policy_files:1", f"{both}.relay_domains:1"
    one = files.write("one", "client 10.0.0.2 only=b.test until=2031-01-01\n")
    assert diff(one, both) == (DIFFERENT, [f"+ client 10.0.0.2  # {r}"])
    one.write_text("client 10.0.0.2\n")
    assert diff(one, both) == (DIFFERENT, [
        f"~ client 10.0.0.2  until never -> 2031-01-01  only anything -> b.test  # {one}:1 -> {n}",
        f"+ client 10.0.0.2  # {r}"])


def test_diff_of_actions(files):
    grant = files.conf("g.yaml", relay_domains="a.test\nb.a.test\n", access_file="a.test RELAY\n")
    deny = files.conf("d.yaml", relay_domains="a.test\nb.a.test\n",
                      access_file="a.test RELAY\nb.a.test REJECT\n")
    g, d = f"{grant}.relay_domains:2", f"{deny}.access_file:2"
    assert diff(grant, deny) == (DIFFERENT, [
        f"~ relay b.a.test  grant -> deny  # {g} -> {d}",
        f"~ relay .b.a.test  grant -> deny  # {g} -> {d}"])


def test_diff_what_lasts_longest_counts(files):
    a = files.conf("a.yaml", policy_files="relay a.test until=2031-01-01\n"
                   "relay .a.test until=2031-01-01\n", relay_domains="a.test\n")
    b = files.write("b.policy", "relay a.test\nrelay .a.test\n")
    assert diff(a, b) == (SAME, [])


def test_diff_tells_that_auth_means_everybody(files):
    a = files.write("a", "auth alice until=2001-01-01\n")
    b = files.write("b", "")
    status, lines = diff(a, b)
    assert status == DIFFERENT and lines == [
        f"- auth alice until=2001-01-01  # {a}:1, expired",
        f"# {b} has no auth entry: whoever has authenticated is trusted there"]


@pytest.mark.parametrize("name", ["bad.policy", "bad.yaml"])
def test_diff_with_mistakes(files, name):
    good = files.write("good", "relay a.test\n")
    bad = files.write(name, "nonsense: 1\n")
    for arguments in ((good, bad), (bad, good), ("--with", bad, "-c", files.conf())):
        done = policy("diff", *arguments)
        assert (done.returncode, done.stdout) == (CONFIG, "")
        assert f"relayguard: {bad}:1: " in done.stderr
    missing = files.folder / "missing"
    done = policy("diff", good, missing)
    assert (done.returncode, done.stdout) == (CONFIG, "")
    assert done.stderr == f"relayguard: {missing}: cannot be read: No such file or directory\n"


# ----------------------------------------------------------------- import

NAMES = {"local_host_names": "--local-host-names", "relay_domains": "--relay-domains",
         "access_file": "--access"}


def imported(files, status, **texts):
    """The imported policy file, and what was said on standard error."""
    arguments = [word for option, text in texts.items()
                 for word in (NAMES[option], files.write(option, text))]
    done = policy("import", *arguments)
    assert done.returncode == status, done.stderr
    new = files.write("imported", done.stdout.encode("latin-1").decode("utf-8"))
    assert policy("diff", new, new).returncode == SAME
    return new, done.stderr.replace(f"{files.folder}/", "")


def entries(path):
    return [line for line in path.read_text().splitlines() if line and line[0] != "#"]


def test_import_all(files):
    new, said = imported(files, ALL, local_host_names="guard.test\n[192.0.2.25]\n",
                         relay_domains=".below.test b.test\nIPv6:2001:db8\n",
                         access_file="# c\n\nConnect:10\tRELAY\nConnect:10.128\tREJECT\n"
                                     "To:b.test RELAY\n")
    folder = files.folder
    assert said == ""
    assert entries(new) == [
        f"local guard.test  # {folder}/local_host_names:1",
        f"local [192.0.2.25]  # {folder}/local_host_names:2",
        f"relay b.test  # {folder}/relay_domains:1, {folder}/access_file:5",
        f"relay .b.test  # {folder}/relay_domains:1, {folder}/access_file:5",
        f"relay .below.test  # {folder}/relay_domains:1",
        f"client 10.0.0.0/8  # {folder}/access_file:3",
        f"deny client 10.128.0.0/16  # {folder}/access_file:4",
        f"client 2001:db8::/32  # {folder}/relay_domains:2"]


def test_import_says_what_is_lost(files):
    new, said = imported(files, SOME, local_host_names="1.2.3.4\n",
                         relay_domains="localhost .b.test\n", access_file="""\
To:b.test\tRELAY
To:.b.test\tREJECT
Connect:localhost\tRELAY
GreetPause:localhost\t0
spam.test\tREJECT
From:me@x.test\tRELAY
Connect:host.test\tRELAY
 indented\tRELAY
novalue
b.test\tREJECT
""")
    lines = said.splitlines()
    assert [re.match("relayguard: ([a-z_]*:[0-9]+): note: ", s)[1] for s in lines] == \
        [f"access_file:{i}" for i in (1, 3, 4, 5, 6, 7, 8, 9, 10)] + \
        ["local_host_names:1", "relay_domains:1", "relay_domains:1"]
    assert lines[0].endswith("relay .b.test: not in force, denied at access_file:2")
    assert [e.split("  ")[0] for e in entries(new)] == ["relay b.test", "deny relay .b.test"]
    # the file itself says the same
    tail = new.read_text().split("# Not carried over:\n")[1].replace(f"{files.folder}/", "")
    assert tail.splitlines() == \
        [s.replace("relayguard: ", "# ").replace(" note:", "") for s in lines]


@pytest.mark.parametrize("access", ["com RELAY\n", "IPv6: RELAY\n", "a.test RELAY\n\x01\n"])
def test_import_with_mistakes(files, access):
    path = files.write("access", access)
    done = policy("import", "--access", path)
    assert (done.returncode, done.stdout) == (CONFIG, "")
    assert f"relayguard: {path}:{access.count(chr(10))}: " in done.stderr


def test_import_of_mixed_spellings(files):
    """A denial below the other spelling of the domain alone."""
    path = files.write("access", "To:bücher.test RELAY\nTo:xn--bcher-kva.test RELAY\n"
                       "To:münchen.xn--bcher-kva.test REJECT\n")
    done = policy("import", "--access", path)
    assert done.returncode == ALL
    new = files.write("new", done.stdout.encode("latin-1").decode("utf-8"))
    conf = files.conf(policy_files=new.read_text())
    old = files.conf("old.yaml", access_file=path.read_text())
    assert policy("diff", old, conf).returncode == SAME
    # two that contradict each other in a third spelling: said in one file, the
    # first of them would win
    domains = files.write("domains", "münchen.bücher.test\n")
    path.write_text("xn--bcher-kva.test RELAY\nmünchen.xn--bcher-kva.test REJECT\n")
    done = policy("import", "--relay-domains", domains, "--access", path)
    assert (done.returncode, done.stdout) == (CONFIG, "")
    assert f"relayguard: {domains}:1: the imported policy would not say the same" in done.stderr


def test_import_names_files_safely(files):
    """The name of a file cannot become a line of policy."""
    path = files.write("x\nclient 0.0.0.0-1\n#", "a.test\n1.2.3.0-4\nlocalhost\n")
    done = policy("import", "--relay-domains", path)
    assert done.returncode == SOME
    assert [s for s in done.stdout.splitlines() if s and s[0] != "#"] == [
        s for s in done.stdout.splitlines() if s.startswith("relay ")]
    assert all(32 <= ord(c) <= 126 for c in done.stdout.replace("\n", ""))


def generated(dice):
    """Texts of sendmail's files."""
    def name():
        return ".".join(dice.choices("abc", k=dice.randint(1, 3)) + ["test"])

    def groups():
        if dice.random() < .3:
            return ":".join(["IPv6:2001:db8"] + dice.choices("12", k=dice.randint(0, 3)))
        return ".".join(["10"] + dice.choices(["0", "1", "255"], k=dice.randint(0, 3)))

    def access_line():
        value = dice.choice(["RELAY", "RELAY", "REJECT", "OK"])
        if dice.random() < .5:
            tag = dice.choice(["", "To:", "From:"])
            return f"{tag}{dice.choice(['', '', '.'])}{name()} {value}"
        return f"{dice.choice(['', 'Connect:', 'GreetPause:'])}{groups()}\t{value}"

    return {
        "local_host_names": "".join(f"{name()} [192.0.2.{i}] # c\n"
                                    for i in range(dice.randint(0, 3))),
        "relay_domains": "".join(f"{dice.choice([name(), groups(), 'localhost'])} {name()}\n"
                                 for _ in range(dice.randint(0, 4))),
        "access_file": "".join(f"{access_line()}\n" for _ in range(dice.randint(0, 15)))}


def test_import_accounts_for_each_line(files):
    """Each line of the sources is the origin of an entry or is told, and the
    new file makes the same policy, entry by entry."""
    dice = random.Random(1)
    lines = 0
    for _ in range(150):
        texts = generated(dice)
        arguments = [word for option, text in texts.items()
                     for word in (NAMES[option], files.write(option, text))]
        done = policy("import", *arguments)
        assert done.returncode in (ALL, SOME)
        assert (done.returncode == SOME) == (done.stderr != "")
        new = files.write("new", done.stdout)
        done = policy("diff", files.conf(**texts), new)
        assert (done.returncode, done.stdout) == (SAME, "")
        for option, text in texts.items():
            for number, line in enumerate(text.splitlines(), 1):
                lines += 1
                origin = re.escape(f"{files.folder}/{option}:{number}") + r"\b"
                assert re.search(origin, new.read_text()), (origin, line)
    assert lines > 1000


def test_imported_policy_decides_the_same(files):
    """Every vector of decide.txt, under sendmail's files and under what they
    became."""
    texts = {"local_host_names": "guard.test\n[192.0.2.25]\n",
             "relay_domains": "relay.test\n.below.test\nIPv6:2001:db8\n",
             "access_file": ACCESS}
    new, said = imported(files, ALL, **texts)
    assert said == ""
    confs = [files.conf("old.yaml", **texts), files.conf("new.yaml", policy_files=new.read_text())]
    asked = 0
    for line, fields in vectors("decide.txt"):
        client, _, sender, recipient, *_ = (f.decode("latin-1") for f in fields)
        if client == "unknown":
            continue
        old, now = (json.loads(command(
            "check", "-c", conf, "--json", "--client", client, "--from", sender, "--rcpt",
            recipient, "--own-name", "mx.guard.test", "--own-address", "192.0.2.1").stdout)[-1]
            for conf in confs)
        asked += 1
        assert (old["verdict"], old["rule"]) == (now["verdict"], now["rule"]), line
    assert asked >= 80


# --------------------------------------------------------------------- cf

CF = """\
V10/Debian
Cwlocalhost
Cw a.local.test [192.0.2.7]   # comment
\tb.local.test
C{{R}}relay.test
CR 10.9 $m
FR-o {0}/missing %[^\\#]
F{{R}}{0}/domains
Fw {0}/hosts %[^\\#]
FR|/bin/echo x
Fw@ldap:foo
FR {0}/domains %d
C{{Other}}other.test
Scanonify=3
R$@\t\t\t$@ <@>\t\tnull
"""


def test_import_cf(files):
    folder = files.folder
    files.write("hosts", "c.local.test d.local.test # c\n")
    files.write("domains", "# c\nfirst.test second.test\n")
    cf = files.write("sendmail.cf", CF.format(folder))
    done = policy("import", "--cf", cf)
    assert done.returncode == SOME
    assert [s for s in done.stdout.splitlines() if s and s[0] != "#"] == [
        f"local localhost  # {cf}:2", f"local a.local.test  # {cf}:3",
        f"local b.local.test  # {cf}:4", f"local c.local.test  # {folder}/hosts:1",
        f"local d.local.test  # {folder}/hosts:1", f"local [192.0.2.7]  # {cf}:3",
        f"relay first.test  # {folder}/domains:2", f"relay .first.test  # {folder}/domains:2",
        f"relay relay.test  # {cf}:5", f"relay .relay.test  # {cf}:5",
        f"client 10.9.0.0/16  # {cf}:6"]
    assert [s.replace("relayguard: ", "") for s in done.stderr.splitlines()] == [
        f"{folder}/domains:2: note: second.test: sendmail takes only the first word of a line, "
        "not used",
        f"{cf}:6: note: $m: not a domain name, not used",
        f"{cf}:10: note: class R from /bin/echo x: the output of a program, not used",
        f"{cf}:11: note: class w from @ldap:foo: what a map holds, not used",
        f"{cf}:12: note: class R from {folder}/domains: neither the first word of a line nor all "
        "of them, not used"]


def real_class(cf, name):
    """The members of a class that a real sendmail sees."""
    env = {**os.environ, "LD_PRELOAD": str(lab.preload_library()), "LAB_HOSTNAME": "mx.guard.test"}
    done = subprocess.run([lab.SENDMAIL, "-C", cf, "-bt"], input=f"$={name}\n", timeout=60, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="latin-1")
    return set(done.stdout.split("\n> ", 1)[1].split()) - {">"}


def test_import_cf_reads_files_as_sendmail_does(files):
    """Which words of a file become members, by each format."""
    text = "one.test two.test\n# c.test\n three.test # d.test\nq.test#r x.test\n10.7\n"
    server = lab.Sendmail(relay_domains=["inline.test"])
    try:
        server.write_files()
        cf = server.folder / "sendmail.cf"
        plain = cf.read_text()
        (server.folder / "members").write_text(text)
        for form in ("", "%s", "%[^\\#]"):
            line = f"FR-o {server.folder}/members {form}"
            cf.write_text(re.sub("^FR.*$", lambda _: line, plain, flags=re.M))
            made = policy("import", "--cf", cf).stdout
            found = set(re.findall(r"^(?:relay|client) ([^. ]\S*)", made, re.M))
            real = {w.replace("10.7", "10.7.0.0/16") for w in real_class(cf, "R")}
            # a "#" is in no name, but in a word of "%s"
            assert found == real - {"q.test#r"}, form
            assert ("two.test" in found) == form.startswith("%[")
            for lost in ("two.test", "x.test"):
                assert (f"{lost}: sendmail takes only the first word" in made) == \
                    (not form.startswith("%["))
    finally:
        server.close()


def test_import_cf_that_is_none(files):
    path = files.write("access", ACCESS)
    done = policy("import", "--cf", path)
    assert (done.returncode, done.stdout) == (CONFIG, "")
    assert f"relayguard: {path}:" in done.stderr


def test_import_cf_with_a_missing_file(files):
    cf = files.write("sendmail.cf", CF.format(files.folder))
    done = policy("import", "--cf", cf)
    assert (done.returncode, done.stdout) == (CONFIG, "")
    assert f"relayguard: {files.folder}/hosts: cannot be read" in done.stderr


# ------------------------------------------------------- the command line

@pytest.mark.parametrize("arguments", [
    [], ["nonsense"], ["show", "extra"], ["show", "--with", "x"], ["diff"], ["diff", "a"],
    ["diff", "a", "b", "c"], ["diff", "--with", "a", "b"], ["diff", "-c", "x", "a", "b"],
    ["import"], ["import", "extra"], ["import", "--access"], ["import", "-c", "x"]],
    ids=lambda a: " ".join(a) or "nothing")
def test_usage(arguments):
    done = policy(*arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert "usage: relayguard policy" in done.stderr


@pytest.mark.parametrize("verb", [[], ["show"], ["diff"], ["import"]])
def test_help(verb):
    done = policy(*verb, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: relayguard policy")


def test_full_disk(files):
    """What could not be written is no success."""
    conf = files.conf(relay_domains="a.test\n")
    with open("/dev/full", "w") as full:
        done = subprocess.run([binary(), "policy", "show", "-c", conf], stdout=full,
                              stderr=subprocess.PIPE, encoding="latin-1", timeout=30)
    assert done.returncode == 74 and "standard output: No space left" in done.stderr
