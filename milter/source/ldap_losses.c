/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_losses.h"

#include <stdlib.h>

#include "policy/hash.h"

/* How a value stands; the order counts. */
enum standing {
	STANDING_DENIED = 1,
	STANDING_NONE,
	STANDING_GRANTED
};

struct loss {
	uint64_t key;           /* of the value */
	unsigned char standing; /* at first; 0: a free slot */
	bool over;              /* as before again: no loss */
	uint32_t entries, now;  /* that spoke of it at first, that do now */
};

struct losses {
	struct loss *slot; /* cap of them, a power of two; by key */
	size_t cap, used;
	size_t count, sum; /* of those that are not over */
	int64_t fewer;     /* entries there are now than at first */
};

#define CAP_LEAST 64

struct losses *
losses_new(void)
{
	return calloc(1, sizeof(struct losses));
}

void
losses_free(struct losses *l)
{
	if (l != NULL)
		free(l->slot);
	free(l);
}

/* The slot of this key, or the free one that is its place. */
static struct loss *
find(const struct losses *l, uint64_t key)
{
	size_t i = key & (l->cap - 1);

	while (l->slot[i].standing != 0 && l->slot[i].key != key)
		i = (i + 1) & (l->cap - 1);
	return &l->slot[i];
}

/* The same, with room for cap, and without what is over; NULL: no memory. */
static struct losses *
copy_into(const struct losses *l, size_t cap)
{
	struct losses *copy = losses_new();
	size_t i;

	if (copy == NULL)
		return NULL;
	*copy = *l;
	copy->cap = cap;
	copy->used = l->count;
	copy->slot = cap > 0 ? calloc(cap, sizeof *copy->slot) : NULL;
	if (cap > 0 && copy->slot == NULL) {
		losses_free(copy);
		return NULL;
	}
	for (i = 0; i < l->cap; i++)
		if (l->slot[i].standing != 0 && !l->slot[i].over)
			*find(copy, l->slot[i].key) = l->slot[i];
	return copy;
}

struct losses *
losses_copy(const struct losses *l)
{
	size_t cap = CAP_LEAST;

	while (cap < 4 * l->count)
		cap *= 2;
	return copy_into(l, l->count > 0 ? cap : 0);
}

/* Half of the slots stay free. */
static bool
make_room(struct losses *l)
{
	struct losses *larger;

	if (2 * (l->used + 1) <= l->cap)
		return true;
	larger = copy_into(l, l->cap > 0 ? 2 * l->cap : CAP_LEAST);
	if (larger == NULL)
		return false;
	free(l->slot);
	*l = *larger;
	free(larger);
	return true;
}

static size_t
weight(const struct loss *s)
{
	return s->entries > 0 ? s->entries : 1;
}

/* Add what a slot counts for, or with sign -1 take it off. */
static void
count(struct losses *l, const struct loss *s, int sign)
{
	if (s->over)
		return;
	l->count += (size_t)sign;
	l->sum += (size_t)sign * weight(s);
	l->fewer += sign * ((int64_t)s->entries - (int64_t)s->now);
}

static uint64_t
key_of(const struct policy_entry *e)
{
	struct text address = { (const char *)e->network.base.byte,
		sizeof e->network.base.byte };
	uint64_t h = (uint64_t)e->kind << 16 | (uint64_t)e->span << 8 |
	    (uint64_t)e->network.base.family << 24 | e->network.bits;

	return e->network.base.family != IP_NONE ? hash_text(h, address) :
	    hash_text(h, e->value);
}

static bool
is_any(void *with, unsigned line)
{
	(void)with;
	(void)line;
	return true;
}

static bool
has(const struct policy *p, struct policy_entry e, enum policy_action action,
    int64_t soon)
{
	e.action = action;
	return policy_index(p, &e, soon, is_any, NULL) < policy_entries(p);
}

static enum standing
standing_in(const struct policy *p, const struct policy_entry *e,
    int64_t soon)
{
	return has(p, *e, POLICY_DENY, soon) ? STANDING_DENIED :
	    has(p, *e, POLICY_GRANT, soon) ? STANDING_GRANTED :
	    STANDING_NONE;
}

static bool
count_one(void *with, unsigned line)
{
	uint32_t *n = with;

	(void)line;
	++*n;
	return false; /* go on */
}

/* How many entries speak of this value? */
static uint32_t
entries_in(const struct policy *p, struct policy_entry e)
{
	uint32_t n = 0;

	e.action = POLICY_DENY;
	policy_index(p, &e, INT64_MIN, count_one, &n);
	e.action = POLICY_GRANT;
	policy_index(p, &e, INT64_MIN, count_one, &n);
	return n;
}

/* How does the value of e stand now? */
static bool
compare_value(struct losses *l, const struct policy *before,
    const struct policy *after, const struct policy_entry *e, int64_t soon)
{
	uint64_t key = key_of(e);
	struct loss *s;

	if (!make_room(l))
		return false;
	s = find(l, key);
	if (s->standing == 0) {
		l->used++;
		*s = (struct loss){ .key = key, .over = true };
	}
	if (s->over) {
		s->standing = (unsigned char)standing_in(before, e, soon);
		s->entries = entries_in(before, *e);
	}
	count(l, s, -1);
	s->over = (unsigned char)standing_in(after, e, soon) >= s->standing;
	s->now = entries_in(after, *e);
	count(l, s, 1);
	return true;
}

/* Look at those values of a that b does not have. */
static bool
compare_all(struct losses *l, const struct policy *before,
    const struct policy *after, bool forwards, int64_t soon)
{
	const struct policy *a = forwards ? before : after;
	const struct policy *b = forwards ? after : before;
	size_t i, n = policy_entries(a);
	/* which can make it worse; the other only ends a loss */
	enum policy_action worse = forwards ? POLICY_GRANT : POLICY_DENY;
	struct policy_entry e;
	bool good = true;

	for (i = 0; good && i < n; i++) {
		policy_entry_at(a, i, &e);
		if ((e.action == worse || l->count > 0) &&
		    (e.until == 0 || e.until > soon) &&
		    !has(b, e, e.action, soon))
			good = compare_value(l, before, after, &e, soon);
	}
	return good;
}

bool
losses_compare(struct losses *l, const struct policy *before,
    const struct policy *after, const struct policy *touched, int64_t soon)
{
	struct policy_entry e;
	bool good = true;
	size_t i;

	if (touched == NULL)
		return compare_all(l, before, after, true, soon) &&
		    compare_all(l, before, after, false, soon);
	for (i = 0; good && i < policy_entries(touched); i++) {
		policy_entry_at(touched, i, &e);
		good = compare_value(l, before, after, &e, soon);
	}
	return good;
}

size_t
losses_sum(const struct losses *l)
{
	return l->sum;
}

size_t
losses_of(const struct losses *l, size_t values)
{
	int64_t n = (int64_t)values + l->fewer;

	return n > 0 ? (size_t)n : 0;
}
