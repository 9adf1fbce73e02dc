/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * group.h - counts records by a key: how many, first and last seen.  Memory
 * grows with the number of different keys, never with the number of records.
 */
#ifndef AUDIT_GROUP_H
#define AUDIT_GROUP_H

#include <stdint.h>

#include "policy/text.h"

struct group_row {
	struct text key; /* owned by the group; any byte */
	uint64_t count;
	int64_t first, last; /* milliseconds since 1970 */
	uint32_t rules;      /* different rules; kept by the caller */
	uint32_t hash;
};

struct group;

/* NULL when out of memory. */
struct group *group_new(void);
void group_free(struct group *g);

/*
 * Count one record seen at this time.  Returns the key's row, whose count is
 * 1 when it is new; valid until the next group_add.  NULL when out of memory:
 * nothing is counted then.
 */
struct group_row *group_add(struct group *g, struct text key, int64_t time);

/* Different keys. */
size_t group_size(const struct group *g);

/*
 * The n rows with the highest counts, equals by their keys, into out[n].
 * Returns how many there are.
 */
size_t group_top(const struct group *g, size_t n,
    const struct group_row **out);

#endif
