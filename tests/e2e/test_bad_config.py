# SPDX-License-Identifier: BSD-2-Clause
"""A5: each mistake in the configuration ends `testconf` and `serve` with one
line that names file and line (or the option), and never harms a guard that
is running already."""
import os
import re
import socket
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from lab import AS_ROOT
from rawmilter import ask
from watched import Guard, command

USAGE, UNAVAILABLE, CANT_CREATE, CONFIG = 64, 69, 73, 78  # sysexits(3)
POLICY = "local guard.test\nrelay relay.test\n"


class Mistake(NamedTuple):
    """A file with a mistake, and what is said about it.

    file  conf: lines put behind the good options; else the whole content of
          the file that the option of this name names
    line  where the mistake is: counted in `text`, 0 = the whole file"""
    file: str
    text: object
    line: int
    says: str  # a regular expression


def conf(text, line, says):
    return Mistake("conf", text, line, says)


def policy(text, line, says):
    return Mistake("policy_files", text, line, says)


MISTAKES = {
    # -- relayguard.yaml
    "unknown option": conf("sokcet: x\n", 1, "unknown option sokcet"),
    "misspelt option": conf("max_session: 10\n", 1, r"unknown .*mean max_sessions\?"),
    "option in capitals": conf("MODE: monitor\n", 1, "unknown option MODE.*mode"),
    "not a number": conf("max_sessions: many\n", 1, 'max_sessions: "many".*number'),
    "number with a tail": conf("max_sessions: 12abc\n", 1, 'max_sessions: "12abc"'),
    "list for a number": conf("max_sessions: [1]\n", 1, "max_sessions: .*one plain value"),
    "mapping for a word": conf("mode: {a: b}\n", 1, "mode: .*one plain value"),
    "text for a list": conf("policy_files: /a\n", 1, "policy_files: .*a list of plain"),
    "mapping for a list": conf("policy_files: {a: b}\n", 1, "policy_files: .*list of plain"),
    "twice in a list": conf("policy_files: [/a, /a]\n", 1, '"/a" is in the list twice'),
    "no value": conf("mode:\n", 1, "mode: has no value"),
    "not true or false": conf("audit_accepted: maybe\n", 1, 'audit_accepted: "maybe".*true or'),
    "yes is no boolean": conf("audit_accepted: yes\n", 1, 'audit_accepted: "yes".*true or'),
    "unknown word": conf("mode: monitr\n", 1, 'mode: "monitr".*mean monitor'),
    "zero": conf("max_sessions: 0\n", 1, 'max_sessions: "0".*between 1 and'),
    "negative": conf("max_sessions: -1\n", 1, 'max_sessions: "-1".*between 1 and'),
    "too large": conf("max_sessions: 100001\n", 1, "max_sessions: .*100000"),
    "beyond any integer": conf("max_sessions: 18446744073709551617\n", 1, "max_sessions"),
    "relative path": conf("access_file: etc/access\n", 1, "access_file: .*absolute path"),
    "duplicate option": conf("mode: enforce\n\nmode: monitor\n", 3,
                             r"mode: given before, on line \d+"),
    "mistake in line 4": conf("# one\n\n# three\nmode: x\n", 4, "mode"),
    "tab": conf("mode:\n\tenforce\n", 2, "tab"),
    "NUL": conf("mode: enforce\0\n", 1, "control character 0x00"),
    "ESC": conf("mode: \x1b[2J\n", 1, "control character 0x1b"),
    "cut inside a list": conf("mode: enforce\npolicy_files: [/a,\n", 2, "not YAML"),
    "cut inside quotes": conf('mode: "enfor', 1, "not YAML"),
    "cut inside a name": conf("mode: enforce\nmax_sess", 2, "not an option"),
    "no YAML at all": conf("mode: enforce: monitor\n", 1, "not YAML"),
    "second document": conf("mode: enforce\n---\n", 2, "second YAML document"),
    "alias": conf("mode: *x\n", 1, "alias"),
    "8 bit": conf("mode: \xff\xfe\n", 1, ""),
    "larger than 64 KiB": conf("# " + "x" * 70000 + "\n", 0, "bytes"),
    # -- relay.policy
    "unknown keyword": policy("local a.test\nrelais b.test\n", 2, "unknown word relais .*relay"),
    "bad network": policy("client 10.0.0.0/33\n", 1, r"client 10\.0\.0\.0/33: prefix length"),
    "bad address": policy("# ours\nclient 10.0.0.256\n", 2, "not an IP address"),
    "half a network": policy("client 10.0\n", 1, "not an IP address"),
    "bits behind the prefix": policy("client 10.1.2.3/8\n", 1, r"write 10\.0\.0\.0/8"),
    "IPv6 too long": policy("client 2001:db8::/129\n", 1, "prefix length"),
    "/0": policy("local a.test\nclient 0.0.0.0/0\n", 2, "whole Internet.*open relay"),
    "IPv6 /0": policy("client ::/0\n", 1, "whole Internet.*open relay"),
    "top-level domain": policy("relay com\n", 1, "relay com: a whole top-level domain"),
    "all top-level": policy("relay .\n", 1, "top-level domain"),
    "local top-level": policy("local .test\n", 1, "top-level domain"),
    "host name as client": policy("client mail.example.org\n", 1, "PTR"),
    "duplicate entry": policy("relay a.test\n\nrelay A.test.\n", 3, "given before, on line 1"),
    "duplicate network": policy("client 10.0.0.0/8\nclient 10.0.0.0/8\n", 2,
                                "given before, on line 1"),
    "bad date": policy("relay a.test until=tomorrow\n", 1, "until=tomorrow: not a date"),
    "open quote": policy('relay a.test note="x\n', 1, "quote"),
    "unknown attribute": policy("relay a.test untill=2031-12-31\n", 1, "unknown attribute untill"),
    "no domain": policy("relay\n", 1, "must be followed by a domain"),
    "cut inside a word": policy("local a.test\nrel", 2, "unknown word rel"),
    "NUL in policy": policy("local a.test\0.org\n", 1, "control character 0x00"),
    "binary": policy("\x7fELF\x02\x01\x01\0\0\n", 1, "control character"),
    "long line": policy("local a.test\n# " + "x" * 100000 + "\n", 2, "line of 100002 bytes"),
    "last of 100000 lines": policy(
        "".join(f"relay d{i}.test\n" for i in range(100000)) + "relay d7.test\n",
        100001, "given before, on line 8"),
    # -- sendmail's own
    "TLD in relay-domains": Mistake("relay_domains", "a.test\ncom\n", 2, "top-level domain"),
    "TLD in access": Mistake("access_file", "# x\nTo:com\tRELAY\n", 2, "top-level domain"),
    "NUL in local-host-names": Mistake("local_host_names", "a.test\nb\0.test\n", 2,
                                       "control character"),
}


