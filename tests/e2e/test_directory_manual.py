# SPDX-License-Identifier: BSD-2-Clause
"""The commands of relayguard.yaml(5), POLICY IN A DIRECTORY, run word for word
on a machine that is a folder: slapd comes up, and a guard grants what the tree
says.  What stands for something else here is said in Machine.here()."""
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import lab
import pytest
import slapd as s
from directory import DirectoryGuard

pytestmark = pytest.mark.skipif(s.available() is not None, reason=str(s.available()))
SECTION = (lab.TOP / "conf/relayguard.yaml.5").read_text().split(
    ".Sh POLICY IN A DIRECTORY\n")[1].split("\n.Sh ")[0]


def block(title, number=0):
    """A literal block of this subsection, as the reader sees it."""
    text = SECTION.split(f".Ss {title}\n")[1].split("\n.Ss ")[0]
    literal = re.findall(r"\.Bd -literal\n(.*?)\n\.Ed", text, re.S)[number]
    return literal.replace(r"\(ha", "^") + "\n"


# what a machine has and a folder has not: the package, users, systemd
SHELL = """\
set -eu
apt-get() { :; }
chown() { [ "$(id -u)" -ne 0 ] || command chown nobody "$2"; }
install() { mkdir -p "${@: -1}"; }
relayguard() { "$GUARD" "$@" -c "$ROOT/etc/relayguard/relayguard.yaml"; }
systemctl() {
    case "$*" in
    "restart slapd") . "$ROOT/etc/default/slapd"
        slapd -f "$SLAPD_CONF" -h "$SLAPD_SERVICES" ;;
    "reload relayguard") kill -USR1 "$GUARD_PID" ;;
    *) exit 99 ;;
    esac
}
"""


class Machine(DirectoryGuard):
    """A guard as installed, and room for a slapd, in one folder."""

    def __init__(self):
        super().__init__()
        root = self.folder
        self.port = lab.free_port()
        for place in ("etc/relayguard", "etc/ldap", "etc/default", "var/lib/relayguard",
                      "var/log/relayguard", "run/relayguard", "run/slapd"):
            (root / place).mkdir(parents=True, exist_ok=True)
            if lab.AS_ROOT and "relayguard" in place:
                shutil.chown(root / place, "nobody")
        self.config = root / "etc/relayguard/relayguard.yaml"
        self.config.write_text(self.here((lab.TOP / "conf/relayguard.yaml").read_text()).replace(
            "user: relayguard", 'user: "nobody"' if lab.AS_ROOT else 'user: ""').replace(
            "syslog: true", "syslog: false"))
        (root / "etc/relayguard/relay.policy").write_text("local guard.test\n")
        self.socket = root / "run/relayguard/milter.sock"
        self.map_socket = root / "run/relayguard/map.sock"
        self.options["status_file"] = root / "run/relayguard/status.json"

    def here(self, text):
        """This text, in the folder: paths, slapd's sockets, who is root."""
        socket = str(self.folder / "run/slapd/ldapi").replace("/", "%2F")
        instead = {
            "/etc/ldap/schema": f"{s.ZOO}/etc/ldap/schema",
            "/usr/lib/ldap": f"{s.ZOO}/usr/lib/ldap",
            "/usr/local/share/doc/relayguard": f"{lab.TOP}/conf",
            **{place: f"{self.folder}{place}" for place in ("/etc/", "/var/", "/run/")},
            "ldap://127.0.0.1": f"ldap://127.0.0.1:{self.port}",
            "ldapi:///": f"ldapi://{socket}",
            "gidNumber=0+uidNumber=0": f"gidNumber={os.getegid()}+uidNumber={os.geteuid()}"}
        return re.sub("|".join(map(re.escape, instead)), lambda m: instead[m[0]], text)

    def shell(self, text):
        zoo = f"{s.ZOO}/usr/bin:{s.ZOO}/usr/sbin:"
        done = subprocess.run(
            ["bash", "-c", SHELL + self.here(text)], capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL, cwd=self.folder, env={
                **s.environment(), "PATH": zoo + os.environ["PATH"], "ROOT": str(self.folder),
                "GUARD": os.environ.get("RELAYGUARD", str(lab.BUILD / "relayguard")),
                "GUARD_PID": str(self.child.pid if self.child else 0)})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def slapd_pid(self):
        return int(self.text("run/slapd/slapd.pid") or 0)

    def end_slapd(self, how=signal.SIGKILL):
        pid = self.slapd_pid()
        with suppress(OSError):
            if Path(f"/proc/{pid}/exe").resolve() == s.PROGRAM.resolve():
                os.kill(pid, how)
        lab.wait_for(lambda: not Path(f"/proc/{pid}").exists() or not pid, "the end of slapd")

    def close(self):
        self.end_slapd()
        super().close()


@pytest.fixture(scope="module")
def machine():
    with Machine() as m:
        m.said = m.shell(block("From nothing to a directory"))
        yield m


def test_the_reader_sees_these_commands():
    if not shutil.which("mandoc"):
        pytest.skip("no mandoc here")
    page = subprocess.run(["mandoc", "-T", "ascii", lab.TOP / "conf/relayguard.yaml.5"],
                          capture_output=True, text=True, check=True).stdout
    page = [line.strip() for line in re.sub(".\b", "", page).split("\n")]
    for title in ("From nothing to a directory", "Day by day", "Several servers, several guards"):
        for line in block(title).split("\n"):
            assert line.strip() in page


