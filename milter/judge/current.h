/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * current.h - the policy in force.  Whoever judges takes it, uses it without
 * locks and gives it back; a reload swaps in another one, and the old one is
 * freed when the last taker has given it back.
 */
#ifndef JUDGE_CURRENT_H
#define JUDGE_CURRENT_H

#include <stdint.h>

#include "policy/policy.h"
#include "policy/rule_modes.h"

/* What is swapped as a whole. */
struct in_force {
	const struct policy *policy;
	uint64_t serial; /* 1 for the first policy, then counting up */
	struct rule_modes modes;
	/* A directory has yet to say what it grants: what is not granted here
	 * is deferred. */
	bool waiting;
};

struct current;

/* Nothing in force yet: current_take gives NULL.  NULL: out of memory. */
struct current *current_new(void);

/* Frees the policy too; nobody may still hold it. */
void current_free(struct current *c);

/*
 * Put policy in force, with these modes, waiting or not; from now on it belongs
 * to c.  0, or -1 when out of memory: then the old one stays and policy still
 * belongs to the caller.
 */
int current_swap(struct current *c, struct policy *policy,
    const struct rule_modes *modes, bool waiting);

/* What is in force, or NULL.  Give back what you took, exactly once. */
const struct in_force *current_take(struct current *c);
void current_give(struct current *c, const struct in_force *f);

#endif
