/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The building side of policy.h.  A builder is a policy that still grows: its
 * hash table holds every entry, networks too, to find duplicates; freezing
 * rebuilds it for names alone and lays out the networks.
 */
#include <stdlib.h>

#include "policy/domain.h"
#include "policy/packed.h"
#include "policy/records.h"
#include "policy/snapshot.h"

struct policy_builder {
	struct policy *policy; /* of one layer */
	struct layer *layer;
};

#define ENTRIES_MAX 0x7fffffffu
#define ARENA_MAX 0xffffffffu
#define SOURCES_MAX 65535u

/* Room for one more element; doubles, so adding stays cheap. */
static bool
reserve(void **at, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap == 0 ? 16 : *cap * 2;
	void *p;

	if (n < *cap)
		return true;
	p = realloc(*at, want * size);
	if (p == NULL)
		return false;
	*at = p;
	*cap = want;
	return true;
}

/* Give back what reserve took too much; failing to do so is no harm. */
static void
trim(void **at, size_t n, size_t *cap, size_t size)
{
	void *p;

	if (n == 0 || n == *cap)
		return;
	p = realloc(*at, n * size);
	if (p != NULL) {
		*at = p;
		*cap = n;
	}
}

static enum policy_error
store_text(struct arena *a, struct text s, uint32_t *at)
{
	size_t cap = a->cap;
	char *p;

	if (a->n + s.n > ARENA_MAX)
		return POLICY_TOO_MANY;
	while (cap < a->n + s.n)
		cap = cap == 0 ? 4096 : cap * 2;
	if (cap != a->cap) {
		p = realloc(a->at, cap);
		if (p == NULL)
			return POLICY_NO_MEMORY;
		a->at = p;
		a->cap = cap;
	}
	if (s.n > 0)
		memcpy(a->at + a->n, s.at, s.n);
	*at = (uint32_t)a->n;
	a->n += s.n;
	return POLICY_OK;
}

static void
fill_slot(struct layer *l, uint32_t entry)
{
	uint64_t h = hash_text(l->seed, stored_value(l, &l->entry[entry]));
	uint32_t at = hash_slot(l, h);

	while (l->slot[at].entry != 0)
		at = at + 1 < l->slots ? at + 1 : 0;
	l->slot[at] = (struct slot){ hash_tag(h), entry + 1 };
}

/* A new hash table of this size, with networks in it or without. */
static bool
rehash(struct layer *l, size_t slots, bool networks)
{
	struct slot *slot = calloc(slots, sizeof *slot);
	size_t i;

	if (slot == NULL || slots > UINT32_MAX) {
		free(slot);
		return false;
	}
	free(l->slot);
	l->slot = slot;
	l->slots = (uint32_t)slots;
	for (i = 0; i < l->n; i++)
		if (networks || l->entry[i].family == IP_NONE)
			fill_slot(l, (uint32_t)i);
	return true;
}

/* Scratch builders have no sources at all. */
static bool
is_directory(const struct layer *l, unsigned source)
{
	return source < l->sources && l->source[source].directory;
}

/*
 * An entry of the same source that says the same thing, or NULL; in a directory
 * of the same record.
 */
static const struct stored *
find_same(const struct layer *l, const struct stored *e, struct text value)
{
	uint64_t h = hash_text(l->seed, value);
	uint32_t at;
	const struct stored *o;

	for (at = hash_slot(l, h); l->slot[at].entry != 0;
	     at = at + 1 < l->slots ? at + 1 : 0) {
		o = &l->entry[l->slot[at].entry - 1];
		if (l->slot[at].tag == hash_tag(h) && o->kind == e->kind &&
		    o->span == e->span && o->source == e->source &&
		    o->family == e->family &&
		    (o->line == e->line || !is_directory(l, o->source)) &&
		    text_equal(stored_value(l, o), value))
			return o;
	}
	return NULL;
}

