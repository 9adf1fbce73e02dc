# SPDX-License-Identifier: BSD-2-Clause
"""The file that tells how it stands with the guard, and who reads it."""
import json
import os
import pwd
import time
from pathlib import Path

import lab
import pytest
import watched

WELL, DEAD = 0, 69


def read(guard):
    path = Path(guard.options["status_file"])
    return json.loads(path.read_text()) if path.exists() else None


def status(guard):
    done = watched.command("status", "-c", guard.config, seconds=20)
    return done.returncode, done.stdout + done.stderr


def test_it_is_the_guard_that_runs():
    with watched.Guard() as guard:
        lab.wait_for(lambda: read(guard), "the status file")
        ticks = Path(f"/proc/{guard.child.pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
        assert (read(guard)["pid"], read(guard)["born"]) == (guard.child.pid, int(ticks))
        assert status(guard)[0] == WELL


def test_the_number_of_a_dead_guard_is_used_again():
    """What a killed guard left says nothing when another process has its number."""
    with watched.Guard() as guard:
        lab.wait_for(lambda: read(guard), "the status file")
        left = read(guard)
        guard.kill()
        code, words = status(guard)
        assert code == DEAD and "does not run any more" in words
        path = Path(guard.options["status_file"])
        path.write_text(json.dumps({**left, "pid": os.getpid()}))
        code, words = status(guard)
        assert code == DEAD and "does not run any more" in words
        # written by an older guard: nothing but the number is known
        old = {k: v for k, v in left.items() if k != "born"}
        path.write_text(json.dumps({**old, "pid": os.getpid()}))
        assert status(guard)[0] == WELL


@pytest.mark.parametrize("wait", [0, 2.5])
def test_it_is_written_as_soon_as_it_can_be(wait):
    """Nothing else has to change before it is tried again, and it is said once."""
    with watched.Guard() as guard:
        folder = guard.folder / "other"
        folder.mkdir()
        folder.chmod(0o555)
        path = folder / "status.json"
        guard.set_options(status_file=str(path))
        guard.reload()
        words = f"status_file: {path} cannot be written: Permission denied"
        guard.says(words)
        time.sleep(wait)
        assert guard.output().count(words) == 1 and not path.exists()
        if lab.AS_ROOT:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        folder.chmod(0o755)
        lab.wait_for(path.exists, "the status file")
        assert status(guard)[0] == WELL
