/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_diff.h - `relayguard policy diff`: two policies compared by what
 * they say.  Order, comments and which file says it do not matter, nor does
 * saying it twice: of entries about the same value those count that ever
 * decide, so a grant only when it outlasts the denial.
 */
#ifndef SOURCE_POLICY_DIFF_H
#define SOURCE_POLICY_DIFF_H

#include <stdio.h>

#include "policy/policy.h"

struct policy_side {
	const struct policy *policy;
	const char *name; /* as the command line has it */
};

struct policy_diff {
	struct policy_side a, b;
	int64_t now;  /* expired entries are compared too, and marked */
	bool colour;
};

/*
 * Print every difference: "-" only in a, "+" only in b, "~" changed.  Returns
 * how many there are, or -1 when out of memory.
 */
long policy_diff(const struct policy_diff *d, FILE *to);

#endif