def test_from_nothing_to_a_directory(machine):
    machine.wait_state("live")
    assert machine.relays("customer.example") and machine.relays("www.customer.example")
    assert machine.trusts("192.0.2.15") and not machine.trusts("192.0.2.16")
    assert machine.trusts("198.51.100.7")
    assert not machine.relays("partner.example")
    for found in (r"relay +customer\.example ", r"client +192\.0\.2\.0/28 ",
                  r"client +198\.51\.100\.7 .*cn=Alice at the fair,o=example"):
        assert re.search(found, machine.said)
    assert machine.command("testconf").returncode == 0
    assert re.search(r"^directory +live since .* 0 wrong$", machine.command("status").stdout, re.M)
    assert (machine.folder / "etc/relayguard/ldap.password").stat().st_mode & 0o777 == 0o600


def test_the_roaming_client_lasts_three_days(machine):
    shown = machine.command("policy", "show", "--ldap").stdout
    line = next(x for x in shown.split("\n") if "198.51.100.7" in x)
    days = [time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400 * 3 - back))
            for back in (0, 300)]
    assert any(day in line for day in days), line


def test_the_guard_may_change_nothing_and_nobody_reads(machine):
    password = machine.text("etc/relayguard/ldap.password").strip()
    url = f"ldap://127.0.0.1:{machine.port}"

    def tool(name, *arguments):
        return subprocess.run([s.ZOO / "usr/bin" / name, "-x", "-H", url, *arguments],
                              env=s.environment(), capture_output=True, text=True)
    guard = ["-D", "cn=guard,o=example", "-w", password]
    done = tool("ldapdelete", *guard, "rgDomain=customer.example,o=example")
    assert "Insufficient access (50)" in done.stderr
    assert "userPassword" not in tool("ldapsearch", *guard, "-b", "o=example").stdout
    assert tool("ldapsearch", "-LLL", "-b", "o=example").stdout.strip() == ""


def test_day_by_day(machine):
    machine.wait_state("live")
    machine.shell(block("Day by day"))
    machine.wait_relays("partner.example")
    lab.wait_for(lambda: not machine.trusts("192.0.2.15"), "the office is switched off")
    lab.wait_for(lambda: not machine.trusts("198.51.100.7"), "Alice is gone")
    assert machine.relays("customer.example")


DOMAIN = """\
ldapadd -Y EXTERNAL -H ldapi:/// << END
dn: rgDomain={0},o=example
objectClass: rgRelayDomain
rgDomain: {0}
END
"""


def test_after_a_crash_of_slapd_nothing_is_read_anew(machine):
    machine.end_slapd(signal.SIGTERM)  # then it has written down how far it is
    machine.shell("systemctl restart slapd")
    machine.wait_state("live", seconds=30)
    machine.shell(DOMAIN.format("crash.example"))
    machine.wait_relays("crash.example")
    # no entry tells when the last change was, if that is a deletion
    machine.shell("ldapdelete -Y EXTERNAL -H ldapi:/// rgDomain=crash.example,o=example")
    machine.wait_relays("crash.example", False)
    machine.end_slapd()
    machine.wait_state("refresh")
    assert machine.relays("customer.example")
    machine.shell("systemctl restart slapd")
    machine.wait_state("live", seconds=30)
    assert "everything again" not in machine.text("output")


def member(machine, number, *others):
    """Make it one of several servers, as the manual says."""
    lines = block("Several servers, several guards")
    [link] = re.findall(r"syncrepl .*\n(?: .*\n)+", lines)
    links = "".join(link.replace("rid=002", f"rid={n:03d}").replace(
        "ldap://two.example", f"ldap://127.0.0.1:{other.port}") for n, other in others)
    conf = machine.folder / "etc/ldap/slapd.conf"
    lines = lines.replace(link, links).replace("serverID    1", f"serverID    {number}")
    conf.write_text(conf.read_text().replace("limits ", lines + "limits ", 1))


def test_several_servers():
    with Machine() as one, Machine() as two:
        conf, data = block("From nothing to a directory").split("systemctl restart slapd\n")
        one.shell(conf)
        two.shell(conf)
        member(one, 1, (2, two))
        member(two, 2, (1, one))
        one.shell("systemctl restart slapd\n" + data.replace(
            "[ldap://127.0.0.1]", f"[ldap://127.0.0.1, ldap://127.1:{two.port}]"))
        account = data.split("dn: cn=guard,", 1)[1].split("\n\n")[0]
        copy = ("dn: cn=guard," + account).replace("cn=guard", "cn=copy").replace(
            "cn: guard", "cn: copy").replace("$(cat ldap.password)", "SECRET")
        one.shell(f"ldapadd -Y EXTERNAL -H ldapi:/// << END\n{copy}\nEND\n")
        two.shell("systemctl restart slapd")
        one.wait_state("live")
        one.shell(DOMAIN.format("by-one.example"))
        one.wait_relays("by-one.example")
        lab.wait_for(lambda: has(two, "by-one.example"), "what one passes on", 40)
        one.end_slapd()
        one.wait_state("live", seconds=30)
        lab.wait_for(lambda: "127.1:" in one.directory()["uri"], "the guard is with two", 20)
        two.shell(DOMAIN.format("by-two.example"))
        one.wait_relays("by-two.example")
        assert one.relays("by-one.example") and one.relays("customer.example")
        assert "everything again" not in one.text("output")
        one.shell("systemctl restart slapd")
        lab.wait_for(lambda: has(one, "by-two.example"), "what two passes on", 40)


def has(machine, domain):
    return domain in machine.shell(
        f"ldapsearch -LLL -Y EXTERNAL -H ldapi:/// -b o=example rgDomain={domain} rgDomain || :")
