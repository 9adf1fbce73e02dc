# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard lint`: every planted fault is found and nothing else, nothing in
a good configuration; and what the "opens" column says is what a sendmail with
that very .cf lets through: the paper's tests by `relayguard probe`, the other
rows of the table of MTAs by hand.

Where milter and map door are in the .cf, they are there: a guard in monitor
mode, which refuses nothing, and a map that has no opinion."""
import itertools
import json
import os
import re
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

import lab
import pytest
from lab import Guard, Sendmail

sys.path.insert(0, str(Path(__file__).parents[1] / "table"))
import zoo
from forms import OTHERS, OUTSIDE, H, L, R, cell, spellings

TOP = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("RELAYGUARD", TOP / "build/relayguard")).resolve()

MAP_DOOR = """\
Kguard socket {flags} local:{map}
LOCAL_RULESETS
SLocal_check_rcpt
R$*\t\t$: $1 $| $(guard $&{{client_addr}} $| $&f $| $1 $: NONE $)
R$* $| RELAY\t$# RELAY
R$* $| DENY\t$#error $@ 5.7.1 $: "550 relay refused by guard"
R$* $| $* <TMPF>\t$#error $@ 4.3.0 $: "451 policy service down, try later"
R$* $| $*\t$@ OK
"""
FLAGS = "-q -f -d5 -T<TMPF>"

UUCP = ["FEATURE(`nouucp',`nospecial')"]
PERCENT = ["FEATURE(`nopercenthack',`nospecial')"]
LOCAL_RELAY = ["define(`LOCAL_RELAY',`esmtp:hub.guard.test')"]
MAIL_HUB = ["define(`MAIL_HUB',`esmtp:hub.guard.test')"]
UNQUALIFIED = ["FEATURE(`accept_unqualified_senders')"]
UNRESOLVABLE = ["FEATURE(`accept_unresolvable_domains')"]
ACCESS = ["FEATURE(`access_db',`text -k0 -v1 {folder}/access')"]


def feature(name):
    return [f"FEATURE(`{name}')"]


def milter(fields):
    return [f"INPUT_MAIL_FILTER(`relayguard',`{fields}')"]


class Plant(NamedTuple):
    """A configuration with faults; {guard}, {map} and so on are filled in."""
    name: str
    found: list              # names of the findings
    mc: list = []
    milter: str = "S=local:{guard}, F=T, T=C:5s;S:5s;R:8s;E:20s"
    flags: str = FLAGS       # of the map door; None: there is none
    rules: tuple = ("", "")  # replaced in the map door
    relay: tuple = (R,)
    access: str = ""
    file: str = ""           # {folder}/relay-domains
    to: str = None           # probe --to
    opens: str = None        # what it opens, where that is worth spelling out


PLANTS = [
    Plant("promiscuous_relay", ["promiscuous_relay"], feature("promiscuous_relay"),
          opens="P00 P01 P05 P06 P08 P09 P10 P11 P13 P15 P16 P17 P18 P19 "
                "G01 G02 G03 G04 G06 G07 G08 G09 G10 G11 G12 P08.28 T17 P01.31"),
    Plant("promiscuous_relay, any sender",
          ["promiscuous_relay", "accept_unqualified_senders",
           "accept_unresolvable_domains"],
          feature("promiscuous_relay") + UNQUALIFIED + UNRESOLVABLE),
    # with delay_checks the probe's senders, which do not exist, are in the way
    Plant("promiscuous_relay, delay_checks",
          ["promiscuous_relay", "accept_unresolvable_domains"],
          feature("delay_checks") + feature("promiscuous_relay") + UNRESOLVABLE),
    Plant("relay_local_from, delay_checks", ["relay_local_from"],
          feature("delay_checks") + feature("relay_local_from")),
    Plant("relay_entire_domain", ["relay_entire_domain"],
          feature("relay_entire_domain"), opens="P01.31"),
    Plant("relay_entire_domain, relay_hosts_only", ["relay_entire_domain"],
          feature("relay_hosts_only") + feature("relay_entire_domain")),
    Plant("relay_local_from", ["relay_local_from"], feature("relay_local_from"),
          opens="P00 P06 P09 P10 P11 P13 P16 P18 P19"),
    Plant("relay_local_from, unqualified",
          ["relay_local_from", "accept_unqualified_senders"],
          feature("relay_local_from") + UNQUALIFIED),
    Plant("relay_mail_from domain", ["relay_mail_from"],
          ACCESS + ["FEATURE(`relay_mail_from',`domain')"],
          access=f"From:{H}\tRELAY\n"),
    Plant("relay_mail_from address", ["relay_mail_from"],
          ACCESS + feature("relay_mail_from"), access=f"From:root@{H}\tRELAY\n",
          opens="P06"),
    Plant("relay_mail_from nobody", ["relay_mail_from"],
          ACCESS + feature("relay_mail_from"), access=f"Connect:10.9\tRELAY\n",
          opens=""),
    Plant("loose_relay_check", ["loose_relay_check"], feature("loose_relay_check"),
          opens="G01 G02 G03 G06 G07 G08 G09 G10 G11"),
    Plant("loose_relay_check, relay domain in the access map",
          ["loose_relay_check"], ACCESS + feature("loose_relay_check"), relay=(),
          access=f"To:{R}\tRELAY\n"),
    Plant("loose_relay_check without relay domains", ["loose_relay_check"],
          feature("loose_relay_check"), relay=(), opens=""),
    Plant("accept_unresolvable_domains", ["accept_unresolvable_domains"],
          UNRESOLVABLE, opens=""),
    Plant("accept_unresolvable_domains, delay_checks",
          ["accept_unresolvable_domains"],
          feature("delay_checks") + UNRESOLVABLE, opens=""),
    Plant("accept_unqualified_senders", ["accept_unqualified_senders"],
          UNQUALIFIED, opens=""),
    Plant("nouucp nospecial", ["nouucp_nospecial"], UUCP, opens="G03 G09 G12"),
    Plant("nopercenthack nospecial", ["nopercenthack_nospecial"], PERCENT,
          opens="G01 G06 G08 G10"),
    Plant("LOCAL_RELAY", ["LOCAL_RELAY"], LOCAL_RELAY, opens="P13.1"),
    Plant("LOCAL_RELAY, nospecial",
          ["nouucp_nospecial", "nopercenthack_nospecial", "LOCAL_RELAY"],
          UUCP + PERCENT + LOCAL_RELAY),
    Plant("MAIL_HUB, nospecial",
          ["nouucp_nospecial", "nopercenthack_nospecial", "MAIL_HUB"],
          UUCP + PERCENT + MAIL_HUB),
    Plant("TLD in class R", ["class_R_tld"], relay=(R, "test"), to="dst.test"),
    Plant("TLD in a file", ["class_R_tld"], to="dst.test",
          mc=["RELAY_DOMAIN_FILE(`{folder}/relay-domains')"],
          file="# ours\nrelay.test\n.test # all of them\n"),
    Plant("network in class R", ["class_R_wide"], relay=(R, "127")),
    Plant("TLD in the access map", ["access_tld"], ACCESS, to="dst.test",
          access="# ours\n#To:org RELAY\nTo:relay.test\tRELAY\nTo:test  relay\n"),
    Plant("TLD in the access map, no tag", ["access_tld"], ACCESS, to="dst.test",
          access="x.test\tREJECT\ntest\tRELAY\n"),
    Plant("TLD with a dot in the access map", ["access_tld"], ACCESS + feature(
          "lookupdotdomain"), to="dst.test", access="To:.test\tRELAY\n"),
    Plant("network in the access map", ["access_wide"], ACCESS,
          access="Connect:127\tRELAY\n"),
    Plant("network in the access map, no tag", ["access_wide"], ACCESS,
          access="127\tRELAY\n"),
    Plant("TLD in the access map and a feature", ["access_tld", "nouucp_nospecial"],
          ACCESS + UUCP, to="dst.test", access="To:test\tRELAY\n"),
    Plant("rule for all in Local_check_rcpt", ["local_rule_relays"],
          rules=("R$* $| $*\t$@ OK\n", "R$*\t\t$# RELAY\t\tall of them\n")),
    Plant("rule for all in Local_check_rcpt, divided", ["local_rule_relays"],
          rules=("R$* $| $*\t$@ OK\n", "R$* $| $*\t\t$#OK\n")),
    Plant("rule for all in Local_check_rcpt, first",
          ["local_rule_relays", "map_door_missing"], flags=None,
          mc=["LOCAL_RULESETS\nSLocal_check_rcpt\nR$+\t$# RELAY\ndivert(0)"]),
    Plant("rule for all in Local_check_rcpt, behind FEATURE(`relayguard')",
          ["local_rule_relays"], milter=None, flags=None,
          mc=["FEATURE(`relayguard',`{doors}')", "LOCAL_RULESETS\nR$*\t$# RELAY"]),
    Plant("rule for all in Local_check_rcpt, delay_checks", ["local_rule_relays"],
          feature("delay_checks"), rules=("R$* $| $*\t$@ OK\n", "R$*\t$# OK\n")),
    Plant("rule for all in Local_Relay_Auth", ["local_rule_relays"], rules=(
          "SLocal_check_rcpt", "SLocal_Relay_Auth\nR$*\t$# RELAY\nSLocal_check_rcpt")),
    Plant("rule for all in Rcpt_ok", ["local_rule_relays"], rules=(
          "SLocal_check_rcpt", "SRcpt_ok\nR$*\t$@ RELAY\nSLocal_check_rcpt")),
    Plant("rule for all in Local_Relay_Auth, delay_checks", ["local_rule_relays"],
          feature("delay_checks"), rules=("SLocal_check_rcpt",
          "SLocal_Relay_Auth\nR$*\t$# RELAY\nSLocal_check_rcpt")),
    Plant("rule for all in Rcpt_ok, delay_checks",
          ["local_rule_relays", "accept_unresolvable_domains"],
          feature("delay_checks") + UNRESOLVABLE, rules=("SLocal_check_rcpt",
          "SRcpt_ok\nR$*\t$@ RELAY\nSLocal_check_rcpt")),
    Plant("rule for all in Rcpt_ok at once, delay_checks", ["local_rule_relays"],
          feature("delay_checks"), rules=("SLocal_check_rcpt",
          "SRcpt_ok\nR$*\t$# RELAY\nSLocal_check_rcpt")),
    Plant("ANONYMOUS in TRUST_AUTH_MECH", ["anonymous_auth"],
          ["TRUST_AUTH_MECH(`PLAIN ANONYMOUS')"], opens=""),
    Plant("relay_based_on_MX", ["relay_based_on_MX"], feature("relay_based_on_MX"),
          opens=""),
    Plant("no milter", ["milter_missing"], milter=None, opens=""),
    Plant("milter not in use", ["milter_missing"], milter=None,
          mc=["MAIL_FILTER(`relayguard',`S=local:{guard}, F=T')"]),
    Plant("milter without F=", ["milter_flags"], milter="S=local:{guard}"),
    Plant("milter with F=R", ["milter_flags"], milter="S=local:{guard}, F=R"),
    Plant("milter over TCP", ["milter_socket_tcp"],
          milter="S=inet:9@[127.0.0.1], F=T"),
    Plant("milter in a writable directory", ["socket_directory"],
          milter="S=local:{writable}/run/relayguard.sock, F=T"),
    Plant("port without milter", ["daemon_without_milter"],
          mc=["MAIL_FILTER(`other',`S=local:{folder}/other')",
              "DAEMON_OPTIONS(`Port={port}, Addr=127.0.0.1, Name=X, "
              "InputMailFilters=other')"]),
    Plant("FEATURE(`relayguard') without the map door", ["map_door_missing"],
          ["FEATURE(`relayguard',`{doors}',`milter')"], milter=None, flags=None),
    Plant("FEATURE(`relayguard') without the milter", ["milter_missing"],
          ["FEATURE(`relayguard',`{doors}',`map')"], milter=None, flags=None),
    Plant("FEATURE(`relayguard') in a writable directory",
          ["socket_directory", "socket_directory"],
          ["FEATURE(`relayguard',`{writable}/run')"], milter=None, flags=None),
    Plant("no map door", ["map_door_missing"], flags=None, opens=""),
    Plant("map without -q", ["map_door_flags"], flags="-f -d5 -T<TMPF>"),
    Plant("map without -f", ["map_door_flags"], flags="-q -d5 -T<TMPF>"),
    Plant("map without -d", ["map_door_flags"], flags="-q -f -T<TMPF>"),
    Plant("map without -T", ["map_door_flags"], flags="-q -f -d5"),
    Plant("map without a rule for -T", ["map_door_flags"],
          rules=("<TMPF>\t$#error $@ 4.3.0", "<TMPF>\t$#error $@ 5.3.0")),
    Plant("map that nobody asks", ["map_door_missing"],
          rules=("$(guard", "$(dequote")),
]
GOOD = [
    Plant("good", [], opens=""),
    Plant("good, FEATURE(`relayguard')", [], ["FEATURE(`relayguard',`{doors}')"],
          milter=None, flags=None, opens=""),
    Plant("good, access map at the map door", [],
          ["FEATURE(`access_db',`socket -T<TMPF> local:{map}')"], opens=""),
    Plant("good, access map", [], ACCESS, access=f"To:{R}\tRELAY\n", opens=""),
    Plant("good, access map that says no to all", [], ACCESS, opens="", to="dst.test",
          access="To:test\tREJECT\nConnect:127\tOK\nFrom:test\tRELAY\n"
                 "Connect:127.0.0.1\tRELAY\nConnect:10.9\tRELAY\n"
                 "Connect:localhost\tRELAY\nuser@test\tRELAY\n"),
    Plant("good, TLD with a dot that is not looked up", [], ACCESS, to="dst.test",
          access="To:.test\tRELAY\n", opens=""),
    Plant("good, what has no effect where it stands", [], opens="", rules=(
          "SLocal_check_rcpt", "SLocal_Relay_Auth\nR$*\t$@ RELAY\n"
          "SLocal_check_relay\nR$*\t$# OK\nSLocal_check_rcpt")),
    Plant("good, a yes behind the end", [], opens="",
          rules=("$@ OK\n", "$@ OK\nR$*\t$# RELAY\n")),
    Plant("good, grants for those who authenticate", [], opens="", rules=(
          "SLocal_check_rcpt", "SLocal_Relay_Auth\nR$@\t$@ NO\n"
          "R$*\t$# RELAY\nSLocal_check_rcpt")),
    Plant("good, grants that a macro gives", [], opens="", rules=(
          "SLocal_check_rcpt", "SRcpt_ok\nR$*\t$: $1 $| $&{RelayguardGrant}\n"
          "R$* $| YES\t$@ RELAY\nR$* $| $*\t$: $1\nSLocal_check_rcpt")),
    Plant("good, reject", [], ["FEATURE(`nouucp',`reject')",
                               "FEATURE(`nopercenthack',`reject')"], opens=""),
    Plant("good, networks", [], relay=(R, "10.9", "192.168.7", "localhost",
                                       "IPv6:2001:db8:7"), opens=""),
    Plant("good, another milter fails open", [],
          ["INPUT_MAIL_FILTER(`spam',`S=local:{folder}/spam')"], opens=""),
]


# ---- the lab ----------------------------------------------------------------


class NoOpinion(socketserver.StreamRequestHandler):
    """The map door's other end: netstrings, each answered NOTFOUND."""

    def handle(self):
        while True:
            length = b""
            while not length.endswith(b":"):
                byte = self.rfile.read(1)
                if not byte:
                    return
                length += byte
            self.rfile.read(int(length[:-1]) + 1)
            self.wfile.write(b"9:NOTFOUND ,")


