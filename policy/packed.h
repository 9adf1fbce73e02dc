/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packed.h - the value of a policy entry as it is stored: a folded name, an
 * identity, or the length of a prefix and the bytes of an address.  What must
 * not get into a policy is refused here: top-level domains, whole address
 * families.  For policy_builder.c.
 */
#ifndef POLICY_PACKED_H
#define POLICY_PACKED_H

#include "policy/policy.h"

/* Longest identity and subject; names and networks are shorter. */
#define PACKED_MAX 255

struct packed {
	char byte[PACKED_MAX + 1];
	size_t n;
};

/* Check and pack the value of an entry. */
enum policy_error packed_value(const struct policy_entry *in,
    struct packed *out);

#endif
