# SPDX-License-Identifier: BSD-2-Clause
"""sink_modes - scripted servers that relay testers get wrong, and the truth.

Each is a row of MODES: what the server does, and what a tester has to say:
relays, closed, inconclusive (it answers, but no clear no) or invalid (nothing
could be tested).  `make testers` runs our tester and nmap's against all.
"""
import ctypes
import subprocess
import threading
import time
from typing import Callable, NamedTuple

from lab import free_port
from sink import (DENIED, DROP, OK, SILENT, Result, Sink, closed, only, open_relay,
                  strangers)

STARTTLS = "530 5.7.0 Must issue a STARTTLS command first"
V4, V6 = "127.0.0.1", "fd00:9::1"
STRANGER_V6 = "fd00:9::2"


def after(n_commands, how, otherwise):
    """The server takes no more than so many commands a connection."""
    return lambda verb, line, n: how if n > n_commands else otherwise(verb, line, n)


def tarpit(verb, line, n):
    time.sleep(0.02)
    return closed(verb, line, n)


def helo_only(verb, line, n):
    return "500 5.5.1 Command unrecognized" if verb == "EHLO" else None


def queue_ids(verb, line, n):
    return "250 2.1.5 ok, queued as 530A5305" if verb == "RCPT" else None


class Mode(NamedTuple):
    name: str
    truth: str
    answer: Callable
    banner: object = "220 mx.sink.test ESMTP"
    options: tuple = ("--timeout", "2")
    address: str = V4


MODES = [
    Mode("accepts all", "relays", open_relay),
    # only a message can tell; and this server takes nobody's
    Mode("accepts all, but 550 at DATA", "inconclusive",
         only("DATA", "550 5.7.1 We do not relay", open_relay),
         options=("--prove", "--catch", "127.0.0.1:{free}", "--wait", "1")),
    Mode("251 for recipients", "relays", strangers("251 2.1.5 User not local; will forward")),
    Mode("252 for recipients", "relays", strangers("252 2.1.5 Cannot VRFY user")),
    Mode("550 for strangers", "closed", closed),
    Mode("'530' in the text of a refusal", "closed",
         strangers("550 5.7.1 Relaying denied, see rule 530")),
    Mode("'530' in the id of an acceptance", "relays", queue_ids),
    Mode("550-first line, 250 last line", "relays", strangers("550-5.7.1 no\n250 2.1.5 yes")),
    Mode("STARTTLS required at MAIL", "invalid", only("MAIL", STARTTLS)),
    Mode("STARTTLS required at RCPT", "invalid", only("RCPT", STARTTLS)),
    Mode("450 for strangers", "inconclusive", strangers("450 4.7.1 Cannot resolve PTR record")),
    Mode("450 for everybody", "invalid", only("RCPT", "450 4.7.1 Greylisted")),
    Mode("550 at MAIL", "invalid", only("MAIL", "550 5.7.1 You are listed")),
    Mode("550 for everybody", "invalid", only("RCPT", DENIED)),
    Mode("drops the connection at once", "invalid", closed, DROP),
    Mode("drops it at EHLO", "invalid", only("EHLO", DROP)),
    Mode("drops it at MAIL", "invalid", only("MAIL", DROP)),
    Mode("drops it at RCPT", "invalid", only("RCPT", DROP)),
    Mode("421 after 20 commands, closed", "closed",
         after(20, "421 4.7.0 Too many commands", closed)),
    Mode("421 after 20 commands, open", "relays",
         after(20, "421 4.7.0 Too many commands", open_relay)),
    Mode("no banner", "invalid", closed, SILENT, ("--timeout", "1")),
    Mode("silent at RCPT", "invalid", only("RCPT", SILENT), options=("--timeout", "1")),
    Mode("tarpit, closed", "closed", tarpit),
    Mode("banner of several lines", "relays", open_relay, "220-ready\n220-for you\n220 service"),
    Mode("banner of asterisks", "closed", closed, "220 **************"),
    Mode("knows HELO alone, open", "relays", helo_only),
    Mode("IPv6, open", "relays", open_relay, address=V6,
         options=("--source", STRANGER_V6)),
    Mode("IPv6, closed", "closed", closed, address=V6,
         options=("--source", STRANGER_V6)),
]


def in_new_network(work):
    """work() in a thread whose network has nothing but two IPv6 addresses on
    loopback; takes root."""
    results = []

    def enter():
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(0x40000000) != 0:  # CLONE_NEWNET, this thread alone
            raise OSError(ctypes.get_errno(), "no network namespace here")
        for command in (["link", "set", "lo", "up"],
                        ["-6", "addr", "add", V6 + "/128", "dev", "lo", "nodad"],
                        ["-6", "addr", "add", STRANGER_V6 + "/128", "dev", "lo", "nodad"]):
            subprocess.run(["ip", *command], check=True)
        results.append(work())

    def run():
        try:
            enter()
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(results[0], BaseException):
        raise results[0]
    return results[0]


def against(mode, tester):
    """What tester(port, mode) says of this server."""
    def work():
        with Sink(mode.answer, mode.banner, mode.address) as sink:
            said = tester(sink.port, mode)
        return said, sink

    return in_new_network(work) if ":" in mode.address else work()


def ours(port, mode):
    options = [o.format(free=free_port()) for o in mode.options]
    return Result(port, *options, address=mode.address)