class Site(Guard):
    """A guard whose files can be spoiled and mended."""

    def __init__(self, **options):
        super().__init__(POLICY, **options)
        self.good = self.config.read_bytes()
        for name in ("relay_domains", "access_file", "local_host_names"):
            self.path(name).write_text("# empty\n")

    def path(self, option):
        name = {"conf": "relayguard.yaml", "policy_files": "relay.policy"}.get(option, option)
        return self.folder / name

    def spoil(self, m):
        """Make the mistake; gives the line on which it now is."""
        path, text = self.path(m.file), m.text.encode("latin-1")
        if m.file == "conf":
            path.write_bytes(self.good_without(m.text) + text)
            before = self.good_without(m.text).count(b"\n")
            return before + m.line if m.line else 0
        path.write_bytes(text)
        if m.file != "policy_files":
            self.set_options(**{m.file: str(path)})
        return m.line

    def good_without(self, text):
        """The good options but those that the text gives."""
        names = re.findall(r"^(\w+):", text, re.M)
        lines = self.good.decode().splitlines(True)
        return "".join(s for s in lines if s.split(":")[0] not in names).encode()

    def mend(self, extra=""):
        self.config.write_bytes(self.good)
        self.set_policy(POLICY + extra)
        for name in ("relay_domains", "access_file", "local_host_names"):
            self.path(name).write_text("# empty\n")
            self.options[name] = ""


