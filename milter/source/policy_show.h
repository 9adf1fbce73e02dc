/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_show.h - `relayguard policy show`: every entry of the effective
 * policy, expired ones too, and where two speak about the same value the one
 * that wins.
 */
#ifndef SOURCE_POLICY_SHOW_H
#define SOURCE_POLICY_SHOW_H

#include <stdio.h>

#include "policy/policy.h"

struct policy_show {
	int64_t now;
	bool json;   /* an array of objects; else a table */
	bool colour; /* mark what is void */
};

/* Print all of p; false when out of memory. */
bool policy_show(const struct policy *p, const struct policy_show *how,
    FILE *to);

#endif
