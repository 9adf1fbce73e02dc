/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/group.h"

#include <stdlib.h>
#include <sys/random.h>

#define CHUNK_BYTES 65536
#define FIRST_SLOTS 64

/* Key bytes, so that rows can move while their keys stay. */
struct chunk {
	struct chunk *next;
	size_t used, cap;
	char bytes[];
};

/* Open addressing over row numbers + 1; at most half of the slots are used. */
struct group {
	size_t n, cap, slots;
	struct group_row *row;
	uint32_t *slot;
	struct chunk *chunks;
	uint64_t seed; /* so that no sender can choose keys that collide */
};

struct group *
group_new(void)
{
	struct group *g = calloc(1, sizeof *g);

	if (g == NULL)
		return NULL;
	g->slots = FIRST_SLOTS;
	g->slot = calloc(g->slots, sizeof *g->slot);
	if (g->slot == NULL) {
		free(g);
		return NULL;
	}
	/* without random numbers it is only slower in the worst case */
	if (getrandom(&g->seed, sizeof g->seed, GRND_NONBLOCK) < 0)
		g->seed = (uint64_t)(uintptr_t)g;
	return g;
}

void
group_free(struct group *g)
{
	struct chunk *next;

	if (g == NULL)
		return;
	for (; g->chunks != NULL; g->chunks = next) {
		next = g->chunks->next;
		free(g->chunks);
	}
	free(g->row);
	free(g->slot);
	free(g);
}

static uint32_t
hash_of(const struct group *g, struct text key)
{
	uint64_t h = g->seed;
	size_t i;

	for (i = 0; i < key.n; i++) {
		h = (h ^ (unsigned char)key.at[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return (uint32_t)(h >> 32);
}

/* The slot that holds key, or the free one where it belongs. */
static uint32_t *
find_slot(const struct group *g, struct text key, uint32_t hash)
{
	size_t i = hash & (g->slots - 1);

	while (g->slot[i] != 0) {
		const struct group_row *row = &g->row[g->slot[i] - 1];

		if (row->hash == hash && text_equal(row->key, key))
			break;
		i = (i + 1) & (g->slots - 1);
	}
	return &g->slot[i];
}

/* Twice the slots, and the rows entered again. */
static int
grow_slots(struct group *g)
{
	size_t row, i, slots = 2 * g->slots;
	uint32_t *slot = calloc(slots, sizeof *slot);

	if (slot == NULL)
		return -1;
	for (row = 0; row < g->n; row++) {
		i = g->row[row].hash & (slots - 1);
		while (slot[i] != 0)
			i = (i + 1) & (slots - 1);
		slot[i] = (uint32_t)(row + 1);
	}
	free(g->slot);
	g->slot = slot;
	g->slots = slots;
	return 0;
}

/* Room for one row more. */
static int
reserve(struct group *g)
{
	size_t cap = g->cap + g->cap / 2 + 16;
	struct group_row *row;

	if (g->n == UINT32_MAX - 1)
		return -1;
	if (g->n == g->cap) {
		row = reallocarray(g->row, cap, sizeof *row);
		if (row == NULL)
			return -1;
		g->row = row;
		g->cap = cap;
	}
	return 2 * (g->n + 1) > g->slots ? grow_slots(g) : 0;
}

static int
copy_key(struct group *g, struct text *key)
{
	struct chunk *c = g->chunks;
	size_t cap = key->n > CHUNK_BYTES ? key->n : CHUNK_BYTES;
	char *copy;

	if (c == NULL || c->cap - c->used < key->n) {
		c = malloc(sizeof *c + cap);
		if (c == NULL)
			return -1;
		*c = (struct chunk){ .next = g->chunks, .cap = cap };
		g->chunks = c;
	}
	copy = c->bytes + c->used;
	if (key->n > 0)
		memcpy(copy, key->at, key->n);
	c->used += key->n;
	key->at = copy;
	return 0;
}

static struct group_row *
add_row(struct group *g, struct text key, uint32_t hash, int64_t time)
{
	struct group_row *row;

	if (reserve(g) != 0 || copy_key(g, &key) != 0)
		return NULL;
	row = &g->row[g->n++];
	*row = (struct group_row){ .key = key, .count = 1, .first = time,
		.last = time, .hash = hash };
	/* the table may have grown: look for the place again */
	*find_slot(g, key, hash) = (uint32_t)g->n;
	return row;
}

struct group_row *
group_add(struct group *g, struct text key, int64_t time)
{
	uint32_t hash = hash_of(g, key);
	uint32_t at = *find_slot(g, key, hash);
	struct group_row *row;

	if (at == 0)
		return add_row(g, key, hash, time);
	row = &g->row[at - 1];
	row->count++;
	if (time < row->first)
		row->first = time;
	if (time > row->last)
		row->last = time;
	return row;
}

size_t
group_size(const struct group *g)
{
	return g->n;
}

/* Is a to be listed before b? */
static bool
goes_before(const struct group_row *a, const struct group_row *b)
{
	size_t n = a->key.n < b->key.n ? a->key.n : b->key.n;
	int order;

	if (a->count != b->count)
		return a->count > b->count;
	order = n == 0 ? 0 : memcmp(a->key.at, b->key.at, n);
	return order != 0 ? order < 0 : a->key.n < b->key.n;
}

/* Let out[at] of a heap, whose root is the last to be listed, sink. */
static void
sink(const struct group_row **out, size_t n, size_t at)
{
	const struct group_row *moving = out[at];
	size_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && goes_before(out[child], out[child + 1]))
			child++;
		if (!goes_before(moving, out[child]))
			break;
		out[at] = out[child];
		at = child;
	}
	out[at] = moving;
}

size_t
group_top(const struct group *g, size_t n, const struct group_row **out)
{
	size_t i;

	if (n > g->n)
		n = g->n;
	for (i = 0; i < n; i++)
		out[i] = &g->row[i];
	for (i = n / 2; i-- > 0;)
		sink(out, n, i);
	for (i = n; n > 0 && i < g->n; i++) {
		if (goes_before(&g->row[i], out[0])) {
			out[0] = &g->row[i];
			sink(out, n, 0);
		}
	}
	for (i = n; i-- > 1;) {
		const struct group_row *last = out[0];

		out[0] = out[i];
		out[i] = last;
		sink(out, i, 0);
	}
	return n;
}