@pytest.fixture(scope="module")
def places():
    """{guard, map, doors, writable}: the sockets of both doors, their folder,
    and one that sendmail would not trust."""
    folder = Path(tempfile.mkdtemp(prefix="writable-", dir=lab.safe_base()))
    (folder / "run").mkdir()
    folder.chmod(0o775)

    class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True
    policy = f"local {L}\nlocal {H}\nrelay {R}\n"
    with Guard(policy, mode="monitor", map_socket="") as guard, \
         Server(str(guard.socket.parent / "map.sock"), NoOpinion) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"guard": guard.socket, "map": guard.socket.parent / "map.sock",
               "doors": guard.socket.parent, "writable": folder}
        server.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


class Planted(Sendmail):
    """A sendmail with that configuration."""

    def __init__(self, plant, places):
        super().__init__(sender_domains_must_exist=True, hostname=H,
                         local_domains=[L], relay_domains=plant.relay)
        names = {**places, "folder": self.folder, "port": lab.free_port()}
        lines = plant.mc + (milter(plant.milter) if plant.milter else [])
        self.options += [line.format(**names) for line in lines]
        if plant.flags is not None:
            door = MAP_DOOR.format(flags=plant.flags, **names)
            self.local_config.append(door.replace(*plant.rules))
        (self.folder / "access").write_text(plant.access)
        (self.folder / "relay-domains").write_text(plant.file)


