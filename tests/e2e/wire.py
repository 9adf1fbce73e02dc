# SPDX-License-Identifier: BSD-2-Clause
"""wire - two machines joined by a cable: network namespaces and a veth pair.

    with Wire() as wire, Sendmail(wire) as mta:
        wire.probe("192.0.2.1")         # `relayguard probe` on the other one

Addresses are those for documentation, IPv4 and IPv6, and exist inside only.
That takes root and iproute2: otherwise available() says why not.
"""
import json
import os
import subprocess
from contextlib import AbstractContextManager, suppress

import lab
from sink import BINARY, SECONDS

SERVER4, SERVER6 = "192.0.2.1", "2001:db8:1::1"
CLIENT4, CLIENT6 = "192.0.2.2", "2001:db8:1::2"
OTHER4 = "192.0.2.3"  # the client's too


def sendmails(address):
    """As sendmail writes it: without a double colon."""
    return address if "." in address else "IPv6:" + address.replace("::", ":0:0:0:0:")


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def available():
    """None, or why there is no cable here."""
    if not lab.AS_ROOT:
        return "needs root (network namespaces)"
    try:
        with Wire():
            return None
    except FileNotFoundError:
        return "no ip(8) here (iproute2)"
    except subprocess.CalledProcessError as error:
        return f"no network namespaces here: {error.stderr.strip()}"


class Wire(AbstractContextManager):
    serial = 0

    def __init__(self):
        Wire.serial += 1
        name = f"rg{os.getpid()}-{Wire.serial}"
        self.server, self.client = name + "s", name + "c"

    def __enter__(self):
        try:
            self.plug()
        except BaseException:
            self.__exit__()
            raise
        return self

    def plug(self):
        for space in self.server, self.client:
            ip("netns", "add", space)
        ip("link", "add", "cable", "netns", self.server, "type", "veth",
           "peer", "name", "cable", "netns", self.client)
        for space, addresses in [(self.server, [SERVER4, SERVER6]),
                                 (self.client, [CLIENT4, OTHER4, CLIENT6])]:
            for address in addresses:
                v6 = ["/64", "nodad"] if ":" in address else ["/24"]
                ip("-n", space, "address", "add", address + v6[0], "dev", "cable", *v6[1:])
            for device in "lo", "cable":
                ip("-n", space, "link", "set", device, "up")

    def __exit__(self, *_):
        for space in self.server, self.client:
            with suppress(OSError, subprocess.CalledProcessError):
                ip("netns", "delete", space)

    def probe(self, *options):
        """The document of a run on the client's side."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.client, BINARY, "probe", "--format", "json", *options],
            capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
        document = json.loads(done.stdout)
        assert document["exit"] == done.returncode
        return document


class Sendmail(lab.Sendmail):
    """lab's sendmail at port 25 of the server's side, IPv4 and IPv6."""

    def __init__(self, wire, extra_mc=(), **more):
        six = f"DAEMON_OPTIONS(`Port=25, Addr={SERVER6}, Family=inet6, Name=MTA6')"
        super().__init__(address=SERVER4, own_addresses=[SERVER4, sendmails(SERVER6)],
                         extra_mc=[*extra_mc, six], **more)
        self.wire = wire

    def start(self):
        self.port = 25
        self.write_files()
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
               "LD_PRELOAD": str(lab.preload_library()), "LAB_HOSTNAME": self.hostname,
               "LAB_SYSLOG": str(self.folder / "log")}
        command = ["ip", "netns", "exec", self.wire.server, "env",
                   *(f"{k}={v}" for k, v in env.items()),
                   lab.SENDMAIL, "-C", self.folder / "sendmail.cf", "-bD"]
        self.launch(command)
        lab.wait_for(self.is_up, "sendmail's ports")

    def is_up(self):
        """Both daemons listen: as the kernel tells inside."""
        if not self.alive():
            raise lab.LabError("sendmail does not start:\n" + self.text("output") + self.log())
        rows = subprocess.run(["ip", "netns", "exec", self.wire.server, "cat", "/proc/net/tcp",
                               "/proc/net/tcp6"], capture_output=True, text=True).stdout
        return sum(":0019 " in row and " 0A " in row for row in rows.splitlines()) == 2
