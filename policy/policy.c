/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/policy.h"

#include <stdlib.h>

#include "policy/domain.h"
#include "policy/snapshot.h"

#define IDENTITY_MAX 255 /* no entry is longer, see pack_identity */

const char *
policy_error_text(enum policy_error e)
{
	switch (e) {
	case POLICY_OK:
		return "no error";
	case POLICY_BAD_DOMAIN:
		return "not a domain name";
	case POLICY_TOP_LEVEL:
		return "a whole top-level domain";
	case POLICY_WHOLE_NET:
		return "the whole Internet (/0)";
	case POLICY_BAD_IDENTITY:
		return "not an identity (empty, over 255 bytes, or a star that "
		    "is neither alone nor before @REALM)";
	case POLICY_BAD_SUBJECT:
		return "not a certificate's subject as in sendmail's log, "
		    "/C=DE/O=Example+20Inc/CN=mx.example.org";
	case POLICY_BAD_ONLY:
		return "not a list of domains";
	case POLICY_DUPLICATE:
		return "given twice";
	case POLICY_TOO_MANY:
		return "too many entries or sources";
	case POLICY_NO_MEMORY:
		return "out of memory";
	}
	return "unknown error";
}

/* The stored form of a network: length of the prefix, then the address. */
static void
read_network(const struct policy *p, const struct stored *e,
    struct network *out)
{
	struct text v = stored_value(p, e);

	*out = (struct network){ .base.family = (enum ip_family)e->family };
	out->bits = (unsigned char)v.at[0];
	memcpy(out->base.byte, v.at + 1, v.n - 1);
}

void
policy_entry_at(const struct policy *p, size_t i, struct policy_entry *out)
{
	const struct stored *e = &p->entry[i];
	const struct extra *x = e->extra != 0 ? &p->extra[e->extra - 1] : NULL;

	*out = (struct policy_entry){
		.kind = (enum policy_kind)e->kind,
		.action = (enum policy_action)e->action,
		.span = (enum policy_span)e->span,
		.source = e->source,
		.line = e->line,
	};
	if (e->family != IP_NONE)
		read_network(p, e, &out->network);
	else
		out->value = stored_value(p, e);
	if (x != NULL) {
		out->until = x->until;
		out->note = (struct text){ p->arena.at + x->note, x->note_n };
		out->only = (struct text){ p->arena.at + x->only, x->only_n };
	}
}

/* What a search is for, and the best entry it has met. */
struct search {
	enum policy_kind kind;
	int64_t now;
	const struct stored *best;
};

static bool
span_covers(enum policy_span span, bool below)
{
	return span == SPAN_BOTH || (span == SPAN_BELOW) == below;
}

/*
 * Look at every entry with this value.  A live one replaces what shorter
 * values found; among themselves a denial beats a grant, else the first wins.
 */
static void
probe(const struct policy *p, uint64_t h, struct text value, bool below,
    struct search *s)
{
	const struct stored *e, *found = NULL;
	uint32_t at = hash_slot(p, h);

	for (; p->slot[at].entry != 0; at = at + 1 < p->slots ? at + 1 : 0) {
		if (p->slot[at].tag != hash_tag(h))
			continue;
		e = &p->entry[p->slot[at].entry - 1];
		if (e->kind != s->kind || e->family != IP_NONE ||
		    !span_covers((enum policy_span)e->span, below) ||
		    !text_equal(stored_value(p, e), value) ||
		    stored_expired(p, e, s->now))
			continue;
		if (found == NULL || (e->action == POLICY_DENY &&
		    found->action == POLICY_GRANT))
			found = e;
	}
	if (found != NULL)
		s->best = found;
}

/* The same for a value that has no parents. */
static void
probe_text(const struct policy *p, struct text value, struct search *s)
{
	probe(p, hash_text(p->seed, value), value, false, s);
}

static bool
give(const struct policy *p, const struct stored *e, struct policy_entry *out)
{
	if (e == NULL)
		return false;
	policy_entry_at(p, (size_t)(e - p->entry), out);
	return true;
}

bool
policy_find_domain(const struct policy *p, enum policy_kind kind,
    struct text name, int64_t now, struct policy_entry *out)
{
	struct search s = { .kind = kind, .now = now };
	uint64_t h = hash_start(p->seed);
	unsigned dots = 0;
	size_t i;