def lint(*arguments):
    return subprocess.run([BINARY, "lint", *arguments], capture_output=True,
                          text=True, timeout=60)


def stderr(done):
    """Without what the machine may lack and the example names."""
    return "".join(line for line in done.stderr.splitlines(True)
                   if not re.search("/etc/mail/(relay-domains|access): note:", line))


class Report:
    """What lint says about the files of a folder."""

    def __init__(self, folder, *arguments):
        done = lint("--json", *arguments, folder / "sendmail.cf")
        assert stderr(done) == ""
        self.doc = json.loads(done.stdout)
        self.findings = self.doc["findings"]
        assert done.returncode == self.doc["exit"] == bool(self.findings)
        self.names = sorted(f["name"] for f in self.findings)
        self.opens = set().union(*(f["opens"] for f in self.findings))


def let_through(mta, *options):
    """The ids of the tests and rows that pass from outside."""
    done = subprocess.run([BINARY, "probe", "--format", "json", *options,
                           f"127.0.0.1:{mta.port}"], capture_output=True,
                          text=True, timeout=60)
    doc = json.loads(done.stdout)
    # 3: a network is trusted that the source is in, or a milter with F=T is away
    assert done.returncode < 3 or re.search(
        "trusts the source|deferred: 451", doc["reasons"][0]), doc["reasons"]
    found = {t["id"] for t in doc["tests"] if t["outcome"] == "accepted"}
    # the null sender, because the table's does not exist
    rows = OTHERS
    per_row = [[(s.replace(OUTSIDE, "<>"), rcpts) for s, rcpts in spellings(r)]
               for r in rows]
    replies = iter(zoo.ask(mta, list(itertools.chain(*per_row))))
    for row, envelopes in zip(rows, per_row):
        if cell(row, [next(replies) for _ in envelopes]) == "accept":
            found.add(row.id)
    return found