def complaints(stderr):
    """The lines that complain; serve first says what policy it has read."""
    return [line for line in stderr.splitlines() if "relayguard: policy: " not in line]


def refused(site, verb, pattern, status=CONFIG, **more):
    """The command ends with this status and one line that matches."""
    done = command(verb, "-c", site.config, cwd=site.folder, **more)
    lines = complaints(done.stderr)
    assert (done.returncode, len(lines)) == (status, 1), done.stderr[-2000:]
    assert re.fullmatch("relayguard: " + pattern, lines[0]), lines[0]
    assert len(lines[0]) < 1200 and lines[0].isprintable()
    assert done.stdout == ""


@pytest.fixture(scope="module")
def site():
    """Files only; nothing runs."""
    made = Site()
    yield made
    made.close()


@pytest.fixture(scope="module")
def running():
    with Site() as guard:
        yield guard


def where(site, m, line):
    """FILE:LINE: as a regular expression."""
    name = re.escape(str(site.path(m.file)))
    return f"{name}:{line}: .*{m.says}.*" if line else f"{name}: .*{m.says}.*"


@pytest.mark.parametrize("verb", ["testconf", "serve"])
@pytest.mark.parametrize("m", MISTAKES.values(), ids=MISTAKES)
def test_mistake(site, m, verb):
    line = site.spoil(m)
    refused(site, verb, where(site, m, line))
    assert not site.socket.exists()
    site.mend()
    assert command("testconf", "-c", site.config).returncode == 0


def answers(guard, *more):
    """What the policy in force says, about these and some more domains."""
    domains = ["guard.test", "relay.test", "d.test", "a.test", *more]
    return [ask(guard.socket, f"<u@{d}>").verdict for d in domains]


@pytest.mark.parametrize("number,m", enumerate(MISTAKES.values()), ids=MISTAKES)
def test_reload_with_a_mistake(running, number, m):
    """The old policy stays in force and the mistake is told; mended, the
    new one is in force."""
    new = f"new{number}.test"
    before = answers(running, new)
    assert before == ["accept", "accept", "refuse", "refuse", "refuse"]
    told = len(running.output())
    line = running.spoil(m)
    running.reload_and_wait("relayguard: not reloaded")
    assert re.search("^relayguard: " + where(running, m, line) + "$",
                     running.output()[told:], re.M), running.output()[told:]
    assert answers(running, new) == before
    running.mend(f"relay {new}\n")
    running.reload_and_wait()
    assert answers(running, new) == before[:-1] + ["accept"]
    assert running.alive()


# --------------------------------------------- emptied, and not yet written

EMPTY = r"{}: empty; a comment \(#\) alone would have everything at its default"


@pytest.mark.parametrize("text", ["", " \n\t\r\n"])
@pytest.mark.parametrize("verb", ["testconf", "serve"])
def test_nothing_in_it(site, verb, text):
    site.config.write_text(text)
    refused(site, verb, EMPTY.format(re.escape(str(site.config))))
    site.mend()


def test_reload_while_an_editor_has_emptied_it(running):
    before = answers(running)
    told = len(running.output())
    running.config.write_text("")
    running.reload_and_wait("relayguard: not reloaded")
    assert re.search(EMPTY.format(re.escape(str(running.config))), running.output()[told:])
    assert answers(running) == before
    running.mend()
    running.reload_and_wait()


# ------------------------------------------------------ files and the like

def no_such(folder):
    return folder / "no-such-file"


def a_directory(folder):
    (folder / "is-a-directory").mkdir(exist_ok=True)
    return folder / "is-a-directory"


def a_fifo(folder):
    if not (folder / "is-a-fifo").exists():
        os.mkfifo(folder / "is-a-fifo")
    return folder / "is-a-fifo"


def a_device(_):
    return Path("/dev/zero")


def a_loop(folder):
    link = folder / "is-a-loop"
    if not link.is_symlink():
        link.symlink_to(link)
    return link


def a_huge_hole(folder):
    """Sparse: 1 TB long, no disk space."""
    with open(folder / "is-huge", "wb") as file:
        file.truncate(1 << 40)
    return folder / "is-huge"


