/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hash.h - the hash of a text, from a random seed on: nobody can prepare names
 * that collide.  FNV-1a, then mixed.
 */
#ifndef POLICY_HASH_H
#define POLICY_HASH_H

#include <stdint.h>

#include "policy/text.h"

/*
 * The hash runs from right to left, so that one pass over a host name yields
 * the hash of every parent domain on the way.
 */
static inline uint64_t
hash_start(uint64_t seed)
{
	return seed ^ 0xcbf29ce484222325u;
}

static inline uint64_t
hash_step(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * 0x100000001b3u;
}

static inline uint64_t
hash_end(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

static inline uint64_t
hash_text(uint64_t seed, struct text s)
{
	uint64_t h = hash_start(seed);
	size_t i;

	for (i = s.n; i > 0; i--)
		h = hash_step(h, s.at[i - 1]);
	return hash_end(h);
}

#endif