# ---- the promise ------------------------------------------------------------


RUNNING = [p for p in PLANTS + GOOD if "socket_directory" not in p.found]


@pytest.mark.parametrize("plant", RUNNING, ids=lambda p: p.name)
def test_found_and_as_probed(places, plant):
    options = ["--to", plant.to] if plant.to else []
    with Planted(plant, places) as mta:
        report = Report(mta.folder, "--mc", mta.folder / "sendmail.mc")
        passed = let_through(mta, *options)
        lines = {str(mta.folder / n): mta.text(n).splitlines() for n in
                 ("sendmail.cf", "sendmail.mc", "relay-domains", "access")}
    assert report.names == sorted(plant.found)
    assert report.opens == passed
    if plant.opens is not None:
        assert passed == set(plant.opens.split())
    for f in report.findings:
        assert f["line"] is None or f["line"] <= len(lines[f["file"]])
        macro = macro_of(f, plant)
        assert bool(f["mc_line"]) == bool(macro)
        assert macro in lines[str(mta.folder / "sendmail.mc")][(f["mc_line"] or 0) - 1]


def macro_of(finding, plant):
    """What the line of the .mc has that makes this; "" if there is none."""
    name = finding["name"]
    if plant.file or name == "map_door_missing" or plant.name == "no milter":
        return ""
    if name.startswith("access_") or name == "local_rule_relays":
        return ""
    if "relayguard" in plant.name:
        return "FEATURE(`relayguard'" if name == "socket_directory" else ""
    if name == "map_door_flags":
        return "Kguard"
    if name.startswith("milter") or name == "socket_directory":
        return "MAIL_FILTER(`relayguard'"
    return {"class_R_tld": "RELAY_DOMAIN(`test'", "class_R_wide": "RELAY_DOMAIN(`127'",
            "daemon_without_milter": "InputMailFilters=other",
            "anonymous_auth": "TRUST_AUTH_MECH(`PLAIN ANONYMOUS')",
            }.get(name, "`" + name.removesuffix("_nospecial") + "'")


