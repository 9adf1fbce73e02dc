# SPDX-License-Identifier: BSD-2-Clause
"""The formats of `relayguard probe`, read by those who will read them: prove,
xmllint and a schema, jq, a plugin's parser.  Every server here is hostile: its
banner and its replies hold what breaks a format.
"""

import json
import re
import subprocess
import xml.etree.ElementTree as ET

import pytest

import lab
from sink import DENIED, Sink, closed, open_relay, run, strangers

SCHEMA = lab.TOP / "tests/schema/junit.xsd"
# what ends a string, a tag, a comment, a line, a description or a YAML block
EVIL = "\" ' <script>alert(1)</script> ]]> --> # SKIP & %s%n | $HOME `id` ; \\ \x1b[2J \x07 \xff\xe9 \t..."
BANNER = f"220 mx.sink.test {EVIL}"
FORMATS = ["text", "tap", "junit", "json", "jsonl", "html", "nagios"]
PLUGIN = {0: 0, 1: 2, 2: 1, 3: 3}  # the exit code of a plugin for a verdict


def one_form(verb, line, n):
    """P09 passes, all else is refused."""
    return f"250 {EVIL}" if line.endswith("%relayguard-probe.example@[127.0.0.1]>") else (
        closed(verb, line, n))


def evil(answer):
    """answer, and what it says is hostile."""
    def hostile(verb, line, n):
        reply = answer(verb, line, n)
        return reply + EVIL if reply == DENIED else reply
    return hostile


SERVERS = {
    "closed": (evil(closed), 0),
    "relays": (evil(one_form), 1),
    "open": (open_relay, 1),
    "inconclusive": (strangers(f"450 4.7.1 {EVIL}"), 2),
    "invalid": (lambda verb, line, n: f"550 5.7.1 {EVIL}" if verb == "RCPT" else None, 3),
}


def printed(server, form, *options):
    """What a run against this server prints, and its JSON."""
    answer, code = SERVERS[server]
    with Sink(answer, BANNER) as sink:
        done = run("--format", form, *options, f"127.0.0.1:{sink.port}")
        doc = run("--format", "json", "-q", *options, f"127.0.0.1:{sink.port}")
    assert done.stderr == ""
    assert done.returncode == (PLUGIN[code] if form == "nagios" else code)
    assert doc.returncode == code
    return done.stdout, json.loads(doc.stdout)


def tool(*words, **more):
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False,
                          **more)
    return done.returncode, done.stdout, done.stderr


each_server = pytest.mark.parametrize("server", SERVERS)


@pytest.mark.parametrize("form", FORMATS)
def test_only_printable_ascii(form):
    text, _ = printed("relays", form, "-v")
    assert re.fullmatch(r"[ -~\n]+", text)


# ---- TAP --------------------------------------------------------------------


@each_server
def test_prove_takes_tap(server, tmp_path):
    text, doc = printed(server, "tap", "-v")
    file = tmp_path / "probe.tap"
    file.write_text(text)
    code, out, err = tool("prove", "--source", "File", "--ext", ".tap", "-v", str(file))
    assert "Parse errors" not in out + err
    assert (code == 0) == (doc["verdict"] == "closed")
    planned = len(doc["tests"]) + 1
    assert f"Files=1, Tests={planned}" in out
    bad = [i + 1 for i, t in enumerate(doc["tests"]) if t["grade"] in ("relays", "unclear")]
    failed = re.search(r"Failed tests?:? +([\d, -]+)", out)
    listed = []
    for part in (failed.group(1).split(",") if failed else []):
        first, _, last = part.strip().partition("-")
        listed += range(int(first), int(last or first) + 1)
    assert listed == bad + [planned] * (doc["verdict"] != "closed")


def test_tap_skips_what_does_not_apply():
    text, doc = printed("closed", "tap", "--profile", "full")
    skipped = [t for t in doc["tests"] if t["skipped"]]
    assert skipped
    assert len(re.findall(r"^ok \d+ - .* # SKIP ", text, re.M)) == len(skipped)


def test_tap_yaml(tmp_path):
    """The diagnostics are YAML, and hold what JSON holds."""
    yaml = pytest.importorskip("yaml")
    text, doc = printed("relays", "tap")
    blocks = re.findall(r"^not ok (\d+) - .*\n  ---\n(.*?)^  \.\.\.\n", text, re.M | re.S)
    assert [int(n) for n, _ in blocks] == [10]
    told = yaml.safe_load(blocks[0][1])
    assert told["sent"] == doc["tests"][9]["sent"]
    assert told["outcome"] == "accepted"
    assert any("alert(1)" in line for line in told["dialogue"])


# ---- JUnit ------------------------------------------------------------------


