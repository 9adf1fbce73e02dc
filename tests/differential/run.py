#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""run - does anything that the guard lets through leave to a foreign place?

Generated addresses go to a wide-open sendmail with the guard in front; what
the guard lets through is resolved by that sendmail (one hop) and then by mail
servers for which the relay domain is local and which are wide open too (two
hops).  A destination outside the policy is a leak.  The same addresses to the
same sendmail without the guard show how many leaks there would have been.

Exit status: 0 no leak, 1 leaks, 2 nothing proved (too few addresses judged,
too few tricks that work without the guard), 64 usage, 70 the lab failed.
"""
import argparse
import multiprocessing
import os
import sys
import time
from contextlib import ExitStack

import grammar
import hop
import tally

BATCH = 100
ENOUGH_JUDGED = 0.90


class Step:
    """One batch through all servers; made once, used in every worker."""

    def __init__(self, options, guarded, unguarded, hops):
        self.options, self.hops = options, hops
        self.guarded, self.unguarded = hop.Client(guarded), hop.Client(unguarded)

    def run(self, number):
        size = min(BATCH, self.options.n - number * BATCH)
        addresses = grammar.batch(self.options.seed, number, size, self.options.bias)
        drops = self.guarded.drops + self.unguarded.drops
        self.guarded.send(addresses)
        self.unguarded.send(addresses)
        with_guard = self.guarded.collect(addresses)
        without = self.unguarded.collect(addresses)
        result = tally.Tally()
        for address, answer, bare in zip(addresses, with_guard, without):
            if answer.kind == "parser" and bare.kind != "parser":
                answer = answer._replace(kind="unjudged")  # who refused it then?
            judge(result, address, answer)
        judge_unguarded(result, without)
        self.second_hop(result, addresses, with_guard, without)
        result.count["drops"] = self.guarded.drops + self.unguarded.drops - drops
        return result

    def second_hop(self, result, addresses, with_guard, without):
        """Everything let through as it was typed, and what is for the relay
        domain as the first sendmail passes it on."""
        ask = {}
        for address, answer in zip(addresses, with_guard):
            if answer.kind != "through" or hop.destination_of(answer) is not None:
                continue
            ask[answer.seen] = address
            if is_for_relay(answer):
                ask[b"<" + answer.address + b">"] = address
                result.relayed.append((address, answer.address))
        would = {b"<" + a.address + b">" for a in without if is_for_relay(a)}
        for server in self.hops:
            for recipient, place in server.resolve(list(ask)):
                result.count[server.name, "asked"] += 1
                if place is not None:
                    result.count[server.name, "leaks"] += 1
                    result.findings["leaks_after_second_hop"].add(
                        ask[recipient], f"{server.name} takes "
                        f"{tally.shown(recipient)} to {place!r}")
            for _, place in server.resolve(list(would)):
                result.count[server.name, "would be asked"] += 1
                result.count[server.name, "would leak"] += place is not None


def is_for_relay(answer):
    """Does the first sendmail send this on to the relay domain?"""
    domain = hop.domain_of(answer.address.decode("latin-1")).lower()
    return (answer.kind == "through" and answer.mailer != "local" and
            domain.removesuffix(".") == "relay.test")


def judge(result, address, answer):
    """Count one answer of the guarded server."""
    result.count["sent"] += 1
    result.count[answer.kind] += 1
    if answer.kind == "guard":
        result.rules[answer.rule] += 1
        if answer.rule == "M01":
            result.findings["only_m01"].add(address, "")
    elif answer.kind == "unjudged":
        result.findings["unjudged"].add(address, tally.shown(answer.text))
    elif answer.kind == "through":
        result.count["to the relay domain"] += is_for_relay(answer)
        if hop.destination_of(answer) is not None:
            result.findings["leaks"].add(
                address, f"-> {answer.mailer} {answer.host!r} "
                f"{tally.shown(answer.address)}")


def judge_unguarded(result, answers):
    for answer in answers:
        result.count["would be judged"] += answer.kind in ("through", "parser")
        result.count["would pass"] += answer.kind == "through"
        result.count["would be relayed"] += is_for_relay(answer)
        result.count["would leak"] += hop.destination_of(answer) is not None


# ------------------------------------------------------------- the whole run

step = None  # what the worker processes inherit


def run_batch(number):
    return step.run(number)


def run_all(options, relay_file):
    """All batches on several processes; gives one Tally."""
    total, begin = tally.Tally(), time.monotonic()
    batches = (options.n + BATCH - 1) // BATCH
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        for done, result in enumerate(pool.imap(run_batch, range(batches)), 1):
            total.add(result)
            for argument, address in result.relayed:
                print(tally.shown(argument), tally.shown(address), sep="\t",
                      file=relay_file)
            if sys.stderr.isatty() and (done % 10 == 0 or done == batches):
                rate = total.count["sent"] / (time.monotonic() - begin)
                print(f"\r{total.count['sent']} of {options.n}, {rate:.0f}/s, "
                      f"{total.findings['leaks'].total()} leaks ",
                      end="" if done < batches else "\n", file=sys.stderr, flush=True)
    total.seconds = time.monotonic() - begin
    return total


def print_findings(title, found, limit):
    if found.groups:
        print(f"{title}: {found.total()}, by shape, the shortest example of each")
        for line in found.lines(limit):
            print(line)


def report(options, total, hops):
    count, found = total.count, total.findings
    n = count["sent"]
    print_findings("LEAKS after one hop", found["leaks"], options.limit)
    print_findings("LEAKS after two hops", found["leaks_after_second_hop"],
                   options.limit)
    print_findings("refused only because sendmail says so (M01)", found["only_m01"],
                   options.limit)
    print_findings("never judged", found["unjudged"], options.limit)
    print("rules: " + ", ".join(f"{r} {k}" for r, k in total.rules.most_common()))
    seen = count["guard"] + count["through"]
    print(f"one hop: {n} addresses, {count['parser']} refused by sendmail itself, "
          f"{seen} seen by the guard, {count['through']} let through, "
          f"{found['leaks'].total()} leaks, {count['unjudged']} never judged; "
          f"without the guard: {count['would pass']} let through, "
          f"{count['would leak']} leaks ({count['would leak'] / n:.1%})")
    for server in hops:
        print(f"two hops, {server.name}: {count['would be relayed']} addresses for "
              f"the relay domain, {count['to the relay domain']} let through, "
              f"{count[server.name, 'asked']} recipients resolved, "
              f"{count[server.name, 'leaks']} leaks; without the guard: "
              f"{count[server.name, 'would be asked']} resolved, "
              f"{count[server.name, 'would leak']} leaks")
    print(f"{total.seconds:.1f} s, {n / total.seconds:.0f} addresses/s, "
          f"{count['drops']} dropped connections, seed {options.seed}")


def verdict(options, total, hops):
    """The exit status, and in words why it is not 0."""
    count = total.count
    leaks = (total.findings["leaks"].total() +
             total.findings["leaks_after_second_hop"].total())
    if leaks:
        print(f"FAILED: {leaks} leaks")
        return 1
    judged = count["parser"] + count["guard"] + count["through"]
    doubts = []
    if judged < ENOUGH_JUDGED * options.n:
        doubts.append(f"only {judged} of {options.n} addresses were judged")
    if count["would leak"] <= hop.ENOUGH_TRICKS[options.variant] * options.n:
        doubts.append(f"only {count['would leak']} would leak without the guard")
    if count["would be judged"] < ENOUGH_JUDGED * options.n:
        doubts.append("too few addresses were judged without the guard")
    for server in hops:
        if not count[server.name, "asked"] or not count[server.name, "would leak"]:
            doubts.append(f"{server.name} as second hop was never in danger")
    print("NOTHING PROVED: " + "; ".join(doubts) if doubts else "passed")
    return 2 if doubts else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0],
                                     prog="run.py")
    parser.add_argument("-n", type=int, default=20000, help="number of addresses")
    parser.add_argument("--seed", default=None, help="default: a new one, printed")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--variant", choices=hop.VARIANTS, default="default",
                        help="of the first sendmail")
    parser.add_argument("--bias", type=float, default=0.45,
                        help="share of addresses at the relay domain")
    parser.add_argument("--relay-file", default=os.devnull,
                        help="write what was let through to the relay domain: the "
                        "argument and what sendmail makes of it, escaped, a line each")
    parser.add_argument("--limit", type=int, default=40, help="shapes printed")
    options = parser.parse_args()
    if options.n < 1 or options.jobs < 1:
        parser.error("-n and --jobs must be positive")
    if options.seed is None:
        options.seed = str(int.from_bytes(os.urandom(4), "big"))
    return options


def main():
    global step
    options = arguments()
    print(f"differential: {options.n} addresses, seed {options.seed}, first hop "
          f"sendmail ({options.variant})", flush=True)
    with ExitStack() as lab:
        tracer = lab.enter_context(hop.Tracer())
        guard = lab.enter_context(hop.lab.Guard(hop.POLICY, audit_log=""))
        guarded = lab.enter_context(hop.wide_open(tracer, options.variant, guard))
        unguarded = lab.enter_context(hop.wide_open(tracer, options.variant))
        hops = [hop.SendmailHop(f"sendmail {variant}", lab.enter_context(
            hop.wide_open(tracer, variant, None, ("guard.test", "relay.test"))))
            for variant in ("decnet", "nospecial")]
        step = Step(options, guarded, unguarded, hops)
        relay_file = lab.enter_context(open(options.relay_file, "w", encoding="ascii"))
        total = run_all(options, relay_file)
        if not guard.alive():
            raise hop.lab.LabError("the guard died:\n" + guard.text("output"))
    report(options, total, hops)
    return verdict(options, total, hops)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except hop.lab.LabError as error:
        print(f"run.py: {error}", file=sys.stderr)
        sys.exit(70)