def test_socket_directory(places):
    """sendmail, too, does not trust it, and does not start."""
    plant = next(p for p in PLANTS if p.found == ["socket_directory"])
    with pytest.raises(lab.LabError, match="unsafe: Group writable directory"):
        with Planted(plant, places):
            pass


SWITCHES = {
    "relay_entire_domain": feature("relay_entire_domain"),
    "relay_local_from": feature("relay_local_from"),
    "loose_relay_check": feature("loose_relay_check"),
    "accept_unqualified_senders": UNQUALIFIED,
    "nouucp_nospecial": UUCP, "nopercenthack_nospecial": PERCENT,
    "LOCAL_RELAY": LOCAL_RELAY, "promiscuous_relay": feature("promiscuous_relay"),
}


@pytest.mark.parametrize("one, two", itertools.combinations(SWITCHES, 2))
def test_together_as_probed(one, two):
    """Some open more together than each alone, some less."""
    plant = Plant("", [], SWITCHES[one] + SWITCHES[two], milter=None, flags=None)
    with Planted(plant, {}) as mta:
        report = Report(mta.folder)
        passed = let_through(mta)
    expected = [one, two, "milter_missing", "map_door_missing"]
    if two == "promiscuous_relay" and one.startswith("relay_"):
        expected.remove(one)  # its rules are left out with all the others
    assert report.names == sorted(expected)
    assert report.opens == passed