	if (p->count[kind] == 0 || name.n == 0 || name.n > DOMAIN_MAX)
		return false;
	for (i = name.n; i > 0; i--) {
		/* no entry is below a top-level domain: start at two labels */
		if (name.at[i - 1] == '.' && dots++ > 0)
			probe(p, hash_end(h), text_cut(name, i, name.n), true,
			    &s);
		h = hash_step(h, name.at[i - 1]);
	}
	probe(p, hash_end(h), name, false, &s);
	return give(p, s.best, out);
}

bool
policy_find_identity(const struct policy *p, struct text identity, int64_t now,
    struct policy_entry *out)
{
	struct search s = { .kind = POLICY_IDENTITY, .now = now };
	char pattern[IDENTITY_MAX + 1] = "*";
	size_t at = text_find(identity, '@');
	struct text realm = text_cut(identity, at, identity.n);

	if (p->count[POLICY_IDENTITY] == 0)
		return false;
	probe_text(p, identity, &s);
	if (s.best == NULL && realm.n > 0 && realm.n <= IDENTITY_MAX) {
		memcpy(pattern + 1, realm.at, realm.n);
		probe_text(p, (struct text){ pattern, realm.n + 1 }, &s);
	}
	if (s.best == NULL)
		probe_text(p, TEXT("*"), &s);
	return give(p, s.best, out);
}

bool
policy_find_certificate(const struct policy *p, struct text subject,
    int64_t now, struct policy_entry *out)
{
	struct search s = { .kind = POLICY_CERTIFICATE, .now = now };

	if (p->count[POLICY_CERTIFICATE] == 0)
		return false;
	probe_text(p, subject, &s);
	return give(p, s.best, out);
}

bool
policy_only_names(struct text only, struct text name)
{
	struct text item;
	size_t end;

	while (only.n > 0) {
		end = text_find(only, ',');
		item = text_cut(only, 0, end);
		only = text_cut(only, end < only.n ? end + 1 : end, only.n);
		if (item.n > 0 && item.at[0] == '.' ? name.n > item.n - 1 &&
		    domain_is_under(name, text_cut(item, 1, item.n)) :
		    text_equal(item, name))
			return true;
	}
	return false;
}

static bool
find_network(const struct policy *p, const struct networks *set,
    const struct ip *ip, int64_t now, struct policy_entry *out)
{
	const struct network_table *t = ip->family == IP_V4 ? set->four :
	    set->six;
	uint32_t cursor = 0, id;

	while (network_table_next(t, ip, &cursor, &id))
		if (!stored_expired(p, &p->entry[id], now))
			return give(p, &p->entry[id], out);
	return false;
}

bool
policy_find_client(const struct policy *p, const struct ip *ip, int64_t now,
    struct policy_entry *out)
{
	return find_network(p, &p->clients, ip, now, out);
}

bool
policy_find_literal(const struct policy *p, const struct ip *ip, int64_t now,
    struct policy_entry *out)
{
	return find_network(p, &p->literals, ip, now, out);
}

size_t
policy_count(const struct policy *p, enum policy_kind kind)
{
	return p->count[kind];
}

size_t
policy_entries(const struct policy *p)
{
	return p->n;
}

const struct access_map *
policy_access(const struct policy *p, unsigned *source)
{
	*source = p->access_source;
	return p->access;
}

struct text
policy_source_name(const struct policy *p, unsigned source)
{
	const struct source_name *s = &p->source[source];

	return (struct text){ p->arena.at + s->at, s->n };
}

size_t
policy_bytes(const struct policy *p)
{
	return sizeof *p + p->cap * sizeof *p->entry +
	    p->extra_cap * sizeof *p->extra + p->arena.cap +
	    p->source_cap * sizeof *p->source + p->slots * sizeof *p->slot +
	    network_table_bytes(p->clients.four) +
	    network_table_bytes(p->clients.six) +
	    network_table_bytes(p->literals.four) +
	    network_table_bytes(p->literals.six) +
	    (p->access != NULL ? access_map_bytes(p->access) : 0);
}

void
policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	access_map_free(p->access);
	network_table_free(p->clients.four);
	network_table_free(p->clients.six);
	network_table_free(p->literals.four);
	network_table_free(p->literals.six);
	free(p->entry);
	free(p->extra);
	free(p->arena.at);
	free(p->source);
	free(p->slot);
	free(p);
}
