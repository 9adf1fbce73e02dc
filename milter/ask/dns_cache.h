/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_cache.h - answers of the DNS, kept for their time.  Bounded in bytes:
 * what was not asked for the longest gives way.  In shards, each with a lock
 * of its own, so that threads seldom wait for each other.
 */
#ifndef MILTER_ASK_DNS_CACHE_H
#define MILTER_ASK_DNS_CACHE_H

#include "milter/ask/dns_question.h"

struct dns_cache;

struct dns_cache_stats {
	uint64_t evicted; /* had to give way before their time was over */
	size_t entries;
	size_t bytes;
};

/*
 * At most so many bytes, what malloc adds included, and about 2 % for tables.
 * The seed keeps others from choosing names that collide.  NULL when out of
 * memory.
 */
struct dns_cache *dns_cache_new(size_t bytes, uint64_t seed);

/* c may be NULL. */
void dns_cache_free(struct dns_cache *c);

/* Times are CLOCK_MONOTONIC in ms. */

/*
 * The answer to q with the seconds that are left, to be freed; NULL when there
 * is none.
 */
struct dns_answer *dns_cache_get(struct dns_cache *c,
    const struct dns_question *q, int64_t now_ms);

/*
 * Keep answer for its TTL, in place of what there was.  It is held, not taken.
 * Not kept, without a word: TTL 0, one too large for its shard, no memory.
 */
void dns_cache_put(struct dns_cache *c, const struct dns_question *q,
    struct dns_answer *answer, int64_t now_ms);

/* Forget everything. */
void dns_cache_clear(struct dns_cache *c);

void dns_cache_stats(struct dns_cache *c, struct dns_cache_stats *out);

#endif
