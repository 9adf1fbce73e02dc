# SPDX-License-Identifier: BSD-2-Clause
"""lab - a private mail server, a guard and a client, all on loopback.

    with Guard(policy="local guard.test\\n") as guard, \\
         Sendmail(wide_open=True, milter=guard.socket) as mta, \\
         SmtpSession(mta) as smtp:                # comes from 127.0.0.2
        smtp.cmd("MAIL FROM:<a@b.example>")       # -> Reply(code, text)

Nothing outside the lab is touched: no DNS (tests/e2e/fqdn.c answers instead),
mail is queued and never sent, every process has its own folder and ends with
its context.  It works as root and as an ordinary user, also in a chroot
without /dev/log.  `contrib/install-packages sendmail` brings the binary.

Environment: LAB_DIR     where the lab's folders go (see safe_base)
             LAB_KEEP    set: leave the folders for a look afterwards
             LAB_POLITE  set: end processes by SIGTERM first (coverage)
             RELAYGUARD  the guard's binary (default build/relayguard)
"""
import atexit
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
SENDMAIL = BUILD / "sendmail-root/sendmail"
CF = BUILD / "sendmail-root/cf"
HOSTNAME = "mx.guard.test"
OUTSIDER = "127.0.0.2"  # loopback, but unlike 127.0.0.1 not trusted by sendmail
AS_ROOT = os.geteuid() == 0


class LabError(Exception):
    """The lab itself does not work; no statement about what is tested."""


def wait_for(condition, what, seconds=5.0, pause=0.01):
    """Return the first true result of condition(), or fail after a while."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() >= deadline:
            raise LabError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(pause)


def terminal():
    """A new pseudo-terminal (leader, follower), or None where the machine has
    none: a bare chroot without /dev/pts."""
    try:
        return os.openpty()
    except OSError:
        return None


def free_port(address="127.0.0.1"):
    """A port free just now; whoever binds it later must be ready to retry."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def listening(where):
    """Does anybody listen on this unix socket, or TCP port if it is a number?
    The kernel's tables tell without a connection that logs would show."""
    if isinstance(where, int):
        rows = [r.split() for r in Path("/proc/net/tcp").read_text().splitlines()]
        return any(r[1].endswith(f":{where:04X}") and r[3] == "0A" for r in rows[1:])
    rows = [r.split() for r in Path("/proc/net/unix").read_text().splitlines()]
    return any(r[7:] == [str(where)] and r[3] == "00010000" for r in rows)


def why_unsafe(folder):
    """Why a milter socket may not live here, or None.

    sendmail refuses a socket with a group- or world-writable folder anywhere
    above it.  As root the guard runs as nobody, who must get there too."""
    for place in [folder, *folder.parents]:
        mode = place.stat().st_mode if place.exists() else 0o755
        if mode & 0o022:
            return f"{place} is writable by others"
        if AS_ROOT and not mode & 0o001:
            return f"{place} is closed to user nobody"
    if len(str(folder)) > 70:
        return f"{folder} is too long for the path of a unix socket"
    return None


def safe_base():
    """Where the lab's folders go: build/lab of the checkout if that is safe
    (below /tmp or /root it is not), else below /run as root, $HOME if not."""
    places = [os.environ.get("LAB_DIR"), BUILD / "lab",
              (Path("/run") if AS_ROOT else Path.home()) / "relayguard-lab"]
    reasons = []
    for place in [Path(p).resolve() for p in places if p]:
        if not why_unsafe(place):
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
        reason = why_unsafe(place)  # again: a loose umask may have been used
        if not reason:
            return place
        reasons.append(reason)
    raise LabError("no safe folder, set LAB_DIR: " + "; ".join(reasons))


