# SPDX-License-Identifier: BSD-2-Clause
"""slapd - a private OpenLDAP server on loopback, unpacked by tests/get-servers.

    with Slapd() as slapd, slapd.client() as directory:
        directory.add(slapd.dn("rgDomain=a.example"), objectClass="rgRelayDomain",
                      rgDomain="a.example")

It has the suffix dc=lab with ou=relay,dc=lab below it, a cn=root,dc=lab that may
write and a cn=guard,dc=lab that reads.  Nothing is synced to the disk, so that
hundreds of changes a second are possible.
"""
import os
import shutil
import signal
import subprocess
from contextlib import suppress

import lab
from ldap_wire import Client

ZOO = lab.BUILD / "zoo"
PROGRAM = ZOO / "usr/sbin/slapd"
SCHEMA = lab.TOP / "conf/relayguard.schema"
SUFFIX = "dc=lab"
BASE = "ou=relay," + SUFFIX
ROOT, ROOT_PASSWORD = "cn=root," + SUFFIX, "root-secret"
GUARD, GUARD_PASSWORD = "cn=guard," + SUFFIX, "guard-secret"

CONF = """\
{includes}
pidfile {folder}/pid
argsfile {folder}/args
modulepath {zoo}/usr/lib/ldap
moduleload back_mdb
moduleload syncprov
serverID {server_id}
sizelimit unlimited
threads 8
{tls}
{global_extra}
database mdb
suffix {suffix}
rootdn {root}
rootpw {root_password}
directory {folder}/db
maxsize {maxsize}
dbnosync
index objectClass,entryCSN,entryUUID {index}
{limits}
{access}
{peers}
{overlay}
"""
LDIF = f"""\
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
o: lab
dc: lab

dn: {BASE}
objectClass: organizationalUnit
ou: relay

dn: {GUARD}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: guard
userPassword: {GUARD_PASSWORD}

"""


def available():
    """None, or why there is no slapd."""
    return None if PROGRAM.exists() else "no slapd here, run: tests/get-servers"


def environment():
    libraries = ":".join(map(str, (ZOO / "usr/lib").glob("*-linux-gnu*")))
    return {"LD_LIBRARY_PATH": libraries, "PATH": os.environ["PATH"]}