FILE_OPTIONS = ["policy_files", "local_host_names", "relay_domains", "access_file"]
UNREADABLE = [no_such, a_directory, a_fifo, a_device, a_loop, a_huge_hole]


@pytest.mark.parametrize("verb", ["testconf", "serve"])
@pytest.mark.parametrize("make", UNREADABLE)
@pytest.mark.parametrize("option", FILE_OPTIONS)
def test_unreadable_file(site, option, make, verb):
    path = make(site.folder)
    site.set_options(**{option: [str(path)] if option == "policy_files" else str(path)})
    try:
        refused(site, verb, re.escape(str(path)) + f": cannot be read.*{option}.*: .+")
    finally:
        site.set_options(**{option: [str(site.path(option))]
                            if option == "policy_files" else ""})


@pytest.mark.parametrize("verb", ["testconf", "serve", "check"])
@pytest.mark.parametrize("make", UNREADABLE)
def test_unreadable_configuration(site, make, verb):
    path = make(site.folder)
    more = ["--client", "192.0.2.1", "--from", "<>", "--rcpt", "<a@b.test>"]
    done = command(verb, "-c", path, *(more if verb == "check" else []))
    assert done.returncode == CONFIG and done.stdout == ""
    assert re.fullmatch(f"relayguard: {re.escape(str(path))}: .*\n", done.stderr), done.stderr


@pytest.mark.parametrize("make", UNREADABLE)
def test_reload_with_an_unreadable_file(running, make):
    before = answers(running)
    path = make(running.folder)
    running.set_options(policy_files=[str(path)])
    told = len(running.output())
    running.reload_and_wait("relayguard: not reloaded")
    assert f"{path}: cannot be read (option policy_files): " in running.output()[told:]
    assert answers(running) == before
    running.set_options(policy_files=[str(running.path("policy_files"))])
    running.mend()
    running.reload_and_wait()
    assert answers(running) == before


def test_no_permission(site):
    """serve reads with the rights it will have later, not with root's."""
    path = site.folder / "secret.policy"
    path.write_text("local guard.test\n")
    path.chmod(0)
    site.set_options(policy_files=[str(path)])
    try:
        for verb in ["serve"] if AS_ROOT else ["serve", "testconf"]:
            refused(site, verb, re.escape(str(path)) + ": .*policy_files.*Permission denied")
    finally:
        site.set_options(policy_files=[str(site.path("policy_files"))])


def test_default_files_may_be_missing(site):
    """Only what somebody wrote down must be there."""
    site.config.write_text('user: ""\npolicy_files: []\nlocal_host_names: ""\n'
                           'relay_domains: ""\naccess_file: ""\n')
    assert command("testconf", "-c", site.config).returncode == 0
    site.config.write_text("mode: enforce\n")
    if not Path("/etc/relayguard").exists():
        done = command("testconf", "-c", site.config)
        assert (done.returncode, done.stderr) == (0, "")
    site.mend()


def test_every_mistake_is_told_at_once(site):
    site.config.write_bytes(site.good + b"mode: x\nmax_sessions: 0\nnonsense: 1\n")
    site.set_policy(POLICY)
    done = command("testconf", "-c", site.config)
    last = site.good.count(b"\n")
    lines = [int(s.split(":")[2]) for s in done.stderr.splitlines()]
    assert sorted(lines) == [last + 1, last + 2, last + 3]
    site.mend()


def test_a_large_policy_works():
    """1e5 entries are no mistake."""
    lines = "".join(f"relay d{i}.test\n" for i in range(100000))
    with Site() as guard:
        guard.set_policy(POLICY + lines)
        done = command("testconf", "-c", guard.config)
        assert done.returncode == 0 and "100001 relay" in done.stdout
        guard.reload_and_wait()
        assert answers(guard, "d99999.test", "d100000.test")[-2:] == ["accept", "refuse"]


# ------------------------------------------------------- the socket's place

def serve_refused(site, pattern, status=CONFIG):
    refused(site, "serve", pattern, status)


@pytest.fixture
def place():
    """A site of its own, to move the socket and change modes."""
    made = Site()
    yield made
    made.close()


def move_socket(site, path):
    site.set_options(milter_socket=f"unix:{path}")