def preload_library():
    """build/fqdn.so, compiled if it is absent or older than its source."""
    source, library = TOP / "tests/e2e/fqdn.c", BUILD / "fqdn.so"
    if not library.exists() or library.stat().st_mtime < source.stat().st_mtime:
        fresh = BUILD / f"fqdn.so.{os.getpid()}"
        cc = [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1"]
        subprocess.run([*cc, "-o", fresh, source], check=True)
        fresh.replace(library)  # another test run may be loading the old one
    return library


class Process(AbstractContextManager):
    """A child with its own process group and folder; what it prints goes to
    folder/output.  Subclasses have start(), which calls launch()."""

    def __init__(self, kind):
        self.folder = Path(tempfile.mkdtemp(prefix=kind + "-", dir=safe_base()))
        self.folder.chmod(0o755)
        self.child = None
        atexit.register(self.close)

    def launch(self, argv, env=None):
        with open(self.folder / "output", "ab") as output:
            self.child = subprocess.Popen(
                argv, env=env, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def kill(self):
        """SIGKILL to the whole group, forked sessions too; gives the status."""
        if self.child is None:
            return None
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        return self.child.wait()

    def stop(self, seconds=10.0):
        """SIGTERM, in the end SIGKILL for all that is left; gives the status."""
        if self.alive():
            self.child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.child.wait(seconds)
        return self.kill()

    def text(self, name):
        """The content of one of its files, "" if there is none yet."""
        file = self.folder / name
        return file.read_text(errors="backslashreplace") if file.exists() else ""

    def close(self):
        # not stop(): libmilter looks at its stop flag every five seconds only
        self.stop() if os.environ.get("LAB_POLITE") else self.kill()
        atexit.unregister(self.close)
        if not os.environ.get("LAB_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()


# One macro per line: two leave blanks in the .cf, which stop sendmail.
MC = """\
OSTYPE(`linux')
define(`confDOMAIN_NAME',`{hostname}')
define(`QUEUE_DIR',`{folder}/queue')
define(`STATUS_FILE',`{folder}/statistics')
define(`confPID_FILE',`{folder}/pid')
define(`ALIAS_FILE',`stab:{folder}/aliases')
define(`confSERVICE_SWITCH_FILE',`{folder}/switch')
define(`confHOSTS_FILE',`{folder}/hosts')
define(`confTRUSTED_USER',`{uid}')
define(`confDELIVERY_MODE',`q')
define(`confREFUSE_LA',`0')
define(`confTO_IDENT',`0')
define(`confDONT_PROBE_INTERFACES',`true')
define(`confBAD_RCPT_THROTTLE',`0')
define(`confLOG_LEVEL',`14')
define(`confMILTER_LOG_LEVEL',`14')
FEATURE(`no_default_msa')
FEATURE(`nocanonify')
DAEMON_OPTIONS(`Port={port}, Addr={address}, Name=MTA')
{options}
MAILER(`local')
MAILER(`smtp')
LOCAL_CONFIG
{local_config}
"""
WIDE_OPEN = ["FEATURE(`promiscuous_relay')", "FEATURE(`accept_unqualified_senders')"]


def private_cf():
    """sendmail's m4 files with our feature among them: a folder of links, so
    that those of the system stay as they are."""
    mine = BUILD / "cf"
    if not (mine / "feature/relayguard.m4").exists():
        fresh = BUILD / f"cf.{os.getpid()}"
        (fresh / "feature").mkdir(parents=True)
        for entry in (*CF.iterdir(), *(CF / "feature").iterdir()):
            link = fresh / entry.relative_to(CF)
            if link != fresh / "feature":
                link.symlink_to(entry.resolve())
        (fresh / "feature/relayguard.m4").symlink_to(TOP / "contrib/relayguard.m4")
        shutil.rmtree(mine, ignore_errors=True)
        with suppress(OSError):  # another test run was quicker
            fresh.rename(mine)
        shutil.rmtree(fresh, ignore_errors=True)
    return mine


def m4(mc):
    """Run m4 over a .mc file."""
    if not (SENDMAIL.exists() and (CF / "m4/cf.m4").exists()):
        raise LabError("no sendmail here, run: contrib/install-packages")
    cf = private_cf()
    return subprocess.run(["m4", f"-D_CF_DIR_={cf}/", cf / "m4/cf.m4", mc],
                          capture_output=True)


class Sendmail(Process):
    """A private sendmail that queues what it accepts and delivers nothing.

    wide_open      relays for everybody; otherwise sendmail's default rules
    milter         path of a milter socket; flags and timeouts for its F=, T=
    guard          a Guard: FEATURE(`relayguard') for both its doors, or
                   the one named by doors
    local_domains  class w, with own_addresses as address literals
    relay_domains  class R
    aliases        {name: target}; local users are those of /etc/passwd
    extra_mc       lines for the .mc file, before the mailers
    extra_cf       lines after LOCAL_CONFIG; may go on with LOCAL_RULESETS
    sender_domains_must_exist   P02's rule; here no domain does
    """

    def __init__(self, *, wide_open=False, milter=None, guard=None, doors="",
                 flags="F=T",
                 timeouts="C:5s;S:5s;R:8s;E:20s", local_domains=("guard.test",),
                 relay_domains=(), own_addresses=("127.0.0.1",), aliases=None,
                 extra_mc=(), extra_cf=(), sender_domains_must_exist=False,
                 address="127.0.0.1", hostname=HOSTNAME):
        super().__init__("mta")
        self.address, self.hostname, self.port = address, hostname, None
        self.aliases = {"postmaster": "root", **(aliases or {})}
        self.options = WIDE_OPEN[:] if wide_open else []
        if not sender_domains_must_exist:
            self.options.append("FEATURE(`accept_unresolvable_domains')")
        self.options += [f"RELAY_DOMAIN(`{d}')" for d in relay_domains]
        if milter:
            words = [f"S=local:{milter}", flags, timeouts and "T=" + timeouts]
            line = ", ".join(word for word in words if word)
            self.options.append(f"INPUT_MAIL_FILTER(`relayguard',`{line}')")
        if guard:
            self.options.append(f"FEATURE(`relayguard',`{guard.socket.parent}',`{doors}')")
        self.options += extra_mc
        names = [*local_domains, *(f"[{a}]" for a in own_addresses)]
        self.local_config = ["Cw" + " ".join(names), *extra_cf]

    def start(self):
        """Start and wait for the port; another one if it was just taken."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
               "LD_PRELOAD": str(preload_library()),
               "LAB_HOSTNAME": self.hostname,
               "LAB_SYSLOG": str(self.folder / "log")}
        for _ in range(5):
            self.port = free_port(self.address)
            self.write_files()
            self.launch([SENDMAIL, "-C", self.folder / "sendmail.cf", "-bD"], env)
            if wait_for(self.up_or_failed, "sendmail's port") == "up":
                return
            self.kill()
            if "cannot bind" not in self.log():
                break
        raise LabError("sendmail does not start:\n" + self.text("output") + self.log())

    def up_or_failed(self):
        if not self.alive() or "cannot bind" in self.log():
            return "failed"
        return "up" if "started as:" in self.log() and listening(self.port) else None

    def write_files(self):
        (self.folder / "queue").mkdir(mode=0o700, exist_ok=True)
        mc = MC.format(
            folder=self.folder, hostname=self.hostname, uid=os.geteuid(),
            port=self.port, address=self.address, options="\n".join(self.options),
            local_config="\n".join(self.local_config))
        files = {
            "log": "", "statistics": "",
            "switch": "hosts files\naliases files\npasswd files\n",
            "hosts": f"127.0.0.1 localhost\n{self.address} {self.hostname}\n",
            "aliases": "".join(f"{k}: {v}\n" for k, v in self.aliases.items()),
            "sendmail.mc": mc,
        }
        for name, content in files.items():
            (self.folder / name).write_text(content)
        (self.folder / "sendmail.cf").write_bytes(self.expand("sendmail.mc"))

    def expand(self, mc_name):
        """The .cf that m4 makes of the .mc file (it takes 20 ms)."""
        run = m4(self.folder / mc_name)
        if run.returncode != 0:  # warnings alone, as for WIDE_OPEN, are no error
            raise LabError("m4: " + run.stderr.decode())
        return run.stdout

    def log(self):
        return self.text("log")

    def queued(self):
        """The envelopes in the queue, as the text of their control files."""
        return [self.text(f) for f in sorted((self.folder / "queue").glob("qf*"))]


class Guard(Process):
    """`relayguard serve` with a native policy file of this text and these
    configuration options; the value None removes one of the defaults."""

    def __init__(self, policy="local guard.test\n", **options):
        super().__init__("guard")
        run = self.folder / "run"  # the only place where the guard may write
        run.mkdir()
        run.chmod(0o755)
        self.socket = run / "milter.sock"
        self.map_socket = run / "map.sock"
        self.config = self.folder / "relayguard.yaml"
        self.options = {
            "milter_socket": f"unix:{self.socket}",
            "map_socket": f"unix:{self.map_socket}",
            "policy_files": [str(self.folder / "relay.policy")],
            "local_host_names": "", "relay_domains": "", "access_file": "",
            "audit_log": str(run / "audit.jsonl"), "syslog": False,
            "roaming_file": str(run / "roaming.policy"),
            "sender_domain_check": False,
            "state_dir": str(run), "status_file": str(run / "status.json"),
        }
        if AS_ROOT:
            nobody = pwd.getpwnam("nobody")
            os.chown(run, nobody.pw_uid, nobody.pw_gid)
            self.options["user"] = "nobody"
        self.set_policy(policy)
        self.set_options(**options)

    def set_policy(self, text):
        (self.folder / "relay.policy").write_text(text)

    def set_options(self, **changes):
        """Write the configuration; JSON values are valid flow-style YAML."""
        self.options.update(changes)
        kept = [(k, v) for k, v in self.options.items() if v is not None]
        # at once: a guard may be reading it
        fresh = self.config.with_suffix(".new")
        fresh.write_text("".join(f"{k}: {json.dumps(v)}\n" for k, v in kept))
        fresh.replace(self.config)

    def start(self):
        binary = Path(os.environ.get("RELAYGUARD", BUILD / "relayguard")).resolve()
        if not binary.exists():
            raise LabError(f"{binary} is not built")
        self.launch([binary, "serve", "-c", self.config])
        wait_for(lambda: not self.alive() or listening(self.socket), "the guard", 20)
        if not self.alive():
            raise LabError("the guard does not start:\n" + self.text("output"))

    def reload(self):
        """Ask for a reload; it happens soon after, wait_for() its effect."""
        self.child.send_signal(signal.SIGUSR1)

    def audit(self):
        """The audit records so far, one dict a (complete) line."""
        lines = self.text("run/audit.jsonl").split("\n")
        return [json.loads(line) for line in lines[:-1]]


class Reply(NamedTuple):
    code: int
    text: str  # of all lines, without the codes, joined by newlines


class SmtpSession(AbstractContextManager):
    """A plain client that sends what it is told, byte for byte.

    server is a Sendmail or (address, port); helo=None sends no EHLO."""

    def __init__(self, server, source=OUTSIDER, helo="client.example", seconds=15):
        where = server if isinstance(server, tuple) else (server.address, server.port)
        self.socket = socket.create_connection(where, seconds, (source, 0))
        self.stream = self.socket.makefile("rb")
        self.banner = self.reply()
        if helo is not None:
            self.cmd("EHLO " + helo)

    def reply(self):
        texts = []
        while True:
            line = self.stream.readline().decode("latin-1").rstrip("\r\n")
            if not line[:3].isdigit():
                raise ConnectionError(f"no SMTP reply but {line!r}")
            texts.append(line[4:])
            if line[3:4] != "-":
                return Reply(int(line[:3]), "\n".join(texts))

    def cmd(self, line):
        """Send one line (text as Latin-1, bytes as they are)."""
        raw = line if isinstance(line, bytes) else line.encode("latin-1")
        self.socket.sendall(raw + b"\r\n")
        return self.reply()

    def secure(self, context):
        """Go on in TLS, after STARTTLS, and say EHLO again."""
        self.stream.close()
        self.socket = context.wrap_socket(self.socket)
        self.stream = self.socket.makefile("rb")
        self.cmd("EHLO client.example")

    def envelope(self, sender, *recipients):
        """A fresh transaction with arguments as typed: one Reply a command.
        Recipients are tried even if the sender was refused."""
        self.cmd("RSET")
        mail = self.cmd("MAIL FROM:" + sender)
        return [mail, *(self.cmd("RCPT TO:" + r) for r in recipients)]

    def data(self, message="Subject: test\r\n\r\ntest\r\n"):
        """Send a message (lines end in CRLF, none starts with a dot)."""
        go_on = self.cmd("DATA")
        return self.cmd(message + ".") if go_on.code == 354 else go_on

    def close(self):
        self.stream.close()
        self.socket.close()

    def __exit__(self, *_):
        self.close()
