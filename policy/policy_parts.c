/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A policy as the layers it is made of: joining, taking entries out, and the
 * questions about all entries in turn.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/escape.h"
#include "policy/packed.h"
#include "policy/records.h"
#include "policy/snapshot.h"

/* Make part a second user of from's layer. */
static bool
share(const struct part *from, struct part *part)
{
	size_t bytes = (from->layer->n + 63) / 64 * sizeof *from->out;

	*part = *from;
	if (from->out != NULL) {
		part->out = malloc(bytes);
		if (part->out == NULL)
			return false;
		memcpy(part->out, from->out, bytes);
	}
	atomic_fetch_add(&part->layer->users, 1);
	return true;
}

struct policy *
policy_join(const struct policy *const *parts, size_t n)
{
	struct policy *p = calloc(1, sizeof *p);
	size_t i;
	unsigned j;

	for (i = 0; p != NULL && i < n; i++)
		for (j = 0; j < parts[i]->parts; j++, p->parts++)
			if (p->parts == POLICY_LAYERS_MAX ||
			    !share(&parts[i]->part[j], &p->part[p->parts])) {
				policy_free(p);
				return NULL;
			}
	return p;
}

/* The part that has entry i, which becomes the number there. */
static const struct part *
part_of(const struct policy *p, size_t *i)
{
	const struct part *part = p->part;

	for (; *i >= part->layer->n; part++)
		*i -= part->layer->n;
	return part;
}

bool
policy_take_out(struct policy *p, size_t i)
{
	struct part *part = &p->part[part_of(p, &i) - p->part];
	uint64_t bit = (uint64_t)1 << i % 64;

	if (part->out == NULL)
		part->out = calloc((part->layer->n + 63) / 64,
		    sizeof *part->out);
	if (part->out == NULL)
		return false;
	if ((part->out[i / 64] & bit) == 0)
		part->out_count[part->layer->entry[i].kind]++;
	part->out[i / 64] |= bit;
	return true;
}

/* The stored form of a network: length of the prefix, then the address. */
static void
read_network(const struct layer *l, const struct stored *e,
    struct network *out)
{
	struct text v = stored_value(l, e);

	*out = (struct network){ .base.family = (enum ip_family)e->family };
	out->bits = (unsigned char)v.at[0];
	memcpy(out->base.byte, v.at + 1, v.n - 1);
}

/* How many sources the layers before part have. */
static unsigned
first_source(const struct policy *p, const struct part *part)
{
	const struct part *before;
	size_t n = 0;

	for (before = p->part; before < part; before++)
		n += before->layer->sources;
	return (unsigned)n;
}

void
part_entry(const struct policy *p, const struct part *part,
    const struct stored *e, struct policy_entry *out)
{
	const struct layer *l = part->layer;
	const struct extra *x = e->extra != 0 ? &l->extra[e->extra - 1] : NULL;

	*out = (struct policy_entry){
		.kind = (enum policy_kind)e->kind,
		.action = (enum policy_action)e->action,
		.span = (enum policy_span)e->span,
		.source = first_source(p, part) + e->source,
		.line = e->line,
	};
	if (e->family != IP_NONE)
		read_network(l, e, &out->network);
	else
		out->value = stored_value(l, e);
	if (x != NULL) {
		out->until = x->until;
		out->note = (struct text){ l->arena.at + x->note, x->note_n };
		out->only = (struct text){ l->arena.at + x->only, x->only_n };
	}
	/* 1970: void, whatever it said before; never where a lookup ends */
	if (part->out != NULL && part_is_void(part, e, INT64_MIN))
		out->until = 1;
}

void
policy_entry_at(const struct policy *p, size_t i, struct policy_entry *out)
{
	const struct part *part = part_of(p, &i);

	part_entry(p, part, &part->layer->entry[i], out);
}

size_t
policy_entries(const struct policy *p)
{
	size_t n = 0;
	unsigned i;

	for (i = 0; i < p->parts; i++)
		n += p->part[i].layer->n;
	return n;
}

bool
policy_is_network(enum policy_kind kind)
{
	return kind == POLICY_CLIENT || kind == POLICY_FORWARDER;
}

size_t
policy_count(const struct policy *p, enum policy_kind kind)
{
	size_t n = 0;
	unsigned i;

	for (i = 0; i < p->parts; i++)
		n += p->part[i].layer->count[kind] -
		    p->part[i].out_count[kind];
	return n;
}

/* What policy_index is after. */
struct wanted {
	const struct policy_entry *e;
	struct packed packed;
	int64_t now;
	bool (*is)(void *with, unsigned line);
	void *with;
};

static bool
is_wanted(const struct wanted *w, const struct part *part,
    const struct stored *s)
{
	const struct layer *l = part->layer;
	const struct policy_entry *e = w->e;

	return s->kind == e->kind && s->action == e->action &&
	    s->span == e->span && s->family == e->network.base.family &&
	    text_equal(stored_value(l, s),
	    (struct text){ w->packed.byte, w->packed.n }) &&
	    !part_is_void(part, s, w->now) && w->is(w->with, s->line);
}

