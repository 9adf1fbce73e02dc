/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/access_map.h"

#include <stdlib.h>

#include "policy/hash.h"

#define ENTRIES_MAX 0x7fffffffu

/* Its bytes: the key, then the value. */
struct entry {
	char *at;
	uint32_t key_n, value_n;
	uint64_t hash;
};

struct access_map {
	uint64_t seed;
	struct entry *slot; /* at NULL: free */
	size_t slots, n;
	size_t bytes; /* of all texts */
};

/* The hash of the key in lower case. */
static uint64_t
hash_of(const struct access_map *m, struct text key)
{
	uint64_t h = hash_start(m->seed);
	size_t i;

	for (i = 0; i < key.n; i++)
		h = hash_step(h, text_lower(key.at[i]));
	return hash_end(h);
}

/* The slot of the key, or the free one where it belongs. */
static struct entry *
slot_of(const struct access_map *m, struct text key, uint64_t hash)
{
	size_t at = (size_t)(hash % m->slots);

	while (m->slot[at].at != NULL && (m->slot[at].hash != hash ||
	    !text_same((struct text){ m->slot[at].at, m->slot[at].key_n },
	    key)))
		at = at + 1 < m->slots ? at + 1 : 0;
	return &m->slot[at];
}

/* Twice the slots. */
static bool
grow(struct access_map *m)
{
	struct entry *old = m->slot, *slot;
	size_t i, slots = m->slots;

	slot = calloc(slots * 2, sizeof *slot);
	if (slot == NULL)
		return false;
	m->slot = slot;
	m->slots = slots * 2;
	for (i = 0; i < slots; i++)
		if (old[i].at != NULL)
			*slot_of(m, (struct text){ old[i].at, old[i].key_n },
			    old[i].hash) = old[i];
	free(old);
	return true;
}

struct access_map *
access_map_new(uint64_t seed)
{
	struct access_map *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->seed = seed;
	m->slots = 16;
	m->slot = calloc(m->slots, sizeof *m->slot);
	if (m->slot != NULL)
		return m;
	free(m);
	return NULL;
}

void
access_map_free(struct access_map *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->slots; i++)
		free(m->slot[i].at);
	free(m->slot);
	free(m);
}

bool
access_map_add(struct access_map *m, struct text key, struct text value)
{
	uint64_t hash = hash_of(m, key);
	struct entry *e, fresh = { .key_n = (uint32_t)key.n,
		.value_n = (uint32_t)value.n, .hash = hash };
	size_t i;

	if (m->n >= ENTRIES_MAX || (m->n * 4 >= m->slots * 3 && !grow(m)))
		return false;
	e = slot_of(m, key, hash);
	if (e->at != NULL)
		return true;
	fresh.at = malloc(key.n + value.n + 1);
	if (fresh.at == NULL)
		return false;
	for (i = 0; i < key.n; i++)
		fresh.at[i] = text_lower(key.at[i]);
	if (value.n > 0)
		memcpy(fresh.at + key.n, value.at, value.n);
	*e = fresh;
	m->n++;
	m->bytes += key.n + value.n + 1;
	return true;
}

bool
access_map_find(const struct access_map *m, struct text key,
    struct text *value)
{
	const struct entry *e = slot_of(m, key, hash_of(m, key));

	/* text_same is too kind: keys are in lower case */
	if (e->at == NULL || !text_equal((struct text){ e->at, e->key_n }, key))
		return false;
	*value = (struct text){ e->at + e->key_n, e->value_n };
	return true;
}

size_t
access_map_count(const struct access_map *m)
{
	return m->n;
}

size_t
access_map_bytes(const struct access_map *m)
{
	return sizeof *m + m->slots * sizeof *m->slot + m->bytes;
}
