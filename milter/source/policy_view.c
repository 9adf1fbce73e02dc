/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/escape.h"

static int
compare_text(struct text a, struct text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int first = n > 0 ? memcmp(a.at, b.at, n) : 0;

	return first != 0 ? first : (a.n > b.n) - (a.n < b.n);
}

/* Cut the last label off name. */
static struct text
last_label(struct text *name)
{
	size_t at = name->n;
	struct text label;

	while (at > 0 && name->at[at - 1] != '.')
		at--;
	label = text_cut(*name, at, name->n);
	*name = text_cut(*name, 0, at > 0 ? at - 1 : 0);
	return label;
}

/* Label by label from the right: what is below a name follows it. */
static int
compare_domains(struct text a, struct text b)
{
	int result = 0;

	while (result == 0 && a.n > 0 && b.n > 0)
		result = compare_text(last_label(&a), last_label(&b));
	return result != 0 ? result : (a.n > 0) - (b.n > 0);
}

static int
compare_networks(const struct network *a, const struct network *b)
{
	int base;

	if (a->base.family != b->base.family)
		return a->base.family < b->base.family ? -1 : 1;
	base = memcmp(a->base.byte, b->base.byte, sizeof a->base.byte);
	return base != 0 ? base : (a->bits > b->bits) - (a->bits < b->bits);
}

static bool
is_network(const struct policy_entry *e)
{
	return e->network.base.family != IP_NONE;
}

static bool
is_domain(const struct policy_entry *e)
{
	switch (e->kind) {
	case POLICY_LOCAL:
	case POLICY_RELAY:
	case POLICY_NAME:
		return !is_network(e);
	case POLICY_CLIENT:
	case POLICY_IDENTITY:
	case POLICY_CERTIFICATE:
	case POLICY_FORWARDER:
		break;
	}
	return false;
}

int
policy_order(const struct policy_entry *a, const struct policy_entry *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (is_network(a) || is_network(b))
		return compare_networks(&a->network, &b->network);
	return is_domain(a) ? compare_domains(a->value, b->value) :
	    compare_text(a->value, b->value);
}

bool
policy_speaks(const struct policy_entry *e, enum policy_span half)
{
	if (!is_domain(e))
		return half == SPAN_SELF;
	return e->span == SPAN_BOTH || e->span == half;
}

static int
compare_places(const void *a, const void *b, void *policy)
{
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	struct policy_entry x, y;
	int order;

	policy_entry_at(policy, i, &x);
	policy_entry_at(policy, j, &y);
	order = policy_order(&x, &y);
	return order != 0 ? order : (i > j) - (i < j);
}

size_t *
policy_sorted(const struct policy *p)
{
	size_t i, n = policy_entries(p);
	size_t *sorted = calloc(n + 1, sizeof *sorted);

	if (sorted == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		sorted[i] = i;
	qsort_r(sorted, n, sizeof *sorted, compare_places, (void *)p);
	return sorted;
}

size_t
policy_group_end(const struct policy *p, const size_t *sorted, size_t from)
{
	struct policy_entry first, e;
	size_t end, n = policy_entries(p);

	policy_entry_at(p, sorted[from], &first);
	for (end = from + 1; end < n; end++) {
		policy_entry_at(p, sorted[end], &e);
		if (policy_order(&first, &e) != 0)
			break;
	}
	return end;
}

bool
policy_is_void(const struct policy_entry *e, int64_t now)
{
	return e->until != 0 && e->until <= now;
}

size_t
policy_group_winner(const struct policy *p, const size_t *sorted, size_t from,
    size_t end, enum policy_span half, int64_t now)
{
	size_t i, winner = end;
	struct policy_entry e;

	for (i = from; i < end; i++) {
		policy_entry_at(p, sorted[i], &e);
		if (policy_is_void(&e, now) || !policy_speaks(&e, half))
			continue;
		if (e.action == POLICY_DENY)
			return i;
		if (winner == end)
			winner = i;
	}
	return winner;
}

bool
policy_outlasts(int64_t a, int64_t b)
{
	return b != 0 && (a == 0 || a > b);
}

unsigned
policy_place(const struct policy *p, const struct policy_entry *e, char *file)
{
	struct text dn = policy_entry_dn(p, e);

	escape_text(dn.n > 0 ? dn : policy_source_name(p, e->source), file,
	    ORIGIN_MAX);
	return dn.n > 0 ? 0 : e->line;
}
