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

/* An entry of one of the layers, while a search goes on. */
struct hit {
	const struct part *part;
	const struct stored *entry; /* NULL: none */
};

/* What a search is for, and the best entry it has met. */
struct search {
	enum policy_kind kind;
	int64_t now;
	struct hit best;
};

static bool
span_covers(enum policy_span span, bool below)
{
	return span == SPAN_BOTH || (span == SPAN_BELOW) == below;
}

/* Of two that speak about the same: a denial beats a grant, else the first. */
static void
prefer(struct hit *found, const struct part *part, const struct stored *e)
{
	if (found->entry == NULL || (e->action == POLICY_DENY &&
	    found->entry->action == POLICY_GRANT))
		*found = (struct hit){ part, e };
}

/* Look at every live entry of a layer with this value. */
static void
probe_part(const struct part *part, uint64_t h, struct text value, bool below,
    const struct search *s, struct hit *found)
{
	const struct layer *l = part->layer;
	const struct stored *e;
	uint32_t at = hash_slot(l, h);

	for (; l->slot[at].entry != 0; at = at + 1 < l->slots ? at + 1 : 0) {
		if (l->slot[at].tag != hash_tag(h))
			continue;
		e = &l->entry[l->slot[at].entry - 1];
		if (e->kind == s->kind && e->family == IP_NONE &&
		    span_covers((enum policy_span)e->span, below) &&
		    text_equal(stored_value(l, e), value) &&
		    !part_is_void(part, e, s->now))
			prefer(found, part, e);
	}
}

/* What is found with this value replaces what shorter values found. */
static void
probe(const struct policy *p, uint64_t h, struct text value, bool below,
    struct search *s)
{
	struct hit found = { NULL, NULL };
	unsigned i;

	for (i = 0; i < p->parts; i++)
		probe_part(&p->part[i], h, value, below, s, &found);
	if (found.entry != NULL)
		s->best = found;
}

/* The same for a value that has no parents. */
static void
probe_text(const struct policy *p, struct text value, struct search *s)
{
	probe(p, hash_text(policy_hash_seed(p), value), value, false, s);
}

static bool
give(const struct policy *p, const struct hit *hit, struct policy_entry *out)
{
	if (hit->entry == NULL)
		return false;
	part_entry(p, hit->part, hit->entry, out);
	return true;
}

bool
policy_find_domain(const struct policy *p, enum policy_kind kind,
    struct text name, int64_t now, struct policy_entry *out)
{
	struct search s = { .kind = kind, .now = now };
	uint64_t h = hash_start(policy_hash_seed(p));
	unsigned dots = 0;
	size_t i;

	if (policy_count(p, kind) == 0 || name.n == 0 || name.n > DOMAIN_MAX)
		return false;
	for (i = name.n; i > 0; i--) {
		/* no entry is below a top-level domain: start at two labels */
		if (name.at[i - 1] == '.' && dots++ > 0)
			probe(p, hash_end(h), text_cut(name, i, name.n), true,
			    &s);
		h = hash_step(h, name.at[i - 1]);
	}
	probe(p, hash_end(h), name, false, &s);
	return give(p, &s.best, out);
}

bool
policy_find_identity(const struct policy *p, struct text identity, int64_t now,
    struct policy_entry *out)
{
	struct search s = { .kind = POLICY_IDENTITY, .now = now };
	char pattern[IDENTITY_MAX + 1] = "*";
	size_t at = text_find(identity, '@');
	struct text realm = text_cut(identity, at, identity.n);

	if (policy_count(p, POLICY_IDENTITY) == 0)
		return false;
	probe_text(p, identity, &s);
	if (s.best.entry == NULL && realm.n > 0 && realm.n <= IDENTITY_MAX) {
		memcpy(pattern + 1, realm.at, realm.n);
		probe_text(p, (struct text){ pattern, realm.n + 1 }, &s);
	}
	if (s.best.entry == NULL)
		probe_text(p, TEXT("*"), &s);
	return give(p, &s.best, out);
}

bool
policy_find_certificate(const struct policy *p, struct text subject,
    int64_t now, struct policy_entry *out)
{
	struct search s = { .kind = POLICY_CERTIFICATE, .now = now };

	if (policy_count(p, POLICY_CERTIFICATE) == 0)
		return false;
	probe_text(p, subject, &s);
	return give(p, &s.best, out);
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

/* The innermost live network of a layer around ip, or NULL. */
static const struct stored *
innermost(const struct part *part, enum policy_kind kind, const struct ip *ip,
    int64_t now)
{
	const struct layer *l = part->layer;
	const struct networks *set = &l->networks[kind];
	const struct network_table *t = ip->family == IP_V4 ? set->four :
	    set->six;
	uint32_t cursor = 0, id;

	while (network_table_next(t, ip, &cursor, &id))
		if (!part_is_void(part, &l->entry[id], now))
			return &l->entry[id];
	return NULL;
}

/* The length of a stored prefix. */
static unsigned
bits_of(const struct hit *hit)
{
	return (unsigned char)stored_value(hit->part->layer, hit->entry).at[0];
}

static bool
find_network(const struct policy *p, enum policy_kind kind,
    const struct ip *ip, int64_t now, struct policy_entry *out)
{
	struct hit best = { NULL, NULL }, hit;
	unsigned i;

	for (i = 0; i < p->parts; i++) {
		hit.part = &p->part[i];
		hit.entry = innermost(hit.part, kind, ip, now);
		if (hit.entry == NULL)
			continue;
		if (best.entry == NULL || bits_of(&hit) > bits_of(&best))
			best = hit;
		else if (bits_of(&hit) == bits_of(&best))
			prefer(&best, hit.part, hit.entry);
	}
	return give(p, &best, out);
}

bool
policy_find_client(const struct policy *p, const struct ip *ip, int64_t now,
    struct policy_entry *out)
{
	return find_network(p, POLICY_CLIENT, ip, now, out);
}

bool
policy_find_forwarder(const struct policy *p, const struct ip *ip,
    int64_t now, struct policy_entry *out)
{
	return find_network(p, POLICY_FORWARDER, ip, now, out);
}

bool
policy_find_literal(const struct policy *p, const struct ip *ip, int64_t now,
    struct policy_entry *out)
{
	return find_network(p, POLICY_LOCAL, ip, now, out);
}
