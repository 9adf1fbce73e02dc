/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_plain.h - what several sources say, as entries of one file of
 * relay.policy(5): one for each value, the one that decides.  A domain and the
 * names below it are two.
 */
#ifndef SOURCE_POLICY_PLAIN_H
#define SOURCE_POLICY_PLAIN_H

#include "conf/complaint.h"
#include "policy/policy.h"

struct plain_entry {
	struct policy_entry e; /* never SPAN_BOTH */
	const size_t *from;    /* the numbers of all about this value */
	size_t n;              /* at least one says the same as e */
};

/*
 * Call take for each, in policy_order.  Only what the first n entries of p are
 * about is written: those behind are their other spellings
 * (idn_add_spellings).  Of several that grant, or deny, the one is taken that
 * lasts longest.  A grant that is denied becomes a note in c, also when it
 * would outlast the denial.  False: out of memory, or take returned false.
 */
bool policy_plain(const struct policy *p, size_t n, struct complaints *c,
    bool (*take)(const struct plain_entry *entry, void *with), void *with);

#endif
