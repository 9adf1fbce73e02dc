#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The main job, shown on loopback: a private, wide-open sendmail is probed
without the guard and with it, honest mail is sent, the record is read.
Nothing of the system is touched.  Exit 0 when the guard did its job."""

import subprocess
import sys

import lab

POLICY = """\
local guard.test
local [127.0.0.1]
relay partner.example
"""
HONEST = [
    ("<friend@outside.example>", "<postmaster@guard.test>"),
    ("<friend@outside.example>", "<root@guard.test>"),
    ("<>", "<root@guard.test>"),
    ("<news@outside.example>", "<sale!@partner.example>"),
    ("<list-bounces@outside.example>", '<"odd user"@partner.example>'),
    ("<list-bounces@outside.example>", "<SRS0=h=t=else.example=u@partner.example>"),
]
RELAYGUARD = lab.BUILD / "relayguard"


def title(text):
    print(f"\n=== {text}", flush=True)


def probe(mta):
    """The self-test as a postmaster runs it; gives its exit status."""
    return subprocess.run([RELAYGUARD, "probe", "-q", "--local-user", "root@guard.test",
                           f"127.0.0.1:{mta.port}"], check=False).returncode


def send_honest_mail(mta):
    """Prints each reply; gives the number of refusals."""
    refused = 0
    with lab.SmtpSession(mta) as smtp:
        for sender, recipient in HONEST:
            *_, reply = smtp.envelope(sender, recipient)
            print(f"  {reply.code}  {recipient}  from {sender}")
            refused += reply.code != 250
    return refused


def main():
    title("1. A wide-open sendmail, probed from an address it does not trust")
    with lab.Sendmail(wide_open=True) as mta:
        open_status = probe(mta)
    title("2. The same sendmail with the guard in front")
    with lab.Guard(POLICY) as guard:
        with lab.Sendmail(wide_open=True, milter=guard.socket) as mta:
            guarded_status = probe(mta)
            title("3. Honest mail through the guard")
            refused = send_honest_mail(mta)
        title("4. What the guard has recorded: relayguard audit")
        subprocess.run([RELAYGUARD, "audit", guard.folder / "run/audit.jsonl"],
                       check=True)
    good = (open_status, guarded_status, refused) == (1, 0, 0)
    title("The guard did its job." if good else
          "NOT as expected: probe without the guard ended with "
          f"{open_status} (1 wanted), with it {guarded_status} (0 wanted), "
          f"honest mail refused: {refused}.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
