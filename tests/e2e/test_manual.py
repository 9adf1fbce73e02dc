# SPDX-License-Identifier: BSD-2-Clause
"""What is written is true: every rule is in the manual, the example for
sendmail.mc makes a configuration that sendmail takes, the unit file parses."""

import re
import subprocess

import lab

MANUAL = (lab.TOP / "milter/relayguard.8").read_text()
RULES = (lab.TOP / "policy/rules.c").read_text()


def test_every_rule_is_in_the_manual():
    rows = re.findall(r'"([PSFM]\d\d)",\s*(?:STAGE_\w+,\s*)?"([a-z-]+)"', RULES)
    assert len(rows) >= 21
    for rule, form in rows:
        assert f".It {rule} Ta {form} Ta " in MANUAL, (rule, form)


def test_every_command_is_in_the_manual():
    commands = re.findall(r'^\t\{ "(\w+)", \w+_command', (
        lab.TOP / "milter/main.c").read_text(), re.M)
    assert len(commands) >= 5
    for command in commands:
        assert f".It Cm {command}\n" in MANUAL, command


def test_sendmail_takes_the_example(tmp_path):
    """m4 expands it without a word, and the filter line has F=T and T=."""
    run = lab.m4(lab.TOP / "sendmail.mc.example")
    assert run.returncode == 0 and run.stderr == b"", run.stderr
    text = run.stdout.decode()
    line = re.search(r"^Xrelayguard, (.*)$", text, re.M).group(1)
    assert "F=T" in line and "T=C:10s;S:10s;R:30s;E:5m" in line
    assert "O InputMailFilters=relayguard" in text
    assert "\nKguard socket -q -f -d5 -T<TMPF> local:/run/relayguard/map.sock\n" in text
    config = tmp_path / "example.cf"
    config.write_text(text)
    check = subprocess.run([lab.SENDMAIL, "-C", config, "-d0.1", "-bP"],
                           capture_output=True, text=True, check=False,
                           env={"LD_PRELOAD": str(lab.preload_library()),
                                "LAB_HOSTNAME": lab.HOSTNAME})
    assert "unknown configuration line" not in check.stdout + check.stderr


def test_the_readme_names_the_same_line():
    line = re.search(r"^FEATURE\(`relayguard.*$",
                     (lab.TOP / "sendmail.mc.example").read_text(), re.M).group(0)
    assert line in (lab.TOP / "README").read_text()