@each_server
@pytest.mark.parametrize("option", ["-q", "-v"])
def test_junit_is_valid(server, option, tmp_path):
    text, doc = printed(server, "junit", option)
    file = tmp_path / "probe.xml"
    file.write_text(text)
    code, _, err = tool("xmllint", "--noout", "--schema", str(SCHEMA), str(file))
    assert code == 0, err
    suite = ET.fromstring(text).find("testsuite")
    cases = suite.findall("testcase")
    assert int(suite.get("tests")) == len(cases) == len(doc["tests"]) + 1
    for attribute, element in [("failures", "failure"), ("errors", "error"),
                               ("skipped", "skipped")]:
        assert int(suite.get(attribute)) == len(suite.findall(f"testcase/{element}"))
    relayed = [t["id"] for t in doc["tests"] if t["grade"] == "relays"]
    failed = [c.get("name").split()[0] for c in cases if c.find("failure") is not None]
    assert failed == relayed + ["verdict"] * (doc["verdict"] == "relays")
    assert (not suite.findall("testcase/failure") and not suite.findall("testcase/error")) == (
        doc["verdict"] == "closed")
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert properties["banner"] == doc["target"]["banner"]


def test_the_schema_bites(tmp_path):
    text, _ = printed("relays", "junit")
    for good, bad in [('tests="', 'test="'), ("<failure", "<blunder"), ('name="P', 'nam="P')]:
        file = tmp_path / "bad.xml"
        file.write_text(text.replace(good, bad))
        assert tool("xmllint", "--noout", "--schema", str(SCHEMA), str(file))[0] != 0


# ---- JSON -------------------------------------------------------------------


@each_server
def test_jq_adds_up(server):
    text, doc = printed(server, "json")
    code, out, err = tool("jq", "-c", "[([.grades[]] | add) == .totals.tests, "
                          "([.tests[] | select(.grade == \"relays\")] | length) == .grades.relays, "
                          "([.refused_by[]] | add) == .totals.refused, "
                          "(.verdict == \"closed\") == (.exit == 0)]", input=text)
    assert (code, err) == (0, "")
    assert out == "[true,true,true,true]\n"
    assert doc["verdict"] == server.replace("open", "relays")


@each_server
def test_json_lines_say_what_the_document_says(server):
    text, doc = printed(server, "jsonl", "-q")
    code, out, err = tool("jq", "-s", "-c", "map(.type) | unique", input=text)
    assert (code, err, out) == (0, "", '["control","run","summary","test"]\n')
    lines = [json.loads(line) for line in text.splitlines()]
    whole = dict(lines[0])
    for key, type_ in [("controls", "control"), ("tests", "test")]:
        whole[key] = [{k: v for k, v in line.items() if k != "type"}
                      for line in lines if line["type"] == type_]
    whole.update(lines[-1])
    del whole["type"]
    for told in whole, doc:
        told.pop("began"), told.pop("took_ms")
    assert whole == doc


# ---- Nagios -----------------------------------------------------------------


@each_server
def test_plugin_line(server):
    text, doc = printed(server, "nagios")
    assert text.count("\n") == 1 and text.count("|") == 1
    said, data = text.rstrip("\n").split(" | ")
    word = {"closed": "OK", "relays": "CRITICAL", "inconclusive": "WARNING",
            "invalid": "UNKNOWN"}[doc["verdict"]]
    assert said.startswith(f"RELAY {word} - {doc['verdict']}: 127.0.0.1 port ")
    assert not re.search(r"[<>&\"'`$]", said)
    values = {}
    for item in data.split(" "):
        label, value = re.fullmatch(
            r"(\w+)=(\d+(?:\.\d+)?)s?((?:;\d*){4})?", item).group(1, 2)
        values[label] = float(value)
    assert values["relayed"] == doc["grades"]["relays"]
    assert values["unclear"] == doc["grades"]["unclear"]
    assert values["refused"] == doc["totals"]["refused"]


def test_usage_is_unknown_to_a_monitor():
    """Above 3 they call it UNKNOWN, and its text tells why."""
    done = run("--format", "nagios", "--timeout", "0")
    assert done.returncode == 64 and "--timeout" in done.stderr


# ---- text -------------------------------------------------------------------


def test_brief_text():
    text, doc = printed("relays", "text", "-qq")
    assert "P08" not in text
    assert "verdict: relays\n  relayed: P09\n" in text
    assert "1 of 20 tests relayed; 19 refused\n" in text
    assert text.count("\n") < 15


def test_who_refused():
    with Sink(lambda verb, line, n: "550 5.7.1 no (P08 percent-hack)"
              if "%" in line else closed(verb, line, n)) as sink:
        done = run(f"127.0.0.1:{sink.port}", "-q")
    assert "refused by: 3 guard, 17 relay-rules\n" in done.stdout