/* One name of a list of domains, folded in place. */
static enum policy_error
fold_only(char *at, size_t n)
{
	struct text name = { at, n };
	char folded[DOMAIN_MAX];
	size_t dot = n > 0 && at[0] == '.';

	name = text_cut(name, dot, n);
	/* equal: no dot at the end */
	if (name.n == 0 || domain_fold(name, folded) != name.n)
		return POLICY_BAD_ONLY;
	if (dot && domain_is_single_label(name))
		return POLICY_TOP_LEVEL;
	memcpy(at + dot, folded, name.n);
	return POLICY_OK;
}

/* A list of domains, folded; at the end of the arena until it is good. */
static enum policy_error
store_only(struct arena *a, struct text only, uint32_t *at)
{
	enum policy_error error = store_text(a, only, at);
	struct text rest;
	size_t end;

	if (error != POLICY_OK || only.n == 0)
		return error;
	rest = (struct text){ a->at + *at, only.n };
	while (error == POLICY_OK) {
		end = text_find(rest, ',');
		error = fold_only(a->at + (rest.at - a->at), end);
		if (end == rest.n)
			break;
		rest = text_cut(rest, end + 1, rest.n);
	}
	return error;
}

static enum policy_error
store_extra(struct layer *l, const struct policy_entry *in,
    struct stored *e)
{
	struct extra x = { .until = in->until,
		.note_n = (uint32_t)in->note.n,
		.only_n = (uint32_t)in->only.n };
	enum policy_error error;

	if (in->until == 0 && in->note.n == 0 && in->only.n == 0)
		return POLICY_OK;
	error = store_text(&l->arena, in->note, &x.note);
	if (error == POLICY_OK)
		error = store_only(&l->arena, in->only, &x.only);
	if (error != POLICY_OK)
		return error;
	if (!reserve((void **)&l->extra, l->extras, &l->extra_cap,
	    sizeof *l->extra))
		return POLICY_NO_MEMORY;
	l->extra[l->extras++] = x;
	e->extra = (uint32_t)l->extras;
	return POLICY_OK;
}

static enum policy_error
store_entry(struct layer *l, const struct policy_entry *in, struct stored *e,
    struct text value)
{
	enum policy_error error;

	if (l->n >= ENTRIES_MAX)
		return POLICY_TOO_MANY;
	if (l->n * 4 >= (size_t)l->slots * 3 &&
	    !rehash(l, (size_t)l->slots * 2, true))
		return POLICY_NO_MEMORY;
	if (!reserve((void **)&l->entry, l->n, &l->cap, sizeof *l->entry))
		return POLICY_NO_MEMORY;
	error = store_text(&l->arena, value, &e->value);
	if (error == POLICY_OK)
		error = store_extra(l, in, e);
	if (error != POLICY_OK)
		return error;
	l->entry[l->n++] = *e;
	l->count[e->kind]++;
	fill_slot(l, (uint32_t)l->n - 1);
	return POLICY_OK;
}

enum policy_error
policy_add(struct policy_builder *b, const struct policy_entry *entry,
    unsigned *line)
{
	struct packed packed;
	enum policy_error error = packed_value(entry, &packed);
	struct text value = { packed.byte, packed.n };
	const struct stored *same;
	struct stored e;

	if (error != POLICY_OK)
		return error;
	e = (struct stored){ .line = entry->line,
		.source = (uint16_t)entry->source, .value_n = (uint8_t)value.n,
		.kind = entry->kind & 7u, .action = entry->action & 1u,
		.span = entry->span & 3u,
		.family = entry->network.base.family & 3u };
	same = find_same(b->layer, &e, value);
	if (same != NULL) {
		if (line != NULL)
			*line = same->line;
		return POLICY_DUPLICATE;
	}
	return store_entry(b->layer, entry, &e, value);
}