# ---- that faults of the doors are faults ------------------------------------


def test_milter_without_flags_is_no_milter_when_away(places):
    """The same .cf but for F=T; the guard is not there."""
    away = str(places["doors"] / "away.sock")
    outcomes = []
    for flags in ("", ", F=T"):
        plant = Plant("", [], feature("promiscuous_relay"),
                      milter=f"S=local:{away}{flags}")
        with Planted(plant, places) as mta:
            outcomes.append(let_through(mta))
    assert len(outcomes[0]) == 28 and outcomes[1] == set()


def test_port_without_milter_is_open(places):
    plant = Plant("", [], feature("promiscuous_relay") + PLANTS[[
        p.name for p in PLANTS].index("port without milter")].mc)
    with Guard(f"local {H}\n") as guard:
        with Planted(plant, {**places, "guard": guard.socket}) as mta:
            other = int(re.findall(r"Port=(\d+)", mta.text("sendmail.mc"))[1])
            assert let_through(mta) == set()
            lab.wait_for(lambda: lab.listening(other), "the other port")
            mta.port = other
            assert len(let_through(mta)) == 28


# ---- files ------------------------------------------------------------------


def expand(folder, mc):
    """folder/sendmail.cf of this .mc."""
    (folder / "sendmail.mc").write_text(mc)
    (folder / "sendmail.cf").write_bytes(lab.m4(folder / "sendmail.mc").stdout)


EXAMPLE = (TOP / "sendmail.mc.example").read_text()


def test_nothing_in_the_example(tmp_path):
    expand(tmp_path, EXAMPLE)
    report = lint("--mc", tmp_path / "sendmail.mc", tmp_path / "sendmail.cf")
    assert (report.returncode, report.stdout) == \
        (0, f"{tmp_path}/sendmail.cf: clean\n")


@pytest.mark.parametrize("plant", PLANTS, ids=lambda p: p.name)
def test_without_comments_and_with_other_blanks(places, plant):
    """Those who strip comments and touch blanks hide nothing."""
    mta = Planted(plant, places)
    try:
        mta.port = 25
        mta.write_files()
        before = Report(mta.folder).names
        cf = mta.folder / "sendmail.cf"
        text = re.sub(r"(?m)^#.*\n(?:[ \t].*\n)*", "", cf.read_text())
        text = re.sub(r"(?m)^\n", "", text)
        text = re.sub(r"(?m)^(R.*?) *(\t+) *", r"\1 \2 ", text)
        cf.write_text(text)
        assert Report(mta.folder).names == before == sorted(plant.found)
    finally:
        mta.close()


