# SPDX-License-Identifier: BSD-2-Clause
"""watched - the guard and its commands, under suspicion: whatever a sanitizer
prints fails the test, also when all answers were right.  Also the vectors."""
import os
import re
import subprocess
from pathlib import Path

import lab

SANITIZER = re.compile(r"^.*(?:(?:Address|Thread|Leak|Memory|UndefinedBehavior)"
                       r"Sanitizer|runtime error:).*$", re.M)


def binary():
    """lab.Guard's choice of the binary."""
    return str(Path(os.environ.get("RELAYGUARD", lab.BUILD / "relayguard")).resolve())


def assert_clean(output):
    found = SANITIZER.findall(output)
    assert not found, "\n".join(found[:5] + [output[-4000:]])


def command(*arguments, seconds=30, **more):
    """Run `relayguard ARGUMENT...` to its end; it has no standard input."""
    done = subprocess.run([binary(), *arguments], timeout=seconds,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          encoding="latin-1", **more)
    assert_clean(done.stderr)
    assert done.returncode >= 0, f"ended by signal {-done.returncode}"
    return done


class Guard(lab.Guard):
    """lab.Guard that in the end looks at what was printed."""

    def close(self):
        self.stop() if os.environ.get("LAB_POLITE") else self.kill()
        output = self.output()
        super().close()
        assert_clean(output)

    def output(self):
        return self.text("output")

    def says(self, text, times=1, seconds=20):
        """Wait until the log holds text so many times."""
        lab.wait_for(lambda: self.output().count(text) >= times,
                     f"{times} x {text!r} in the guard's log", seconds)

    def reload_and_wait(self, said="relayguard: reloaded"):
        """Reload, and wait until the guard says how that went."""
        before = self.output().count(said)
        self.reload()
        self.says(said, before + 1)


def fields_of(line):
    """Fields of one vector line, as bytes; see tests/unit/vectors.h."""
    found = re.findall(r"'([^']*)'?|(\S+)", line)
    return [re.sub(rb"\\x([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]),
                   (quoted or bare).encode("latin-1")) for quoted, bare in found]


def vectors(name):
    """[(line number, fields)] of a file of tests/vectors."""
    text = (lab.TOP / "tests/vectors" / name).read_text(encoding="latin-1")
    rows = [(n, fields_of(line)) for n, line in enumerate(text.split("\n"), 1)
            if line.strip() and not line.strip().startswith("#")]
    assert rows, f"{name}: no cases"
    return rows