/* A network is not in the hash table of a frozen layer. */
static size_t
index_of_network(const struct part *part, const struct wanted *w)
{
	const struct layer *l = part->layer;
	const struct ip *ip = &w->e->network.base;
	const struct networks *set = &l->networks[w->e->kind];
	const struct network_table *t = ip->family == IP_V4 ? set->four :
	    set->six;
	uint32_t cursor = 0, id;

	while (network_table_next(t, ip, &cursor, &id))
		if (is_wanted(w, part, &l->entry[id]))
			return id;
	return l->n;
}

static size_t
index_of_name(const struct part *part, const struct wanted *w)
{
	const struct layer *l = part->layer;
	uint64_t h = hash_text(l->seed,
	    (struct text){ w->packed.byte, w->packed.n });
	uint32_t at = hash_slot(l, h);

	for (; l->slot[at].entry != 0; at = at + 1 < l->slots ? at + 1 : 0)
		if (l->slot[at].tag == hash_tag(h) &&
		    is_wanted(w, part, &l->entry[l->slot[at].entry - 1]))
			return l->slot[at].entry - 1;
	return l->n;
}

size_t
policy_index(const struct policy *p, const struct policy_entry *e,
    int64_t now, bool (*is)(void *with, unsigned line), void *with)
{
	struct wanted w = { .e = e, .now = now, .is = is, .with = with };
	size_t i, first = 0;
	unsigned part;

	if (packed_value(e, &w.packed) != POLICY_OK)
		return policy_entries(p);
	for (part = 0; part < p->parts; part++) {
		i = e->network.base.family == IP_NONE ?
		    index_of_name(&p->part[part], &w) :
		    index_of_network(&p->part[part], &w);
		if (i < p->part[part].layer->n)
			return first + i;
		first += p->part[part].layer->n;
	}
	return first;
}

const struct access_map *
policy_access(const struct policy *p, unsigned *source)
{
	const struct part *part;

	*source = 0;
	for (part = p->part; part < p->part + p->parts; part++)
		if (part->layer->access != NULL) {
			*source = first_source(p, part) +
			    part->layer->access_source;
			return part->layer->access;
		}
	return NULL;
}

/* The layer that has this source, which becomes the number there. */
static const struct layer *
layer_of_source(const struct policy *p, unsigned *source)
{
	const struct part *part = p->part;

	for (; *source >= part->layer->sources; part++)
		*source -= (unsigned)part->layer->sources;
	return part->layer;
}

struct text
policy_source_name(const struct policy *p, unsigned source)
{
	const struct layer *l = layer_of_source(p, &source);
	const struct source_name *s = &l->source[source];

	return (struct text){ l->arena.at + s->at, s->n };
}

struct text
policy_entry_dn(const struct policy *p, const struct policy_entry *e)
{
	unsigned source = e->source;
	const struct layer *l = layer_of_source(p, &source);

	return l->source[source].directory && e->line != 0 ?
	    records_dn(l->records, e->line) : (struct text){ "", 0 };
}

const char *
policy_origin(const struct policy *p, const struct policy_entry *e, char *out,
    size_t size)
{
	struct text dn = policy_entry_dn(p, e);
	size_t n;

	if (dn.n > 0) {
		escape_text(dn, out, size);
		return out;
	}
	n = escape_text(policy_source_name(p, e->source), out, size - 12);
	if (e->line != 0)
		snprintf(out + n, size - n, ":%u", e->line);
	return out;
}

static size_t
layer_bytes(const struct layer *l)
{
	size_t i, n = 0;

	for (i = 0; i < POLICY_KINDS; i++)
		n += network_table_bytes(l->networks[i].four) +
		    network_table_bytes(l->networks[i].six);
	return n + sizeof *l + l->cap * sizeof *l->entry +
	    l->extra_cap * sizeof *l->extra + l->arena.cap +
	    l->source_cap * sizeof *l->source + l->slots * sizeof *l->slot +
	    (l->access != NULL ? access_map_bytes(l->access) : 0);
}

size_t
policy_bytes(const struct policy *p)
{
	const struct part *part;
	size_t n = sizeof *p;

	for (part = p->part; part < p->part + p->parts; part++)
		n += layer_bytes(part->layer) + (part->out == NULL ? 0 :
		    (part->layer->n + 63) / 64 * sizeof *part->out);
	return n;
}

void
layer_free(struct layer *l)
{
	size_t i;

	if (l == NULL || atomic_fetch_sub(&l->users, 1) > 1)
		return;
	access_map_free(l->access);
	records_free(l->records);
	for (i = 0; i < POLICY_KINDS; i++) {
		network_table_free(l->networks[i].four);
		network_table_free(l->networks[i].six);
	}
	free(l->entry);
	free(l->extra);
	free(l->arena.at);
	free(l->source);
	free(l->slot);
	free(l);
}

void
policy_free(struct policy *p)
{
	unsigned i;

	if (p == NULL)
		return;
	for (i = 0; i < p->parts; i++) {
		free(p->part[i].out);
		layer_free(p->part[i].layer);
	}
	free(p);
}
