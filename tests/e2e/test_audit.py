# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard audit` on generated audit files; every number is counted anew
here.  The binary is $RELAYGUARD, else build/relayguard."""
import collections
import json
import os
import random
import re
import subprocess
import time
from pathlib import Path

import lab
import pytest

TOP = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("RELAYGUARD", str(TOP / "build/relayguard"))
FORMS = {"P08": "percent-hack", "P15": "source-route", "P17": "bang-path",
         "P14": "multi-at", "Z99": "of-the-future"}


def audit(*args, stdin=b"", **more):
    return subprocess.run([BINARY, "audit", *map(str, args)], input=stdin,
                          capture_output=True, timeout=60, **more)


def as_json(*args, **more):
    done = audit("--format", "json", *args, **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def escape(raw):
    return "".join(chr(b) if 0x20 <= b <= 0x7e and b != 0x5c else f"\\x{b:02x}"
                   for b in raw)


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + ".007Z"


def record(**fields):
    """One line as the guard writes it."""
    base = {"v": 1, "time": stamp(1800000000), "door": "milter", "session": 1,
            "queue_id": "", "client": "192.0.2.1", "helo": "h", "auth": "",
            "sender": "<a@b.test>", "recipient": "<u%d.test@here.test>",
            "stage": "rcpt", "verdict": "refuse", "code": 550, "dsn": "5.7.1",
            "rule": "P08", "form": "percent-hack", "destinations": [],
            "why": [], "left_out": 0, "trusted": False, "mode": "enforce",
            "policy_serial": 1}
    return json.dumps(base | fields).encode() + b"\n"


def random_records(count):
    """Parsed records, hostile bytes included."""
    rnd = random.Random(count)
    for i in range(count):
        rule = rnd.choice(list(FORMS))
        noise = escape(rnd.randbytes(6).replace(b"@", b"")
                       .replace(b">", b"").replace(b"<", b""))
        verdict = rnd.choices(["refuse", "defer", "accept"], [8, 1, 1])[0]
        yield json.loads(record(
            time=stamp(1800000000 + rnd.randrange(100000)),
            client=rnd.choice(["2001:db8:1111:2222:3333:4444:5555:6666",
                               *(f"198.51.100.{n}" for n in range(40))]),
            sender=f"<{noise}@s.test>", helo=noise, verdict=verdict,
            rule=rule if verdict == "refuse" else None,
            form=FORMS[rule] if verdict == "refuse" else None,
            recipient=f"<u%out.test@Here{rnd.randrange(12)}.Test>",
            mode=rnd.choice(["enforce", "enforce", "monitor"])))


@pytest.fixture(name="many", scope="module")
def make_many(tmp_path_factory):
    records = list(random_records(5000))
    path = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path, records


def totals(records):
    kinds = collections.Counter(
        "would_refuse" if r["verdict"] == "refuse" and r["mode"] == "monitor"
        else r["verdict"] for r in records)
    return {"records": len(records), "refused": kinds["refuse"],
            "would_refuse": kinds["would_refuse"], "deferred": kinds["defer"],
            "accepted": kinds["accept"]}


KEYS = {
    "rule": lambda r: r["rule"] or "(none)",
    "form": lambda r: r["form"] or "(none)",
    "client": lambda r: r["client"],
    "sender": lambda r: r["sender"][1:-1],
    "recipient-domain": lambda r: r["recipient"].split("@")[-1][:-1].lower(),
}


def test_every_number(many):
    path, records = many
    found = as_json("--top", 100000, *(w for by in KEYS for w in ("--by", by)),
                    path)
    assert {k: found[k] for k in totals(records)} == totals(records)
    assert found["period"] == {"first": min(r["time"] for r in records),
                               "last": max(r["time"] for r in records)}
    blocked = [r for r in records if r["verdict"] != "accept"]
    assert list(found["by"]) == ["rule", "client", "form", "recipient-domain",
                                 "sender"]
    for by, key in KEYS.items():
        counts = collections.Counter(map(key, blocked))
        table = found["by"][by]
        assert {r["key"]: r["count"] for r in table["rows"]} == counts
        assert table["distinct"] == len(counts) and table["rest"] == 0
        order = [(-r["count"], r["key"]) for r in table["rows"]]
        if by != "sender":  # sorted by raw bytes, shown escaped
            assert order == sorted(order)
    for row in found["by"]["client"]["rows"]:
        mine = [r for r in blocked if r["client"] == row["key"]]
        assert row["rules"] == len({r["rule"] for r in mine} - {None})
        assert row["first"] == min(r["time"] for r in mine)
        assert row["last"] == max(r["time"] for r in mine)
    for row in found["by"]["rule"]["rows"]:
        known = row["key"] in FORMS and row["key"] != "Z99"
        assert row["form"] == (FORMS[row["key"]] if known else None)
        assert bool(row["why"]) == known


def test_text_says_the_same(many):
    path, records = many
    done = audit("--top", 3, path)
    text = done.stdout.decode("ascii")
    assert done.returncode == 0 and done.stderr == b""
    assert max(map(len, text.splitlines())) <= 80
    assert re.fullmatch(r"[\n\x20-\x7e]*", text)
    sums = totals(records)
    for number, words in ((sums["refused"], "refused"),
                          (sums["would_refuse"], "would have been refused"),
                          (sums["deferred"], "deferred"),
                          (sums["accepted"], "accepted")):
        assert re.search(rf"^ *{number}  {words}", text, re.M)
    found = as_json("--top", 3, path)
    for by in found["by"].values():
        for row in by["rows"]:
            assert re.search(rf"^ *{row['count']}  .*(?:\n +)?"
                             rf"{re.escape(row['key'])}\b", text, re.M)
        if by["rest"]:
            assert re.search(rf"^ *{by['rest']}  in {by['distinct'] - 3} more",
                             text, re.M)
    assert "By form" not in text and "By sender" not in text


def test_long_keys_in_text():
    """An address is never cut, an endless sender is; no line is too long."""
    client = "2001:db8:1111:2222:3333:4444:5555:6666"
    done = audit("--by", "client", "--by", "sender", "-",
                 stdin=record(client=client, sender=f"<{'x' * 400}@b.test>"))
    lines = done.stdout.decode("ascii").splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.endswith(f" {client}") for line in lines)
    assert any(line.endswith("xxx...") for line in lines)


def test_text_on_a_terminal(many):
    both = lab.terminal()
    if both is None:
        pytest.skip("no pseudo-terminals here (/dev/pts is not mounted)")
    leader, follower = both
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    process = subprocess.Popen([BINARY, "audit", "--by", "form", many[0]],
                               stdout=follower, env=env | {"TERM": "xterm"})
    process.wait(60)
    os.close(follower)
    assert b"\x1b[31m" in os.read(leader, 65536)
    os.close(leader)


def test_hostile_file_stays_printable():
    """Not the guard's own lines: raw controls in JSON strings."""
    evil = "\x1b]0;x\x07\u202e\n\r\x7f\x9b31m"
    lines = record(client=evil, sender=evil, recipient=evil, rule=evil,
                   form=evil)
    every = [w for by in KEYS for w in ("--by", by)]
    for form in ("text", "json"):
        out = audit("--format", form, *every, "-", stdin=lines).stdout
        assert re.fullmatch(rb"[\n\x20-\x7e]+", out)
        assert out.count(b"x1b]0;x") >= 4


