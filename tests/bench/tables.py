# SPDX-License-Identifier: BSD-2-Clause
"""The benchmark's figures as tables for people, goals beside them."""
import sys

# key, label, format of a value, goal for the ratio guard / no-op
MEASURES = [
    ("cpu_10k", "filter CPU, s/10k sessions", ".3f", ("<=", 1.05)),
    ("p50_us", "RCPT p50, us", ".0f", None),
    ("p99_us", "RCPT p99, us", ".0f", ("<=", 1.10)),
    ("rcpt_per_s", "RCPT/s", ".0f", (">=", 0.97)),
]


def goal_text(value, goal):
    """'<= 1.05 met', or nothing without a goal."""
    if goal is None:
        return ""
    sign, limit = goal
    met = value <= limit if sign == "<=" else value >= limit
    word = "met" if met else "MISSED"
    if sys.stdout.isatty():
        word = f"\033[{32 if met else 31}m{word}\033[0m"
    return f"goal {sign} {limit:g} {word}"


def span(ratio):
    """Median and range of a ratio."""
    return "{:.2f} ({:.2f}-{:.2f})".format(*ratio)


def print_table(table, recipients):
    print(f"\n{table['title']}, {recipients} recipients each")
    print(f"  {'':26}{'no-op':>7}{'guard':>8}{'guard/no-op':>18}"
          f"{'to lean':>9}{'no-op/itself':>19}")
    for key, label, form, goal in MEASURES:
        row = table["rows"][key]
        guard, ratio, lean, said = "-", "-", "-", ""
        if "guard" in row:
            guard, ratio = format(row["guard"], form), span(row["ratio"])
            lean = format(row["lean"][0], ".2f")
            said = goal_text(row["ratio"][0], goal)
        print(f"  {label:26}{format(row['noop'], form):>7}{guard:>8}"
              f"{ratio:>18}{lean:>9}{span(row['itself']):>19}  "
              f"{said}".rstrip())


def print_line(label, value, unit, goal=None, form=".0f"):
    print(f"  {label:52}{format(value, form):>9} {unit:<10}"
          f"{goal_text(value, goal)}".rstrip())


def print_core(core):
    n = core["entries"]
    for name, entries in (("small", 1000), ("large", n)):
        part = core[name]
        print(f"\nOne decision, policy of {entries} domains + {entries} "
              "networks")
        print_line("recipient, honest", part["honest_ns"], "ns")
        print_line("recipient, abusive", part["abusive_ns"], "ns")
        print_line("recipient, 30 % abusive", part["mix_ns"], "ns",
                   ("<=", 2000))
        print_line("recipient, hardest of 512 bytes", part["hardest_ns"],
                   "ns")
        print_line("sender", part["sender_ns"], "ns")
        print_line("allocations", part["allocations"], "", ("<=", 0))
    print(f"\nLookups among {n} domains, {n} networks")
    print_line("domain", core["domain_ns"], "ns")
    print_line("client, IPv4", core["v4_ns"], "ns")
    print_line("client, IPv6", core["v6_ns"], "ns")
    print_line("domain + client (4 of 5 IPv4)", core["domain_ns"] +
               core["v4_ns"] * .8 + core["v6_ns"] * .2, "ns", ("<=", 500))
    print_line("memory for a domain", core["domain_bytes"], "bytes")
    print_line("memory for a network", core["network_bytes"], "bytes")
    print_line("memory for both lists", core["both_bytes"] / 2**20, "MiB",
               form=".1f")
    print_line("time to build both", core["both_build_s"], "s", form=".2f")


def print_memory(memory, idle):
    for name in ("noop", "guard"):
        if name not in memory:
            continue
        m, goals = memory[name], name == "guard"
        print(f"\nMemory and threads, {name}")
        print_line("resident after start", m["start_kib"] / 1024, "MiB",
                   ("<=", 8) if goals else None, ".1f")
        print_line(f"for each of {idle} idle sessions", m["idle_kib"], "KiB",
                   ("<=", 1) if goals else None, ".2f")
        print_line(f"threads at {idle} idle sessions", m["threads"], "",
                   ("<=", 6) if goals else None)
    if "large" in memory:
        m = memory["large"]
        print(f"\nThe guard with {m['entries']} domains + {m['entries']} "
              "networks")
        print_line("resident", m["rss_kib"] / 1024, "MiB", ("<=", 64), ".1f")
        print_line("resident at most, while loading", m["peak_kib"] / 1024,
                   "MiB", form=".1f")
        print_line("ready after", m["ready_s"], "s", form=".2f")
