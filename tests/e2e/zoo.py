# SPDX-License-Identifier: BSD-2-Clause
"""zoo - private Postfix, Exim and OpenSMTPD, on loopback like lab's sendmail.

    with Postfix(inner=True) as mta:
        mta.rcpt_replies([("<a@b.example>", ["<u%d.example@relay.test>"])])
        mta.places([b"<u%d.example@relay.test>"])     # -> ["d.example"]

Two settings each:
    outer  what an administrator runs: local.test and the own name are local,
           relay.test is a relay domain (backup MX), only 127.0.0.1 is trusted
    inner  the second hop: relay.test is local, every client is trusted,
           whatever routing trick it can do is switched on; all users exist

Debian's packages, unpacked below build/zoo by tests/get-servers, never
installed.  Each server runs in a mount and a process namespace of its own
with users, spool and run directory from its folder; nothing of the system is
touched, nothing is delivered, nobody asks DNS.  That takes root: otherwise,
or without the packages, available() says why not.
"""
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import lab

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "table"))
import settings  # noqa: E402

ZOO = lab.BUILD / "zoo"
REFUSED, HERE = "refused", "local"  # places() that are no host
AND = " and "  # between hosts, when one recipient became several
BATCH = 50

# Run as the first process of the namespaces: PID 1, which the kernel ends
# with unshare (--kill-child), and all the others with it.  No exec here: a
# program that changes its user would lose that bond.
ENTER = """\
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/lab /mnt/zoo /mnt/guard
mount --bind "$1" /mnt/lab
mount --bind "$2" /mnt/zoo
mount --bind "$3" /mnt/guard
shift 3
cd /mnt/lab/over
for place in etc/* run var/spool var/lib; do
	[ ! -e /$place ] || mount --bind $place /$place
done
LD_LIBRARY_PATH=/mnt/zoo/usr/lib/postfix$(printf :%s /mnt/zoo/usr/lib/*-linux-gnu*)
export LD_LIBRARY_PATH
"$@"
exit
"""