def test_both_doors_count_once():
    """Monitor mode, a real sendmail: each RCPT asks the map door, then the
    milter door; the file has both, the report one."""
    policy = "local guard.test\n"
    tried = ["<u%d.example@guard.test>", "<u@d.example>", "<d.example!u@guard.test>",
             "<u@d.example>"]
    with lab.Guard(policy, mode="monitor") as guard, \
         lab.Sendmail(guard=guard, wide_open=True) as mta, \
         lab.SmtpSession(mta) as s:
        assert [r.code for r in s.envelope("<a@b.example>", *tried)] == [250] * 5
        s.envelope("<a@b.example>", tried[0])
        records = guard.audit()
    lines = [json.dumps(r).encode() + b"\n" for r in records]
    assert [(r["door"], r["verdict"], r["mode"]) for r in records] == \
        [("map", "refuse", "monitor"), ("milter", "refuse", "monitor")] * 5
    assert len({r["queue_id"] for r in records}) == 2
    found = as_json("-", stdin=b"".join(lines))
    assert (found["records"], found["would_refuse"], found["second_records"]) == (5, 5, 5)
    assert sum(r["count"] for r in found["by"]["rule"]["rows"]) == 5
    text = audit("-", stdin=b"".join(lines)).stdout.decode()
    assert re.search(r"^ *5  would have been refused", text, re.M)
    assert re.search(r"^ *5  of these also on record by the milter door", text, re.M)
    # one door alone: nothing is left out
    for door in (0, 1):
        one = as_json("-", stdin=b"".join(lines[door::2]))
        assert (one["would_refuse"], one["second_records"]) == (5, 0)


def test_only_the_same_counts_once(tmp_path):
    q = {"queue_id": "4AO9n1"}
    monitor = {"mode": "monitor"}
    pair = record(door="map", **q, **monitor), record(**q, **monitor)
    for stdin, counted in [
            (pair[0] + pair[1], 1), (pair[1] + pair[0], 2), (pair[0] + pair[1] * 2, 2),
            (pair[0] * 2 + pair[1] * 2, 2), (record(door="map") + record(), 2),
            (pair[0] + record(queue_id="other"), 2), (pair[0] + record(**q, rule="P09"), 2),
            (pair[0] + record(**q, recipient="<u>"), 2),
            (pair[0] + record(**q, verdict="defer"), 2)]:
        found = as_json("-", stdin=stdin)
        assert found["records"] == counted
        assert found["records"] + found["second_records"] == stdin.count(b"\n")
    # a log that was rotated in between
    for i, line in enumerate(pair):
        (tmp_path / str(i)).write_bytes(line)
    assert as_json(tmp_path / "0", tmp_path / "1")["records"] == 1


