/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot.h - how a policy lies in memory; for policy.c and
 * policy_builder.c only.  A policy is a few layers, each built at once and
 * shared by all policies that have it: entries are 16 bytes, their text lies in
 * one arena, a hash table finds names and identities, network tables find
 * clients, forwarders and our own address literals.
 */
#ifndef POLICY_SNAPSHOT_H
#define POLICY_SNAPSHOT_H

#include <stdatomic.h>

#include "policy/hash.h"
#include "policy/network_table.h"
#include "policy/policy.h"

/* A policy_entry, packed. */
struct stored {
	uint32_t value; /* offset in the arena: name, or bits + address bytes */
	uint32_t line;
	uint32_t extra; /* index + 1 into extras, 0 when there is none */
	uint16_t source;
	uint8_t value_n;
	uint8_t kind : 3, action : 1, span : 2, family : 2;
};

/* What few entries have. */
struct extra {
	int64_t until;
	uint32_t note; /* offset in the arena */
	uint32_t note_n;
	uint32_t only; /* offset in the arena */
	uint32_t only_n;
};

/* A slot of the hash table: entry + 1, 0 when free. */
struct slot {
	uint32_t tag;
	uint32_t entry;
};

struct arena {
	char *at;
	size_t n, cap;
};

struct source_name {
	uint32_t at, n; /* in the arena */
	bool directory; /* lines are numbers of records */
};

/* One per family; NULL is none. */
struct networks {
	struct network_table *four, *six;
};

struct layer {
	atomic_uint users; /* policies that have it */
	uint64_t seed;
	struct stored *entry;
	size_t n, cap;
	struct extra *extra;
	size_t extras, extra_cap;
	struct arena arena;
	struct source_name *source;
	size_t sources, source_cap;
	struct slot *slot; /* slots of them */
	uint32_t slots;
	struct networks networks[POLICY_KINDS];
	size_t count[POLICY_KINDS];
	struct access_map *access; /* NULL: none */
	unsigned access_source;
	struct records *records; /* of its directory; NULL: none */
};

/* A layer as one policy has it. */
struct part {
	struct layer *layer;
	uint64_t *out; /* a bit for each entry that is taken out; or NULL */
	size_t out_count[POLICY_KINDS];
};

struct policy {
	struct part part[POLICY_LAYERS_MAX];
	unsigned parts;
};

/* Where the search for a hash starts; any number of slots will do. */
static inline uint32_t
hash_slot(const struct layer *l, uint64_t h)
{
	return (uint32_t)((h & 0xffffffffu) * l->slots >> 32);
}

static inline uint32_t
hash_tag(uint64_t h)
{
	return (uint32_t)(h >> 32);
}

static inline struct text
stored_value(const struct layer *l, const struct stored *e)
{
	return (struct text){ l->arena.at + e->value, e->value_n };
}

static inline bool
stored_expired(const struct layer *l, const struct stored *e, int64_t now)
{
	return e->extra != 0 && l->extra[e->extra - 1].until != 0 &&
	    l->extra[e->extra - 1].until <= now;
}

/* Expired at now, or taken out? */
static inline bool
part_is_void(const struct part *part, const struct stored *e, int64_t now)
{
	size_t i = (size_t)(e - part->layer->entry);

	return (part->out != NULL && (part->out[i / 64] >> i % 64 & 1) != 0) ||
	    stored_expired(part->layer, e, now);
}

/* All layers have the same. */
static inline uint64_t
policy_hash_seed(const struct policy *p)
{
	return p->part[0].layer->seed;
}

/* The entry as policy.h hands it out. */
void part_entry(const struct policy *p, const struct part *part,
    const struct stored *e, struct policy_entry *out);

/* One user less. */
void layer_free(struct layer *l);

#endif
