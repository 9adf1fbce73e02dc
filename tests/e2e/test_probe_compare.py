# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe --compare` and `--keep`: what has changed since a run, and
files that hold no run, or one that a stranger wrote."""

import json
import os
import re

import pytest

from sink import Sink, closed, open_relay, run, strangers
from test_probe_report import BANNER, EVIL, FORMATS, SERVERS, one_form, printed


def compared(answer, file, form, *options):
    with Sink(answer, BANNER) as sink:
        return run("--format", form, "-q", "--compare", str(file), *options,
                   f"127.0.0.1:{sink.port}")


@pytest.fixture(name="earlier")
def earlier_run(tmp_path):
    """A file of a run in which P09 relays."""
    file = tmp_path / "earlier.json"
    file.write_text(printed("relays", "json")[0])
    return file


def ids(rows):
    return [row["id"] for row in rows]


def test_what_opened_and_closed(earlier):
    def answer(verb, line, n):
        if verb == "RCPT" and "!" in line:
            return "250 2.1.5 ok"
        return "450 4.3.2 later" if line.endswith(':"probe%relayguard-probe.example"') else (
            closed(verb, line, n))

    done = compared(answer, earlier, "json", "--profile", "full")
    assert (done.returncode, done.stderr) == (1, "")
    since = json.loads(done.stdout)["since"]
    assert ids(since["opened"]) == ["P17", "P18"]
    assert since["closed"] == [{"id": "P09", "before": "relays", "now": "closed"}]
    assert since["changed"] == [{"id": "P11", "before": "closed", "now": "unclear"}]
    assert "T03" in ids(since["new"]) and since["gone"] == []
    assert since["verdict"] == "relays" and since["other_target"]  # another port
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", since["began"])


def test_exit_is_that_of_the_run(earlier):
    done = compared(closed, earlier, "text")
    assert done.returncode == 0
    assert "\nchanged since 20" in done.stdout and "\n  closed: P09\n" in done.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_it(earlier, form):
    done = compared(open_relay, earlier, form)
    assert re.search("opened.{1,99}P00.{1,99}P01", done.stdout, re.S)
    if form != "nagios":
        assert done.returncode == 1
    assert re.fullmatch(r"[ -~\n]+", done.stdout)


def test_unclear_is_not_closed(tmp_path):
    """What had no answer and is refused now did not relay before."""
    file = tmp_path / "unclear.json"
    with Sink(strangers("450 4.3.2 later")) as sink:
        file.write_text(run("--format", "json", f"127.0.0.1:{sink.port}").stdout)
    since = json.loads(compared(closed, file, "json").stdout)["since"]
    assert since["opened"] == since["closed"] == []
    assert {"id": "P08", "before": "unclear", "now": "closed"} in since["changed"]


def test_nothing_changed(tmp_path):
    file = tmp_path / "closed.json"
    with Sink(closed) as sink:
        host = f"127.0.0.1:{sink.port}"
        file.write_text(run("--format", "json", host).stdout)
        done = run("-qq", "--compare", str(file), host)
    assert re.search(r"\nnothing changed since \S+ \(\S+/closed.json, closed\)\n$", done.stdout)
    assert "another server" not in done.stdout


def test_gone(tmp_path):
    file = tmp_path / "classic.json"
    with Sink(closed) as sink:
        host = f"127.0.0.1:{sink.port}"
        file.write_text(run("--format", "json", "--profile", "classic", host).stdout)
        done = run("-qq", "--compare", str(file), host)
    assert "\n  new: P00 P01 " in done.stdout and "\n  gone: T01 T02 " in done.stdout


GOOD_TEST = {"id": "P08", "grade": "closed"}
GOOD = {"relayguard": "0", "verdict": "closed", "tests": [GOOD_TEST]}


@pytest.mark.parametrize("content, where", [  # by number: some are long
    ('{"relayguard": "0.1",\n "tests": [}', r":2:12: .*\(byte 34\)$"),
    (json.dumps(GOOD)[:-20], r":1:\d+: .*\(byte \d+\)$"),
    ("", r":1:0: .*\(byte 0\)$"),
    ("\xff\xfe{}", r":1:\d+: .*\(byte 0\)$"),
    ('{"a": 1, "a": 2}', r":1:\d+: duplicate"),
    (json.dumps(GOOD) + "\n{}", r":2:\d+: end of file expected"),
    ("[" * 100000, r":1:\d+: maximum parsing depth"),
    ('{"x": "\x1b[2J"}', r":1:\d+: (?!.*\x1b)"),
    ("{}", r": no result of relayguard probe"),
    ("[1, 2]", r": no result of relayguard probe"),
    (json.dumps({**GOOD, "tests": 3}), r"has no list of tests$"),
    (json.dumps({**GOOD, "tests": [GOOD_TEST, {"id": "P09"}]}), r"test 2 has no id, or no grade$"),
    (json.dumps({**GOOD, "tests": [{**GOOD_TEST, "grade": "fine"}]}), r"test 1 has no"),
    (json.dumps({**GOOD, "tests": [{**GOOD_TEST, "id": 8}]}), r"test 1 has no"),
    (json.dumps({**GOOD, "tests": [GOOD_TEST] * 10001}), r": more than 10000 tests"),
], ids=range(15))
@pytest.mark.parametrize("option", ["--compare", "--keep"])
def test_file_that_is_no_result(content, where, option, tmp_path):
    """Refused before any test, and left alone."""
    file = tmp_path / "was.json"
    file.write_bytes(content.encode("latin-1"))
    with Sink(closed) as sink:
        done = run(option, str(file), f"127.0.0.1:{sink.port}")
    assert (done.returncode, done.stdout, sink.peers) == (65, "", [])
    assert done.stderr.startswith(f"relayguard probe: {file}:")
    assert re.search(where, done.stderr.strip()), done.stderr
    assert file.read_bytes() == content.encode("latin-1")


def test_file_that_is_absent_or_no_file(tmp_path):
    done = run("--compare", str(tmp_path / "none"), "127.0.0.1:1")
    assert (done.returncode, done.stdout) == (66, "")
    assert "none: No such file" in done.stderr
    done = run("--compare", str(tmp_path), "127.0.0.1:1")
    assert done.returncode == 65 and "not a file" in done.stderr


def test_hostile_earlier_run(tmp_path):
    file = tmp_path / "evil.json"
    file.write_text(json.dumps({**GOOD, "verdict": EVIL * 9, "began": EVIL * 9,
                                "target": {"door": EVIL, "address": EVIL * 9},
                                "tests": [{"id": EVIL, "grade": "relays"}] * 500}))
    for form in FORMATS:
        done = compared(closed, file, form)
        assert (done.returncode, done.stderr) == (0, "")
        assert re.fullmatch(r"[ -~\n]+", done.stdout)
        assert "<script>" not in done.stdout or form in ("text", "tap", "json", "jsonl")


# ---- the last result, kept ----------------------------------------------------


def test_kept_results(tmp_path):
    file = tmp_path / "last.json"

    def keep(sink):
        return run("-qq", "--keep", str(file), f"127.0.0.1:{sink.port}")

    answers = [closed]
    with Sink(lambda *a: answers[-1](*a)) as sink:
        first = keep(sink)
        assert (first.returncode, first.stderr) == (0, "") and "since" not in first.stdout
        assert file.stat().st_mode & 0o777 == 0o640 & ~os_umask()
        again = keep(sink)
        assert "\nnothing changed since " in again.stdout
        answers.append(one_form)
        opened = keep(sink)
        assert opened.returncode == 1 and "\n  opened: P09\n" in opened.stdout
        answers.append(SERVERS["invalid"][0])
        before = file.read_text()
        assert keep(sink).returncode == 3
        assert file.read_text() == before  # what is not valid is not kept
        answers.append(closed)
        assert "\n  closed: P09\n" in keep(sink).stdout
    assert json.loads(file.read_text())["verdict"] == "closed"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["last.json"]


def os_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_result_that_cannot_be_kept(tmp_path):
    with Sink(closed) as sink:
        host = f"127.0.0.1:{sink.port}"
        done = run("-qq", "--keep", f"{tmp_path}/none/last.json", host)
        assert done.returncode == 73 and "--keep: No such file" in done.stderr
    done = run("--keep", "last.json")
    assert done.returncode == 64 and "absolute path" in done.stderr