class Slapd(lab.Process):
    """schemas     more of them: names of OpenLDAP's own, or text
    syncprov    content sync; checkpoint and sessionlog are lines of its own
    size_limit  of cn=guard
    access      lines of ACL
    tls         a Certificates: StartTLS, and ldaps at tls_port
    server_id   of a multi-provider set, see join()
    like        a Slapd that runs: begin with its data
    index       further attributes, with a comma before each
    ldif        entries loaded before the start, after those of the module's text
    extra       lines for the global part
    """

    def __init__(self, *, schemas=(), syncprov=True, sessionlog=0, checkpoint="",
                 size_limit=None, access=(), tls=None, server_id=1, index="",
                 ldif="", extra=(), maxsize=1 << 30, like=None):
        super().__init__("slapd")
        self.port = self.tls_port = None
        self.tls, self.server_id, self.ldif, self.peers = tls, server_id, ldif, []
        self.schemas, self.syncprov, self.sessionlog = schemas, syncprov, sessionlog
        self.checkpoint, self.size_limit, self.access = checkpoint, size_limit, access
        self.index, self.extra, self.maxsize, self.like = index, extra, maxsize, like

    # ---- where it is

    @property
    def uri(self):
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_uri(self):
        return f"ldaps://127.0.0.1:{self.tls_port}"

    @property
    def local_uri(self):
        return "ldapi://" + str(self.folder / "ldapi").replace("/", "%2F")

    @staticmethod
    def dn(rdn):
        return f"{rdn},{BASE}"

    # ---- its life

    def write_conf(self):
        includes = [ZOO / f"etc/ldap/schema/{n}.schema"
                    for n in ("core", "cosine", "inetorgperson", "misc")]
        if SCHEMA.exists():
            includes.append(SCHEMA)
        for i, text in enumerate(self.schemas):
            own = self.folder / f"own{i}.schema"
            own.write_text(text)
            includes.append(own)
        tls = self.tls and [f"TLSCACertificateFile {self.tls.ca}",
                            f"TLSCertificateFile {self.tls.certificate}",
                            f"TLSCertificateKeyFile {self.tls.key}",
                            "TLSVerifyClient try"]
        overlay = ["overlay syncprov",
                   *([f"syncprov-checkpoint {self.checkpoint}"] if self.checkpoint else []),
                   *([f"syncprov-sessionlog {self.sessionlog}"] if self.sessionlog else [])]
        limit = "unlimited" if self.size_limit is None else self.size_limit
        size = f"size={limit}" if self.size_limit is None else f"size.soft={limit} size.hard={limit}"
        consumers = [f"syncrepl rid={peer.server_id:03d} provider={peer.uri} type=refreshAndPersist "
                     f"searchbase={SUFFIX} bindmethod=simple binddn={ROOT} "
                     f"credentials={ROOT_PASSWORD} retry=\"1 +\" timeout=3" for peer in self.peers]
        (self.folder / "slapd.conf").write_text(CONF.format(
            includes="\n".join(f"include {i}" for i in includes),
            folder=self.folder, zoo=ZOO, server_id=self.server_id,
            tls="\n".join(tls or []), global_extra="\n".join(self.extra),
            suffix=SUFFIX, root=ROOT, root_password=ROOT_PASSWORD, maxsize=self.maxsize,
            index=f"eq\nindex {self.index} eq" if self.index else "eq",
            limits=f'limits dn.exact="{GUARD}" {size} time=unlimited',
            access="\n".join(self.access),
            peers="\n".join([*consumers, *(["multiprovider on"] if self.peers else [])]),
            overlay="\n".join(overlay) if self.syncprov else ""))

    def join(self, *peers):
        """Replicate with these (all started): slapd is started again."""
        self.peers = peers
        self.kill()
        self.run()

    def start(self):
        (self.folder / "password").write_text(GUARD_PASSWORD + "\n")
        (self.folder / "password").chmod(0o600)
        if self.like:
            self.like.kill()
            shutil.copytree(self.like.folder / "db", self.folder / "db")
            self.like.run()
        else:
            (self.folder / "db").mkdir()
            self.write_conf()
            self.load("base.ldif", LDIF + self.ldif)
        for _ in range(3):  # a port may just have been taken
            self.port, self.tls_port = lab.free_port(), self.tls and lab.free_port()
            with suppress(lab.LabError):
                return self.run()
        raise lab.LabError("slapd does not start:\n" + self.text("output"))

    def load(self, name, text):
        """slapadd this text, while slapd does not run."""
        (self.folder / name).write_text(text)
        done = subprocess.run(
            [PROGRAM, "-T", "add", "-q", "-w", "-S", str(self.server_id), "-f",
             self.folder / "slapd.conf", "-l", self.folder / name],
            env=environment(), capture_output=True, text=True)
        if done.returncode:
            raise lab.LabError("slapadd: " + done.stderr)

    def run(self):
        """Start it, again perhaps; the ports stay the same."""
        self.write_conf()
        uris = [self.uri, self.local_uri, *([self.tls_uri] if self.tls else [])]
        self.launch([PROGRAM, "-f", self.folder / "slapd.conf", "-h", " ".join(uris),
                     "-d", "0"], environment())
        lab.wait_for(lambda: lab.listening(self.port) or not self.alive(), "slapd", 20)
        if not self.alive():
            raise lab.LabError("slapd does not start:\n" + self.text("output"))

    def pause(self):
        """It hangs: the kernel answers, slapd does not."""
        self.child.send_signal(signal.SIGSTOP)

    def go_on(self):
        with suppress(ProcessLookupError):
            self.child.send_signal(signal.SIGCONT)

    def keep(self, name):
        """A copy of the data as they are on the disk now."""
        shutil.copytree(self.folder / "db", self.folder / name)

    def put_back(self, name):
        """The data of that copy; slapd must not be running."""
        shutil.rmtree(self.folder / "db")
        shutil.copytree(self.folder / name, self.folder / "db")

    def client(self, dn=ROOT, password=ROOT_PASSWORD):
        return Client(self.port, dn, password)


class Certificates:
    """An authority of its own, and a server's certificate signed by it."""

    def __init__(self, folder, names="IP:127.0.0.1", days=30):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ca, self.key = folder / "ca.pem", folder / "key.pem"
        self.certificate = folder / "certificate.pem"
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                     "-subj", "/CN=lab authority", "-keyout", "ca-key.pem", "-out", "ca.pem")
        self.openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=slapd",
                     "-keyout", "key.pem", "-out", "request.pem")
        self.sign(names, days)

    def sign(self, names, days):
        """A certificate for these names; days below 0: expired."""
        (self.folder / "names").write_text(f"subjectAltName={names}\n")
        dates = ["-days", str(days)] if days >= 0 else [
            "-not_before", "20200101000000Z", "-not_after", "20210101000000Z"]
        if days >= 0:
            self.openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey",
                         "ca-key.pem", "-set_serial", "2", "-extfile", "names", *dates,
                         "-out", "certificate.pem")
            return
        # x509 takes no dates before version 3.4, ca does
        (self.folder / "index").write_text("")
        (self.folder / "serial").write_text("03\n")
        (self.folder / "ca.conf").write_text(
            "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nserial = serial\nnew_certs_dir = .\n"
            "default_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n")
        self.openssl("ca", "-batch", "-config", "ca.conf", "-in", "request.pem", "-cert", "ca.pem",
                     "-keyfile", "ca-key.pem", "-extfile", "names", "-startdate",
                     "20200101000000Z", "-enddate", "20210101000000Z", "-notext",
                     "-out", "certificate.pem")

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder,
                              capture_output=True, text=True)
        if done.returncode:
            raise lab.LabError("openssl: " + done.stderr)