def test_since(many):
    path, records = many
    late = [r for r in records if r["time"] >= stamp(1800050000)]
    found = as_json("--since", stamp(1800050000), path)
    assert {k: found[k] for k in totals(late)} == totals(late)
    assert found["before_since"] == len(records) - len(late)
    assert found["since"] == stamp(1800050000)
    assert as_json("--since", "2027-01-16", path)["since"] == \
        "2027-01-16T00:00:00.000Z"
    now = time.time()
    stdin = record(time=stamp(now - 7300)) + record(time=stamp(now - 60))
    assert as_json("--since", "2h", "-", stdin=stdin)["refused"] == 1
    assert as_json("--since", "1d", "-", stdin=stdin)["refused"] == 2
    done = audit("--since", "30s", "-", stdin=stdin)  # nothing left: no error
    assert done.returncode == 0 and b"No audit records" in done.stdout


def test_several_files_and_stdin(many, tmp_path):
    (tmp_path / "one").write_bytes(record(client="192.0.2.7"))
    found = as_json(many[0], tmp_path / "one", "-", stdin=record() * 3)
    assert found["records"] == len(many[1]) + 4


def test_bad_lines_are_named(tmp_path):
    path = tmp_path / "a\x1b[31m.jsonl"
    path.write_bytes(record() + b"\xff\xfe\x00 nonsense\n\n"
                     + record(v=2) + record(verdict="maybe")
                     + b"x" * 200000 + b"\n" + record()[:40])
    done = audit("--format", "json", path)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["records"] == 1 and found["bad_lines"] == 5
    lines = done.stderr.decode("ascii").splitlines()
    assert [re.search(r"\\x1b\[31m\.jsonl:(\d+): ", l).group(1)
            for l in lines] == ["2", "4", "5", "6", "7"]
    path.write_bytes(b"bad\n" * 1000 + record())
    done = audit(path)
    assert len(done.stderr.splitlines()) == 11
    assert b": 990 more lines" in done.stderr
    assert re.search(rb"^ *1000  lines that are no audit records$",
                     done.stdout, re.M)


@pytest.mark.parametrize("args, stdin, status, says", [
    (["--by", "country", "-"], b"", 64,
     "--by country: should be one of rule, client, form, recipient-domain, "
     "sender"),
    (["--by"], b"", 64, "--by: needs an argument"),
    (["--top", "0", "-"], b"", 64, "--top 0: should be"),
    (["--top", "-1", "-"], b"", 64, "--top -1: should be"),
    (["--top", "99999999999999999999", "-"], b"", 64, "should be a number"),
    (["--format", "yaml", "-"], b"", 64, "--format yaml: should be text"),
    (["--since", "\x1bsoon", "-"], b"", 64, "--since \\x1bsoon: should be"),
    (["--frobnicate=\x1b", "-"], b"", 64, "--frobnicate=\\x1b: unknown"),
    (["-q", "-"], b"", 64, "-q: unknown option"),
    (["no/such/file"], b"", 66, "no/such/file: No such file"),
    (["."], b"", 66, ".: Is a directory"),
    (["-"], b"bad\n", 65, "no audit record"),
    (["-"], b"", 0, ""),
    (["-"], b"\n\n", 0, ""),
])
def test_exit_status(args, stdin, status, says):
    done = audit(*args, stdin=stdin)
    assert done.returncode == status
    assert says in done.stderr.decode("ascii")
    assert (done.stdout == b"") == (status != 0)
    assert bool(done.stderr) == (status != 0)


def test_one_file_missing(many):
    done = audit("--format", "json", "no/such/file", many[0])
    assert done.returncode == 66
    assert json.loads(done.stdout)["records"] == len(many[1])


def test_output_cannot_be_written(many):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([BINARY, "audit", many[0]], stdout=full,
                              stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 74
    assert b"No space left on device" in done.stderr


def test_help():
    done = audit("--help")
    assert done.returncode == 0 and done.stderr == b""
    for option in ("--since", "--by", "--top", "--format"):
        assert option.encode() in done.stdout


def test_memory_is_bounded_by_keys(tmp_path):
    """A hundred times the records, the same keys: the same memory."""
    few, many = tmp_path / "few", tmp_path / "many"
    lines = b"".join(record(client=f"192.0.2.{n}") for n in range(200))
    few.write_bytes(lines)
    many.write_bytes(lines * 100)
    # ASan would keep what is freed for a while, and count it
    env = os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")
                        + ":quarantine_size_mb=0"
                        ":thread_local_quarantine_size_kb=0"}
    peak = []
    for path in (few, many):
        process = subprocess.Popen([BINARY, "audit", path], env=env,
                                   stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        peak.append(usage.ru_maxrss)
    assert peak[1] < peak[0] + 1024  # KiB
