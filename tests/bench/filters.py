# SPDX-License-Identifier: BSD-2-Clause
"""The filters under test: starting, loading, watching and stopping them."""
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, "e2e"))
import lab  # noqa: E402

RECIPIENTS = 5  # of each session
TURN_S = 4      # a turn takes no longer, should the machine come to a halt


class Invalid(Exception):
    """The figures would be about something else than they say."""


class Bench:
    """Where things are."""

    def __init__(self, guard):
        self.guard = guard
        top = os.path.dirname(os.path.abspath(guard))
        self.tools = os.path.join(top, "bench")
        # the guard takes no socket below a world-writable folder
        self.work = str(lab.safe_base() / "bench")
        os.makedirs(self.work, exist_ok=True)
        # started by root, the guard becomes this user
        self.user = "nobody"
        if os.geteuid() == 0:
            os.chown(self.work, pwd.getpwnam(self.user).pw_uid, -1)

    def path(self, name):
        return os.path.join(self.work, name)

    def tool(self, name, *args):
        return [os.path.join(self.tools, name), *map(str, args)]


class Filter:
    """A filter process with its socket."""

    def __init__(self, bench, name, argv, wait=20):
        self.bench, self.name, self.refused = bench, name, 0
        self.socket = bench.path(name + ".sock")
        if len(self.socket) > 100:
            raise Invalid(f"{self.socket}: path too long for a socket")
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.log = bench.path(name + ".log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(argv(self.socket), stdout=log,
                                            stderr=log, cwd=bench.work)
        self.ready_s = self.wait_ready(wait)

    def wait_ready(self, wait):
        begin = time.monotonic()
        while time.monotonic() < begin + wait:
            if self.process.poll() is not None:
                break
            try:
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(self.socket)
                return time.monotonic() - begin
            except OSError:
                time.sleep(0.02)
        self.process.kill()
        self.process.wait()
        with open(self.log, errors="replace") as log:
            said = log.read().strip()
        raise Invalid(f"{self.name} does not start: {said or 'no message'}")

    def proc(self, field):
        """A number from the process's /proc status: KiB, or a count."""
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        raise Invalid(f"{self.name}: no {field} in /proc")

    def load(self, **options):
        args = [f"--{k}={v}" for k, v in options.items()]
        done = subprocess.run(
            self.bench.tool("load", *args, "--recipients", RECIPIENTS,
                            "--limit", TURN_S,
                            "--pid", self.process.pid, self.socket),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not done.stdout:
            raise Invalid(f"{self.name}: load: {done.stderr.strip()}")
        result = json.loads(done.stdout)
        check_replies(self.name, result, done.stderr.strip())
        self.refused += result["abusive_refused"]
        result["cpu_10k"] = result["cpu_s"] / result["sessions"] * 1e4
        return result

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def check_replies(name, result, message):
    total = result["sessions"] * RECIPIENTS
    expect = {"replies": total, "honest_refused": 0, "abusive_accepted": 0,
              "mail_refused": 0, "deferred": 0, "errors": 0,
              "honest_accepted": result["honest"],
              "abusive_refused": total - result["honest"]}
    off = [f"{k} {result[k]} instead of {v}" for k, v in expect.items()
           if result[k] != v]
    if off:
        raise Invalid(f"{name}: {', '.join(off)} {message}".strip())


def start_noop(bench, name, *options):
    return Filter(bench, name,
                  lambda s: bench.tool("noop", "unix:" + s, *options))


def start_guard(bench, name, policy, wait=20):
    """policy: the native policy file's path."""
    conf, audit = bench.path(name + ".yaml"), bench.path(name + ".jsonl")
    if os.path.exists(audit):
        os.unlink(audit)
    with open(conf, "w") as out:
        out.write(f"""milter_socket: unix:{bench.path(name + ".sock")}
map_socket: ""
user: {bench.user}
policy_files: [{policy}]
local_host_names: ""
relay_domains: ""
access_file: ""
audit_log: {audit}
syslog: false
sender_domain_check: false
state_dir: ""
status_file: ""
max_sessions: 4096
""")
    guard = os.path.abspath(bench.guard)
    return Filter(bench, name, lambda _: [guard, "serve", "-c", conf], wait)


def check_audit(guard):
    """Every refusal must have its line, or the guard saves work."""
    path, lines = guard.bench.path(guard.name + ".jsonl"), 0
    if os.path.exists(path):
        with open(path) as audit:
            lines = sum('"refuse"' in line for line in audit)
    if lines != guard.refused:
        raise Invalid(f"{guard.name}: {lines} audit lines for "
                      f"{guard.refused} refused recipients")


def stop_all(running):
    for f in running:
        f.process.send_signal(signal.SIGTERM)
    for f in running:
        f.stop()