def available():
    """None, or why the zoo is closed."""
    if not lab.AS_ROOT:
        return "needs root (mount namespaces, several users)"
    if not ZOO.exists():
        return "not unpacked, run: tests/get-servers"
    try:
        subprocess.run(["unshare", "-m", "-p", "-f", "mount", "-t", "tmpfs",
                        "tmpfs", "/mnt"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no mount namespace here: {getattr(error, 'stderr', b'')!r}"
    return None


def ask(server, envelopes, source=lab.OUTSIDER):
    """[Reply to MAIL, Reply to each RCPT] for each (sender, recipients); a
    server that hangs up is called again, once an envelope."""
    replies, session = [], None
    for sender, recipients in envelopes:
        for last in (False, True):
            try:
                session = session or lab.SmtpSession(server, source, seconds=60)
                found = session.envelope(sender, *recipients)
                if last or all(reply.code != 421 for reply in found):
                    replies.append(found)
                    break
            except OSError:
                if last:
                    raise
            with suppress(OSError):
                session.close()
            session = None
    if session:
        session.close()
    return replies


def argument(recipient):
    """A RCPT argument as the text that SmtpSession sends byte for byte."""
    return recipient.decode("latin-1") if isinstance(recipient, bytes) else recipient


def mark_nobody(address, host):
    """The host, with an at-sign before it if nobody is left over to whom the
    mail could be: no letter or digit, as in "!"@host of "host!!"."""
    user = address.rpartition("@")[0]
    return host if re.search(r"[^\W_]", user) else "@" + host


class Resolver:
    """What asks a server where recipients go.  Subclasses have
    places_of_accepted(), for those that the server takes at RCPT."""

    def rcpt_replies(self, envelopes, source=lab.OUTSIDER):
        return ask(self, envelopes, source)

    def places(self, recipients):
        """For each recipient REFUSED, HERE, or the host it goes on to, as of
        mark_nobody()."""
        accepted = []
        for i in range(0, len(recipients), BATCH):
            batch = recipients[i:i + BATCH]
            [(_, *replies)] = ask(self, [("<>", map(argument, batch))])
            accepted += [r for r, reply in zip(batch, replies) if reply.code == 250]
        unique = list(dict.fromkeys(accepted))
        found = dict(zip(unique, self.places_of_accepted(unique)))
        return [found.get(r, REFUSED) for r in recipients]

    def resolve(self, recipients):
        """[(recipient, destination host, or None if it stays or is refused)]"""
        return [(r, None if place in (REFUSED, HERE) else place)
                for r, place in zip(recipients, self.places(recipients))]

    def places_of_accepted(self, recipients):
        """By sending a message: all at once, and if any leaves, by halves, so
        that each place is known to belong to its recipient."""
        found = []
        for i in range(0, len(recipients), BATCH):
            found += self.by_halves(recipients[i:i + BATCH])
        return found

    def by_halves(self, recipients):
        away = self.send(recipients)
        if not away:
            return [HERE] * len(recipients)
        if len(recipients) == 1:
            return [AND.join(sorted(away))]
        middle = len(recipients) // 2
        return self.by_halves(recipients[:middle]) + self.by_halves(recipients[middle:])

    def submit(self, recipients):
        """Send one message; the server's reply to it."""
        with lab.SmtpSession(self, seconds=60) as smtp:
            smtp.envelope("<>", *map(argument, recipients))
            reply = smtp.data()
            if reply.code != 250:
                raise lab.LabError(f"{self.name}: {reply}")
            return reply


class Zoo(Resolver, lab.Process):
    """One server in its namespaces.  Inside, its folder is /mnt/lab and the
    unpacked packages are /mnt/zoo."""
    name = ""

    def __init__(self, inner=False, guard_run=None):
        super().__init__(self.name)
        self.guard_run = guard_run  # folder of a guard's sockets: /mnt/guard
        self.inner, self.address, self.port = inner, "127.0.0.1", None

    def inside(self, *argv):
        return ["unshare", "-m", "-p", "-f", "--kill-child", "--propagation",
                "private", "sh", "-c", ENTER, "sh", self.folder, ZOO,
                self.guard_run or self.folder, *argv]

    def start(self):
        reason = available()
        if reason:
            raise lab.LabError(f"{self.name}: {reason}")
        for name, content in settings.ETC.items():
            self.make("over/etc/" + name, content)
        for place in ("over/run", "over/var/spool", "over/var/lib"):
            (self.folder / place).mkdir(parents=True)
        for _ in range(3):
            self.port = lab.free_port()
            self.configure()
            self.launch(self.inside(*self.command()))
            # fork by fork these take a second or two on a busy machine
            lab.wait_for(lambda: not self.alive() or lab.listening(self.port),
                         f"{self.name}'s port", 30)
            if self.alive():
                return
        raise lab.LabError(f"{self.name} does not start:\n" + self.text("output")
                           + self.log())

    def stop(self, _seconds=0.0):
        """The shell that is PID 1 does not hear SIGTERM."""
        return self.kill()

    def make(self, name, content):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(0o644)

    def make_folder(self, name, owner, mode=0o700, group="root"):
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, settings.IDS.get(owner, 0), settings.IDS.get(group, 0))
        folder.chmod(mode)

    def log(self):
        return self.text("output")


# ------------------------------------------------------------------ Postfix


class Postfix(Zoo):
    """Whatever is sent goes to discard(8), whose log names the next hop."""
    name = "postfix"

    def configure(self):
        own = settings.INNER if self.inner else settings.HOST
        self.make("conf/main.cf", settings.POSTFIX % own
                  + (settings.POSTFIX_INNER if self.inner else settings.POSTFIX_OUTER))
        self.make("conf/master.cf", settings.POSTFIX_SERVICES % self.port)
        self.make_folder("data", "postfix")
        self.make_folder("queue", "root", 0o755)
        self.make_folder("queue/pid", "root", 0o755)
        for place in ("incoming active bounce corrupt defer deferred flush hold"
                      " private saved trace").split():
            self.make_folder("queue/" + place, "postfix")
        self.make_folder("queue/public", "postfix", 0o710, "postdrop")
        self.make_folder("queue/maildrop", "postfix", 0o730, "postdrop")
        self.seen = 0

    def command(self):
        return ["/mnt/zoo/usr/lib/postfix/sbin/master", "-c", "/mnt/lab/conf", "-d"]

    def log(self):
        return self.text("output") + self.text("log")

    def send(self, recipients):
        """The hosts other than here that a message goes on to."""
        log = self.folder / "log"
        start = log.stat().st_size
        queue_id = self.submit(recipients).text.split()[-1]
        done = re.compile(rf": {queue_id}: removed$", re.M)

        def news():
            with open(log, encoding="latin-1") as file:
                file.seek(start)
                text = file.read()
            return done.search(text) and text
        text = lab.wait_for(news, f"postfix to finish {queue_id}", 60)
        ends = re.findall(rf": {queue_id}: to=<(.*?)>, .*, status=(\S+) \((.*)\)$",
                          text, re.M)
        if not ends:
            raise lab.LabError("postfix tells nothing:\n" + text)
        return {mark_nobody(to, host) for to, status, host in ends
                if (status, host) != ("sent", "here")}


# --------------------------------------------------------------------- Exim


class Exim(Zoo):
    """RCPT from a daemon that only queues, routing from exim -bt."""
    name = "exim"

    def configure(self):
        self.make_folder("spool", "Debian-exim", 0o750, "Debian-exim")
        own = settings.INNER if self.inner else settings.HOST
        rest = settings.EXIM_INNER
        if not self.inner:
            sample = ZOO / "usr/share/doc/exim4-base/examples/example.conf"
            rest = sample.read_text()
            for old, new in settings.EXIM_EDITS:
                rest, count = re.subn(old, lambda _, new=new: new, rest, flags=re.M)
                if not count:
                    raise lab.LabError(f"exim's sample configuration lacks {old}")
        self.make("exim.conf", settings.EXIM % (own, self.port) + rest)

    def exim(self, *options):
        return ["/mnt/zoo/usr/sbin/exim4", "-C", "/mnt/lab/exim.conf", *options]

    def command(self):
        return self.exim("-bdf")

    def places_of_accepted(self, recipients):
        lines = b"".join(argument(r).encode("latin-1") + b"\n" for r in recipients)
        done = subprocess.run(self.inside(*self.exim("-bt")), input=lines,
                              capture_output=True)
        # one answer after each prompt, and a last prompt at the end
        answers = re.split(r"^> ", done.stdout.decode("latin-1"), flags=re.M)[1:-1]
        if len(answers) != len(recipients):
            raise lab.LabError(f"exim -bt: {len(answers)} answers to "
                               f"{len(recipients)} addresses\n{done.stderr!r}")
        return [self.place(answer) for answer in answers]

    @staticmethod
    def place(answer):
        """An answer has addresses at the margin and below each its router; one
        that came before is marked as a duplicate.  100@ (of "100%") has
        no host to go to."""
        away, address, routed = set(), "", False
        for line in answer.splitlines():
            if not line.startswith(" "):
                address = re.split(r" cannot be resolved|   \[", line)[0]
            router = re.match(r"  router = (\w+),", line)
            routed = routed or bool(router) or "cannot be resolved" in line
            if router and router[1] == "away" or "cannot be resolved" in line:
                host = address.rpartition("@")[2]
                away.update([mark_nobody(address, host)] if host else [])
        return AND.join(sorted(away)) if away else HERE if routed else REFUSED


# ---------------------------------------------------------------- OpenSMTPD


class OpenSMTPD(Zoo):
    """It has no routing tricks to switch on.  Mail to be here is piped into
    /bin/true; what goes elsewhere stays in the queue, where it is read."""
    name = "opensmtpd"

    def configure(self):
        own = settings.INNER if self.inner else settings.HOST
        text = settings.OPENSMTPD_INNER if self.inner else settings.OPENSMTPD_OUTER
        self.make("smtpd.conf", text % (self.port, own))
        self.make_folder("over/var/lib/opensmtpd/empty", "root", 0o755)
        spool = "over/var/spool/smtpd"
        self.make_folder(spool, "root", 0o711)
        self.make_folder(spool + "/offline", "root", 0o770, "opensmtpq")
        for place in ("purge", "temporary", "incoming", "queue", "corrupt"):
            self.make_folder(f"{spool}/{place}", "opensmtpq")

    def command(self):
        return ["/mnt/zoo/usr/sbin/smtpd", "-d", "-f", "/mnt/lab/smtpd.conf"]

    def send(self, recipients):
        """The hosts other than here that a message goes on to."""
        message = self.submit(recipients).text.split()[1]
        queue = self.folder / "over/var/spool/smtpd/queue" / message[:2] / message
        away = set()
        # an envelope that is gone was delivered here: the others cannot be
        files = []
        with suppress(FileNotFoundError):
            files = list(queue.iterdir())
        for file in files:
            with suppress(FileNotFoundError):
                text = file.read_text(encoding="latin-1")
                if re.search(r"^type: mta$", text, re.M) and file.name != "message":
                    away.add(re.search(r"^dest: .*@(.*)$", text, re.M)[1])
        shutil.rmtree(queue, ignore_errors=True)  # else it is tried for days
        return away


# ----------------------------------------------------------------- sendmail

class Sendmail(Resolver, lab.Sendmail):
    """lab's sendmail as the second hop; where mail goes is told by -bv."""
    name = "sendmail"

    def __init__(self):
        super().__init__(
            wide_open=True, hostname=settings.INNER, local_domains=[settings.RELAY],
            extra_mc=["define(`_USE_DECNET_SYNTAX_',`1')",
                      "MODIFY_MAILER_FLAGS(`LOCAL',`-w')"])  # all users exist

    def places_of_accepted(self, recipients):
        """Each answer names its argument, but for those that are the same
        mailbox once more: these are asked about alone."""
        found = []
        for i in range(0, len(recipients), BATCH):
            batch = recipients[i:i + BATCH]
            answers = self.verify(batch)
            for r in batch:
                alone = {} if argument(r) in answers else self.verify([r])
                found.append(answers.get(argument(r))
                             or next(iter(alone.values()), REFUSED))
        return found

    def verify(self, recipients):
        """{argument: place} of those that can be delivered.  Nothing is sent."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LAB_SYSLOG": "/dev/null",
               "LAB_HOSTNAME": self.hostname,
               "LD_PRELOAD": str(lab.preload_library())}
        done = subprocess.run(
            [lab.SENDMAIL, "-C", self.folder / "sendmail.cf", "-bv", "--",
             *(argument(r).encode("latin-1") for r in recipients)],
            env=env, capture_output=True)
        answers = re.findall(r"^(.*)\.\.\. deliverable: mailer (\S+?), "
                             r"(?:host (.*?), )?user (.*)$",
                             done.stdout.decode("latin-1"), re.M)
        # a bang path is handed on whole: host!user@inner.test
        return {about: HERE if mailer == "local" else mark_nobody(
                    re.sub(r"^[^!@]*!", "", user), host.removesuffix("."))
                for about, mailer, host, user in answers}


UNPACKED = (Postfix, Exim, OpenSMTPD)


def second_hops():
    """All servers that can be the second hop here, not started."""
    return [Sendmail(), *(kind(inner=True) for kind in UNPACKED if not available())]