static enum policy_error
add_source(struct layer *l, struct text name, bool directory, unsigned *id)
{
	struct source_name s = { .n = (uint32_t)name.n,
		.directory = directory };
	enum policy_error error;

	if (l->sources >= SOURCES_MAX)
		return POLICY_TOO_MANY;
	if (!reserve((void **)&l->source, l->sources, &l->source_cap,
	    sizeof *l->source))
		return POLICY_NO_MEMORY;
	error = store_text(&l->arena, name, &s.at);
	if (error != POLICY_OK)
		return error;
	l->source[l->sources] = s;
	*id = (unsigned)l->sources++;
	return POLICY_OK;
}

enum policy_error
policy_source(struct policy_builder *b, struct text name, unsigned *id)
{
	return add_source(b->layer, name, false, id);
}

enum policy_error
policy_directory(struct policy_builder *b, struct text name,
    struct records *r, unsigned *id)
{
	enum policy_error error = add_source(b->layer, name, true, id);

	if (error == POLICY_OK && b->layer->records == NULL)
		b->layer->records = records_hold(r);
	return error;
}

struct policy_builder *
policy_builder_new(uint64_t seed)
{
	struct policy_builder *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->policy = calloc(1, sizeof *b->policy);
	b->layer = calloc(1, sizeof *b->layer);
	if (b->policy == NULL || b->layer == NULL) {
		free(b->layer);
		policy_builder_free(b);
		return NULL;
	}
	atomic_init(&b->layer->users, 1);
	b->layer->seed = seed;
	b->policy->part[0].layer = b->layer;
	b->policy->parts = 1;
	if (rehash(b->layer, 64, true))
		return b;
	policy_builder_free(b);
	return NULL;
}

void
policy_builder_free(struct policy_builder *b)
{
	if (b != NULL)
		policy_free(b->policy);
	free(b);
}

uint64_t
policy_seed(const struct policy_builder *b)
{
	return b->layer->seed;
}

void
policy_keep_access(struct policy_builder *b, struct access_map *map,
    unsigned source)
{
	access_map_free(b->layer->access);
	b->layer->access = map;
	b->layer->access_source = source;
}

const struct policy *
policy_builder_view(const struct policy_builder *b)
{
	return b->policy;
}

/* The networks of one kind and family, as a table; no table of none. */
static bool
build_table(const struct policy *p, enum policy_kind kind,
    enum ip_family family, struct network_table **out)
{
	const struct layer *l = p->part[0].layer;
	struct network_item *items = NULL;
	struct policy_entry e;
	size_t i, n = 0;

	for (i = 0; l->count[kind] > 0 && i < l->n; i++) {
		if (l->entry[i].kind != kind || l->entry[i].family != family)
			continue;
		if (items == NULL)
			items = calloc(l->count[kind], sizeof *items);
		if (items == NULL)
			return false;
		policy_entry_at(p, i, &e);
		items[n++] = (struct network_item){ e.network, (uint32_t)i,
			e.action == POLICY_DENY };
	}
	if (n > 0)
		*out = network_table_new(family, items, n);
	free(items);
	return n == 0 || *out != NULL;
}

static bool
build_networks(const struct policy *p, enum policy_kind kind)
{
	struct networks *out = &p->part[0].layer->networks[kind];

	return build_table(p, kind, IP_V4, &out->four) &&
	    build_table(p, kind, IP_V6, &out->six);
}

struct policy *
policy_freeze(struct policy_builder *b)
{
	struct policy *p = b->policy;
	struct layer *l = b->layer;
	size_t names = l->n - l->count[POLICY_CLIENT] -
	    l->count[POLICY_FORWARDER];

	b->policy = NULL;
	policy_builder_free(b);
	trim((void **)&l->entry, l->n, &l->cap, sizeof *l->entry);
	trim((void **)&l->extra, l->extras, &l->extra_cap, sizeof *l->extra);
	trim((void **)&l->arena.at, l->arena.n, &l->arena.cap, 1);
	if (rehash(l, names + names / 3 + 8, false) &&
	    build_networks(p, POLICY_CLIENT) &&
	    build_networks(p, POLICY_FORWARDER) &&
	    build_networks(p, POLICY_LOCAL))
		return p;
	policy_free(p);
	return NULL;
}
