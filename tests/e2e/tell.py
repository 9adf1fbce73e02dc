# SPDX-License-Identifier: BSD-2-Clause
"""tell - runs ldap_tell, which follows a directory, and reads what it prints."""
import os
import signal
import subprocess
from typing import NamedTuple

import lab
from slapd import GUARD, Slapd


def program():
    path = os.environ.get("LDAP_TELL", lab.BUILD / "e2e/ldap_tell")
    if not os.path.exists(path):
        raise lab.LabError(f"{path} is not built, run: make {path}")
    return path


class Event(NamedTuple):
    at: float  # seconds since the epoch
    what: str
    rest: str


class Tell(lab.Process):
    """ldap_tell with these options, as keywords; servers are Slapds or URIs.
    It logs in as cn=guard unless told otherwise."""

    def __init__(self, *servers, anonymous=False, **options):
        super().__init__("tell")
        self.known = 0
        self.options = [f"--uri={s.uri if isinstance(s, Slapd) else s}" for s in servers]
        if not anonymous:
            password = self.folder / "password"
            password.write_text("guard-secret\n")
            password.chmod(0o600)
            options = {"bind_dn": GUARD, "password_file": password, **options}
        self.options += [f"--{k.replace('_', '-')}={v}" for k, v in options.items()]

    def start(self):
        # it ends when its standard input does, even if this test is killed
        with open(self.folder / "output", "ab") as output:
            self.child = subprocess.Popen(
                [program(), *self.options], stdin=subprocess.PIPE, stdout=output,
                stderr=output, start_new_session=True)

    def log(self):
        return self.text("output")

    def events(self, what=None):
        """Those so far of this kind; log lines are of kind "log"."""
        found = []
        for line in self.log().split("\n")[:-1]:
            at, _, rest = line.partition(" ")
            if at == "relayguard:":
                event = Event(0, "log", rest)
            else:
                word, _, rest = rest.partition(" ")
                event = Event(float(at), word, rest)
            if what in (None, event.what):
                found.append(event)
        return found

    def forget(self):
        """wait() is about what comes from now on."""
        self.known = len(self.events())

    def wait(self, what, text="", count=1, seconds=20.0):
        """The count-th event of this kind with this text in it."""
        def there():
            if not self.alive():
                raise lab.LabError("ldap_tell has ended:\n" + self.log())
            found = [e for e in self.events()[self.known:]
                     if e.what == what and text in e.rest]
            return len(found) >= count and found[count - 1]
        try:
            return lab.wait_for(there, f"{what} {text}", seconds, 0.002)
        except lab.LabError as error:
            raise lab.LabError(f"{error}\n{self.log()}") from None

    def refresh(self):
        self.child.send_signal(signal.SIGUSR1)

    def stop(self, seconds=20.0):
        """Let it end by itself; how long ldap_follow_stop took."""
        if self.child.stdin:
            self.child.stdin.close()
        self.child.wait(seconds)
        return float(self.events("end")[-1].rest)

    def close(self):
        if self.child and self.child.stdin:
            self.child.stdin.close()
        super().close()


def once(*servers, **options):
    """(code, words) of one refresh, and the events before it."""
    with Tell(*servers, once=1, **options) as tell:
        tell.child.wait(60)
        events = tell.events()
    code, _, words = events[-1].rest.partition(" ")
    return int(code), words, events[:-1]