def test_changed_but_not_made(tmp_path):
    expand(tmp_path, EXAMPLE)
    mc = (tmp_path / "sendmail.mc").read_text().replace(
        "MAILER(`local')dnl", "FEATURE(`promiscuous_relay')dnl\n"
        "dnl FEATURE(`relay_local_from')\ndefine(`MAIL_HUB', `')\n"
        "FEATURE(`nouucp', `reject')\nMAILER(`local')dnl")
    (tmp_path / "sendmail.mc").write_text(mc)
    [finding] = Report(tmp_path, "--mc", tmp_path / "sendmail.mc").findings
    assert finding["name"] == "mc_not_applied"
    assert finding["file"] == str(tmp_path / "sendmail.mc")
    assert "promiscuous_relay" in mc.splitlines()[finding["line"] - 1]


@pytest.mark.parametrize("content, words", [
    (None, "No such file"),
    ("", "not a sendmail.cf"),
    ("key: value\n", "1: no command of a sendmail.cf: \"key: value\""),
    ("S0\nR$* $1\n", "2: a rule without a tab"),
    ("S0\nCw\x1b[31m\n\x1b]0;x\x07\n", "\\x1b]0;x\\x07"),
    ("\x7fELF\0\0\0", "NUL"),
], ids=["absent", "empty", "yaml", "no tab", "escapes", "binary"])
def test_unreadable(tmp_path, content, words):
    cf = tmp_path / "sendmail.cf"
    if content is not None:
        cf.write_text(content)
    for option in ([], ["--json"]):
        done = lint(*option, cf)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr and str(cf) in done.stderr
        assert all(32 <= ord(c) < 127 or c == "\n" for c in done.stderr)


def test_unreadable_others(tmp_path):
    expand(tmp_path, EXAMPLE)
    done = lint("--mc", tmp_path / "none.mc", tmp_path / "sendmail.cf")
    assert done.returncode == 2 and "none.mc" in done.stderr
    assert lint(tmp_path).returncode == 2  # a directory
    # what class R has is not known: said, and no reason to say nothing else
    expand(tmp_path, EXAMPLE.replace("`/etc/mail/relay-domains'",
                                     f"`{tmp_path}/none'"))
    done = lint(tmp_path / "sendmail.cf")
    assert done.returncode == 0 and f"{tmp_path}/none: note:" in done.stderr


def test_every_finding_is_in_the_manual_and_planted():
    table = (TOP / "milter/probe/lint_table.c").read_text()
    names = re.findall(r'\{ "(\w+)", (?:0|OPEN_\w+), (?:lint_|NULL)', table)
    assert len(names) == 26
    manual = (TOP / "milter/relayguard.8").read_text()
    for name in names:
        assert re.search(rf"^\.It Cm (.* )?{name}( .*)?$", manual, re.M), name
    assert set(names) == {n for p in PLANTS for n in p.found} | {"mc_not_applied"}


@pytest.mark.parametrize("entry, found", [
    ("Connect:com\tRELAY", "access_tld: com"), ("com\tRELAY", "access_tld: com"),
    ("CONNECT:1\tRELAY", "access_wide: 1 is 1.0.0.0/8"),
    ("0\tRELAY", "access_wide: 0 is 0.0.0.0/8"),
    ("Connect:8.8\tRELAY", "access_wide: 8.8 is 8.8.0.0/16"),
    ("Connect:IPv6\tRELAY", "access_wide: IPv6 is all of IPv6"),
    ("IPv6:2001\tRELAY", "access_wide: IPv6:2001 is 2001::/16"),
    ("Connect:IPv6:2001:db8:7\tRELAY", ""), ("Connect:8.8.8\tRELAY", ""),
    ("To:1\tRELAY", ""), ("From:com\tRELAY", ""), ("CertIssuer:com\tRELAY", ""),
    ("com\tRELAY more", ""), ("To:\tRELAY", ""), ("RELAY", ""),
])
def test_entries_of_the_access_map(tmp_path, entry, found):
    """Those whom the lab cannot send from, too: clients by name, by IPv6."""
    (tmp_path / "access").write_text(f"# ours\n{entry}\nTo:relay.test\tRELAY\n")
    expand(tmp_path, EXAMPLE.replace("FEATURE(`access_db', , `skip')",
           f"FEATURE(`access_db',`hash -T<TMPF> {tmp_path}/access')"))
    said = [f"{f['name']}: {f['detail']}" for f in Report(tmp_path).findings]
    name, _, rest = found.partition(": ")
    tag = re.match("(?:connect:)?", entry, re.I)[0]
    assert said == ([f"{name}: {tag}{rest}"] if found else [])


