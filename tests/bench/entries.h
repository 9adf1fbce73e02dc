/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * entries.h - policy entries by the million: random-looking but computed from
 * their number, no two alike, and none that touches the envelopes of mix.h.
 */
#ifndef TESTS_ENTRIES_H
#define TESTS_ENTRIES_H

#include "policy/policy.h"

/*
 * Relay domain number i: name is written to out[DOMAIN_MAX], *entry borrows
 * it.  Every other one speaks for the names below it.
 */
void entries_domain(unsigned i, struct policy_entry *entry, char *out);

/* Client network number i; four of five are IPv4, /20 to /32. */
void entries_network(unsigned i, struct policy_entry *entry);

/* The entry of mix.h's own domains: i from 0 to ENTRIES_MIX - 1. */
#define ENTRIES_MIX 3
void entries_mix(unsigned i, struct policy_entry *entry);

#endif
