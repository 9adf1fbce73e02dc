/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * access_map.h - sendmail's access map as it stands: keys and values, for
 * whoever asks the map door in sendmail's place.  What it means for relaying
 * is in the policy; this is for all else that sendmail looks up there.
 */
#ifndef POLICY_ACCESS_MAP_H
#define POLICY_ACCESS_MAP_H

#include <stdint.h>

#include "policy/text.h"

struct access_map;

/* seed: random, as in policy_builder_new.  NULL when out of memory. */
struct access_map *access_map_new(uint64_t seed);
void access_map_free(struct access_map *m);

/*
 * Copy a key, in lower case, and its value.  Of equal keys the first counts,
 * as in makemap(8).  False when out of memory or over 2^31 entries.
 */
bool access_map_add(struct access_map *m, struct text key, struct text value);

/* The value of a key, which is in lower case; false when there is none. */
bool access_map_find(const struct access_map *m, struct text key,
    struct text *value);

size_t access_map_count(const struct access_map *m);

/* Bytes of memory that it holds. */
size_t access_map_bytes(const struct access_map *m);

#endif