def test_access_map_that_cannot_be_read(tmp_path):
    expand(tmp_path, EXAMPLE.replace("FEATURE(`access_db', , `skip')",
           f"FEATURE(`access_db',`hash -T<TMPF> {tmp_path}/access')"))
    done = lint(tmp_path / "sendmail.cf")
    assert done.returncode == 0 and f"{tmp_path}/access: note: cannot" in done.stderr


def test_a_rule_for_all_whose_name_is_known(tmp_path):
    """Relay_ok refuses before those without: the probe's, here."""
    expand(tmp_path, EXAMPLE.replace("MAILER(`local')dnl",
           "LOCAL_RULESETS\nSRelay_ok\nR$*\t$@ RELAY\nMAILER(`local')dnl"))
    [finding] = Report(tmp_path).findings
    assert finding["name"] == "local_rule_relays"
    assert finding["detail"] == \
        "in Relay_ok, for clients whose name leads back to them"


def test_anonymous_relays():
    """Whoever says AUTH ANONYMOUS may, once it is offered."""
    offer = ["define(`confAUTH_MECHANISMS',`ANONYMOUS')", "define(`confAUTH_OPTIONS',`A')",
             "TRUST_AUTH_MECH(`ANONYMOUS')"]
    place = Path(tempfile.mkdtemp(prefix="sasl-", dir=lab.safe_base()))
    (place / "Sendmail.conf").write_text("mech_list: ANONYMOUS\n")
    try:
        with Sendmail(extra_mc=offer, extra_cf=[f"ESASL_CONF_PATH={place}"]) as mta, \
             lab.SmtpSession(mta) as s:
            [finding] = [f for f in Report(mta.folder).findings
                         if f["name"] == "anonymous_auth"]
            envelope = "<a@b.example>", "<c@d.example>"
            assert s.envelope(*envelope)[1].code == 550
            s.cmd("RSET")
            assert s.cmd("AUTH ANONYMOUS bm9ib2R5").code == 235
            assert s.envelope(*envelope)[1].code == 250
    finally:
        shutil.rmtree(place)
    assert finding["detail"] == "AuthMechanisms offers it"


def test_usage():
    for wrong in (["-x"], ["--mc"], ["a", "b"], ["--json=1"]):
        done = lint(*wrong)
        assert (done.returncode, done.stdout) == (64, ""), wrong
        assert "--help" in done.stderr
    assert "--mc" in lint("--help").stdout
    assert lint("--version").returncode == 0


def test_text(tmp_path):
    expand(tmp_path, EXAMPLE.replace("MAILER(`local')dnl",
           "FEATURE(`relay_local_from')dnl\nMAILER(`local')dnl"))
    mc, cf = tmp_path / "sendmail.mc", tmp_path / "sendmail.cf"
    done = lint("--mc", mc, cf)
    assert done.returncode == 1 and stderr(done) == ""
    assert re.match(rf"{cf}:\d+: relay_local_from\n", done.stdout)
    assert f"{mc}:" in done.stdout
    assert "opens:    P00 P06 P09 P10 P11 P13 P16 P18 P19\n" in done.stdout
    assert done.stdout.endswith(f"{cf}: 1 finding\n")
    assert max(map(len, done.stdout.replace(str(mc), "").splitlines())) <= 130
    assert "\033" not in done.stdout
