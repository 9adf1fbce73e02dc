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
    run = subprocess.run(
        ["m4", f"-D_CF_DIR_={lab.CF}/", lab.CF / "m4/cf.m4",
         lab.TOP / "sendmail.mc.example"], capture_output=True, text=True)
    assert run.returncode == 0 and run.stderr == "", run.stderr
    line = re.search(r"^Xrelayguard, (.*)$", run.stdout, re.M).group(1)
    assert "F=T" in line and "T=C:10s;S:10s;R:30s;E:5m" in line
    assert "O InputMailFilters=relayguard" in run.stdout
    config = tmp_path / "example.cf"
    config.write_text(run.stdout)
    check = subprocess.run([lab.SENDMAIL, "-C", config, "-d0.1", "-bP"],
                           capture_output=True, text=True, check=False,
                           env={"LD_PRELOAD": str(lab.preload_library()),
                                "LAB_HOSTNAME": lab.HOSTNAME})
    assert "unknown configuration line" not in check.stdout + check.stderr


def test_the_readme_names_the_same_filter_line():
    line = re.search(r"^INPUT_MAIL_FILTER.*$",
                     (lab.TOP / "sendmail.mc.example").read_text(), re.M).group(0)
    assert line in (lab.TOP / "README").read_text()
