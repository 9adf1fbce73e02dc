# SPDX-License-Identifier: BSD-2-Clause
"""`relayguard probe` on the command line: options, texts, terminal."""

import json
import os
import re
import select
import subprocess
import time

import lab
import pytest

from sink import (OK, PAPER, SECONDS, Result, Sink, closed, command, run,
                  strangers)

# ---- source and usage -------------------------------------------------------


@pytest.mark.parametrize("options, word", [
    (["--source", "127.0.0.1"], "trust"),
    (["--source", "192.0.2.77"], "not an address of this machine"),
    (["[::1]:25"], "IPv6 loopback has only ::1"),
    (["127.0.0.3:25", "--source", "127.0.0.3"], "own address"),
    (["no-such-host.invalid"], "no-such-host.invalid"),
])
def test_source_or_target_that_makes_no_test(options, word):
    done = run("--format", "json", *options)
    doc = json.loads(done.stdout)
    assert (done.returncode, doc["verdict"]) == (3, "invalid")
    assert word in doc["reasons"][0]


def test_given_source():
    with Sink(closed) as sink:
        r = Result(sink.port, "--source", "127.0.0.9")
    assert r.exit == 0
    assert set(sink.peers) == {"127.0.0.9", "127.0.0.1"}
    assert "@[127.0.0.9]:root@relayguard-probe.example" in sink.arguments("RCPT")


@pytest.mark.parametrize("options, word", [
    (["--profile", "most"], "paper, classic, gateway, full"),
    (["--format", "xml"], "text, tap, junit, json"),
    (["--list", "--format", "tap"], "text or json"),
    (["--source", "here"], "--source"),
    (["--source", "::1", "127.0.0.1"], "IPv4 and IPv6"),
    (["--literal", "1.2.3"], "--literal"),
    (["--name", "a b"], "--name"),
    (["--name", "x\r\nDATA"], "--name"),
    (["--to", "a..b"], "--to"),
    (["--to", "a", "--to", "b", "--to", "c"], "--to"),
    (["--local-user", "a>\r\nDATA"], "--local-user"),
    (["--timeout", "0"], "--timeout"),
    (["--timeout", "5s"], "--timeout"),
    (["--total", "0"], "--total"),
    (["--rate", "-1"], "--rate"),
    (["--nonsense"], "--nonsense"),
    (["--name"], "--name"),
    (["-x"], "-x"),
    (["a", "b"], "one HOST"),
    (["host:99999"], "port"),
    (["--milter", "inet:25"], "inet:PORT@HOST"),
    (["--milter", "/a", "--map", "/b"], "not both"),
    (["--map", "/a", "host"], "no HOST"),
    (["--profile", "gateway"], "--relay-domain"),
])
def test_usage_errors(options, word):
    done = run(*options)
    assert done.returncode == 64
    assert done.stdout == ""
    assert word in done.stderr
    assert all(32 <= ord(c) < 127 or c == "\n" for c in done.stderr)


def test_help_and_version():
    done = run("--help")
    assert done.returncode == 0 and "--local-user" in done.stdout
    assert run("--version").returncode == 0


def test_list():
    done = run("--list", "--profile", "full", "--format", "json")
    tests = json.loads(done.stdout)["tests"]
    assert done.returncode == 0
    assert [t["id"] for t in tests][:20] == PAPER
    assert len({t["id"] for t in tests}) == len(tests) > 200
    assert all(t["why"] and t["source"] and t["honoured_by"] and t["what_to_do"]
               for t in tests)
    done = run("--list", "--profile", "classic")
    assert "T17 percent-hack (rule P08)" in done.stdout
    assert "P08.1" not in done.stdout


# ---- the text report --------------------------------------------------------


def text_report(answer, *options, banner="220 mx.sink.test ESMTP"):
    with Sink(answer, banner) as sink:
        return run(*options, f"127.0.0.1:{sink.port}")


def test_text_of_a_closed_server():
    done = text_report(closed)
    assert done.returncode == 0
    assert "20 tests: 20 refused\nverdict: closed\n" in done.stdout
    rows = [line.split()[0] for line in done.stdout.splitlines() if re.match(r"P\d\d  ", line)]
    assert rows == PAPER
    assert ">>>" not in done.stdout
    assert done.stderr == ""  # no progress in a pipe


def test_text_of_an_open_form_has_its_dialogue():
    done = text_report(lambda v, line, n: OK if "%" in line else closed(v, line, n))
    assert done.returncode == 1
    assert "3 of 20 tests relayed; 17 refused" in done.stdout
    assert ">>> RCPT TO:probe90%relayguard-other.example@mx.sink.test\n<<< 250" in done.stdout
    assert "\n>>> RCPT TO:@" not in done.stdout


def test_verbose_text_has_every_dialogue():
    done = text_report(closed, "-v")
    assert done.stdout.count(">>> RSET") == 46
    assert "<<< 220 mx.sink.test ESMTP" in done.stdout


def test_hostile_bytes_reach_no_terminal():
    evil = b"550 5.7.1 \x1b]0;owned\x07\x9b31m\r\x00\xff\r\n"
    done = text_report(strangers(evil), "-v", banner=b"220 \x1b[2J\x08\r\n")
    assert done.returncode == 0
    assert all(32 <= ord(c) < 127 or c == "\n" for c in done.stdout)
    assert "\\x1b]0;owned" in done.stdout


def on_terminal(*options):
    """The output on a terminal of 80 columns, and the exit code."""
    both = lab.terminal()
    if both is None:
        pytest.skip("no pseudo-terminals here (/dev/pts is not mounted)")
    main, side = both
    child = subprocess.Popen(
        command(*options), stdin=subprocess.DEVNULL, stdout=side, stderr=side,
        env={k: v for k, v in os.environ.items() if k != "NO_COLOR"},
    )
    os.close(side)
    out = b""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if not select.select([main], [], [], 1)[0]:
            continue
        try:
            out += os.read(main, 65536)
        except OSError:
            break  # the child has closed its side
    os.close(main)
    return out.decode("latin-1"), child.wait(SECONDS)


def test_terminal_gets_progress_and_colour():
    with Sink(closed) as sink:
        out, code = on_terminal(f"127.0.0.1:{sink.port}")
        assert code == 0
        assert "probing P08 9/20" in out
        assert "\x1b[32m" in out
        out, code = on_terminal("--no-color", f"127.0.0.1:{sink.port}")
        assert "\x1b[32m" not in out
