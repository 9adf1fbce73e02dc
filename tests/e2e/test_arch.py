# SPDX-License-Identifier: BSD-2-Clause
"""`make arch` must bite: each planted fault is refused and named."""

import os
import shutil
import subprocess

import lab
import pytest

# file, a line planted at its end, what the complaint names
FAULTS = [
    ("policy/decide.c", '#include "milter/log.h"', "milter/log.h"),
    ("policy/rules.h", '#include "conf/conf.h"', "conf/conf.h"),
    ("conf/lines.c", '#include "milter/log.h"', "milter/log.h"),
    ("milter/audit/read.c", '#include "milter/judge/judge.h"', "judge/judge.h"),
    ("milter/probe/run.c", '#include "milter/audit/read.h"', "audit/read.h"),
    ("milter/judge/judge.c", '#include "milter/serve/session.h"',
     "serve/session.h"),
    ("milter/judge/judge.c", "#include <libmilter/mfapi.h>", "libmilter"),
    ("policy/domain.c", "int counter;", "writable globals"),
    ("policy/domain.c", "static int calls; int f(void); "
     "int f(void) { return ++calls; }", "writable globals"),
    ("conf/lines.c", "int counter;", "writable globals"),
    ("policy/domain.c", "#include <time.h>\nlong f(void); "
     "long f(void) { return time(0); }", "must not call time"),
    ("policy/domain.c", "#include <stdio.h>\nvoid *f(void); "
     'void *f(void) { return fopen("/etc/passwd", "r"); }', "call fopen"),
    ("policy/domain.c", "#include <stdlib.h>\nchar *f(void); "
     'char *f(void) { return getenv("HOME"); }', "call getenv"),
    ("policy/domain.c", "#include <syslog.h>\nvoid f(void); "
     'void f(void) { syslog(1, "x"); }', "call syslog"),
    ("conf/lines.c", "#include <stdio.h>\nvoid f(void); "
     'void f(void) { puts("x"); }', "call puts"),
    ("milter/log.c", '#include <stdlib.h>\nvoid f(void); '
     'void f(void) { system("true"); }', "starts no other program"),
]


def arch(tree):
    environment = {**os.environ, "B": "build"}
    return subprocess.run(["tests/arch"], cwd=tree, env=environment,
                          capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    copy = tmp_path_factory.mktemp("arch")
    for folder in ("policy", "conf", "milter"):
        shutil.copytree(lab.TOP / folder, copy / folder)
    (copy / "tests").mkdir()
    shutil.copy(lab.TOP / "tests/arch", copy / "tests/arch")
    return copy


def test_the_tree_as_it_is(tree):
    assert arch(tree).returncode == 0


@pytest.mark.parametrize("path, planted, named", FAULTS,
                         ids=[f"{f[0]}: {f[2]}" for f in FAULTS])
def test_planted_fault_is_refused(tree, path, planted, named):
    file = tree / path
    good = file.read_text()
    file.write_text(good + "\n" + planted + "\n")
    try:
        run = arch(tree)
    finally:
        file.write_text(good)
    assert run.returncode != 0
    assert named in run.stdout, run.stdout
