/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * network_table.h - longest-prefix match over a fixed set of networks of one
 * address family, as a flat list of disjoint intervals: built once, then asked
 * by binary search without pointers to follow.
 */
#ifndef POLICY_NETWORK_TABLE_H
#define POLICY_NETWORK_TABLE_H

#include "policy/network.h"

struct network_table;

/* One network and the number its owner knows it by. */
struct network_item {
	struct network network; /* of the table's family */
	uint32_t id;
	bool innermost; /* among equal networks, the one to be found first */
};

/* Sorts items[0..n); keeps nothing of them.  NULL when out of memory. */
struct network_table *network_table_new(enum ip_family family,
    struct network_item *items, size_t n);
void network_table_free(struct network_table *t);

/*
 * The ids of the networks that contain ip, innermost first: pass 0 for the
 * first, then *cursor as it was left.  False when there is no further one.
 * NULL, here and below, is a table of no networks.
 */
bool network_table_next(const struct network_table *t, const struct ip *ip,
    uint32_t *cursor, uint32_t *id);

size_t network_table_bytes(const struct network_table *t);

#endif
