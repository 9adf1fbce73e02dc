# SPDX-License-Identifier: BSD-2-Clause
"""waiting - sessions that a dead DNS keeps waiting, many at a time.

    with dead_servers(2) as servers, lab.Guard(...) as guard, \\
         Waiting(guard.socket, 50) as waiting:
        ...                     # 50 sessions wait, one after another each
    waiting.seconds             # how long each of them has waited, all together
"""
import itertools
import threading
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager

import dns_server
from rawmilter import CONTINUE, MilterSession

FAR = "100.64.0.7"  # not among those of tests/bench/load
RECIPIENT = "<u@guard.test>"
# what waits at MAIL, for existence; and what only SPF makes wait, at RCPT
SENDERS = ["<a@n{}.dead.test>", "<>", "<a@n{}.guard.test>"]


@contextmanager
def dead_servers(n):
    """The names of n servers that swallow every question."""
    with ExitStack() as stack:
        yield [stack.enter_context(dns_server.BrokenServer("silent")).name
               for _ in range(n)]


def timed(ask):
    start = time.monotonic()
    answer = ask()
    return time.monotonic() - start, answer


def session(where, sender, client=FAR, helo="client.example"):
    """Seconds until the answers to MAIL and to RCPT, of which both are accepted."""
    with MilterSession(where, 60) as m:
        m.greet(client, helo=helo)
        mail, answer = timed(lambda: m.mail(sender))
        assert answer.kind == CONTINUE, answer
        rcpt, answer = timed(lambda: m.rcpt(RECIPIENT))
        assert answer.kind == CONTINUE, answer
        m.quit()
    return mail, rcpt


class Waiting(AbstractContextManager):
    """n sessions at a time; each has names that nobody has asked for before."""

    numbers = itertools.count()

    def __init__(self, where, n):
        self.where, self.seconds, self.failures = where, [], []
        self.stop = False
        self.threads = [threading.Thread(target=self.run) for _ in range(n)]

    def run(self):
        while not self.stop:
            number = next(self.numbers)
            sender = SENDERS[number % len(SENDERS)].format(number)
            try:
                self.seconds.append(sum(session(
                    self.where, sender, helo=f"n{number}.helo.test")))
            except Exception as failure:
                self.failures.append(failure)
                return

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop = True
        for thread in self.threads:
            thread.join()
