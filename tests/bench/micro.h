/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * micro.h - the parts of the micro-benchmark: micro.c builds the policies,
 * micro_decide.c and micro_lookup.c question them, micro_clock.c times that.
 */
#ifndef TESTS_MICRO_H
#define TESTS_MICRO_H

#include "policy/policy.h"

#define MICRO_NOW 1767225600 /* 2026-01-01, as Unix time */

/* CPU time of this thread in ns. */
double micro_cpu_ns(void);

/*
 * Run pass(of) several times, each doing n operations: the median of the ns
 * for one operation.
 */
double micro_median_ns(void (*pass)(void *of), void *of, size_t n);

/* p, unless it is NULL: then exit for want of memory. */
void *micro_need(void *p);

/*
 * Print, as a member of a JSON object, what a decision costs with this policy
 * (entries_mix and any filler).  Returns how many verdicts were wrong.
 */
unsigned long micro_decisions(const char *name, const struct policy *p);

/*
 * ns for one lookup in a policy that holds entries_domain, or entries_network,
 * 0 to n - 1.  Adds the wrong answers to *wrong.
 */
double micro_find_domain(const struct policy *p, unsigned n,
    unsigned long *wrong);
double micro_find_client(const struct policy *p, unsigned n,
    enum ip_family family, unsigned long *wrong);

#endif