def test_missing_socket_directory(place):
    missing = place.folder / "run/no/where"
    move_socket(place, missing / "milter.sock")
    serve_refused(place, f"milter_socket: {missing.parent}: No such file or directory")


def test_socket_directory_is_a_file(place):
    (place.folder / "run/file").write_text("")
    move_socket(place, place.folder / "run/file/milter.sock")
    serve_refused(place, f"milter_socket: {place.folder}/run/file: [Nn]ot a directory")


@pytest.mark.parametrize("mode,who", [(0o775, "Group"), (0o777, "World"), (0o1777, "World")],
                         ids=["group", "world", "sticky"])
@pytest.mark.parametrize("at", ["run", "."], ids=["the directory", "one above"])
def test_unsafe_socket_directory(place, mode, who, at):
    """sendmail would switch the filter off with just these words."""
    (place.folder / at).chmod(mode)
    try:
        serve_refused(place, rf"milter_socket: .* unsafe: {who} writable directory")
        assert not place.socket.exists()
    finally:
        (place.folder / at).chmod(0o755)


def test_second_instance():
    """It says so, goes, and leaves the first one alone."""
    with Site() as guard:
        serve_refused(guard, f"milter_socket: {guard.socket} is in use by another relayguard",
                      UNAVAILABLE)
        assert answers(guard) == ["accept", "accept", "refuse", "refuse"]


def test_inet_socket_in_use(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place.set_options(milter_socket=f"inet:{taken.getsockname()[1]}@127.0.0.1")
        serve_refused(place, "milter_socket: cannot listen on inet:.*", UNAVAILABLE)


@pytest.mark.parametrize("bad", ["/run/x.sock", "unix:relative", "inet:x@localhost",
                                 "inet:99999@localhost", "", "fifo:/x",
                                 "unix:/" + "x" * 120])
def test_socket_notation(place, bad):
    line = list(place.options).index("milter_socket") + 1
    place.set_options(milter_socket=bad)
    for verb in ("testconf", "serve"):
        refused(place, verb, rf".*/relayguard\.yaml:{line}: milter_socket: .*right is unix:.*")


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
@pytest.mark.parametrize("user,says", [("no-such-user", "no such user: no-such-user"),
                                       ("root", "root is root.*")])
def test_user(place, user, says):
    place.set_options(user=user)
    serve_refused(place, "user: " + says)


@pytest.mark.parametrize("user", ["-x", "a b", "a:b", "1000", "x" * 40])
def test_user_notation(place, user):
    place.set_options(user=user)
    for verb in ("testconf", "serve"):
        refused(place, verb, r".*/relayguard\.yaml:\d+: user: .*")


@pytest.mark.parametrize("make", [lambda f: f / "run/no/audit.jsonl", a_directory, a_fifo, a_loop],
                         ids=["no directory", "directory", "fifo", "link"])
def test_audit_log(place, make):
    path = make(place.folder)
    place.set_options(audit_log=str(path))
    serve_refused(place, "audit_log: " + re.escape(str(path)) + ": .+", CANT_CREATE)


def test_audit_log_is_no_way_out(place):
    """A link in the place of the log: what it points to stays as it was."""
    target = place.folder / "run/target"
    target.write_text("precious\n")
    (place.folder / "run/audit.jsonl").symlink_to(target)
    serve_refused(place, "audit_log: .*symbolic link.*", CANT_CREATE)
    assert target.read_text() == "precious\n"
    (place.folder / "run/audit.jsonl").unlink()


# --------------------------------------------------------- the command line

@pytest.mark.parametrize("arguments", [
    [], ["no-such-command"], ["serve", "-x"], ["serve", "extra"], ["serve", "-c"],
    ["testconf", "--config"], ["testconf", "extra"], ["testconf", "--nonsense"]],
    ids=lambda a: " ".join(a) or "nothing")
def test_usage(arguments):
    done = command(*arguments)
    assert done.returncode == USAGE and done.stdout == ""
    assert "usage: relayguard" in done.stderr


@pytest.mark.parametrize("verb", ["serve", "testconf", "check"])
def test_help(verb):
    done = command(verb, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: relayguard {verb}")
