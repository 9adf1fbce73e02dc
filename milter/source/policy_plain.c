/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_plain.h"

#include <stdlib.h>

#include "conf/policy_write.h"
#include "milter/source/policy_view.h"

struct plain {
	const struct policy *policy;
	size_t n; /* entries that are written */
	struct complaints *complaints;
	size_t *sorted;
	size_t from, end; /* the group at hand */
};

static void
complain(const struct plain *x, const struct policy_entry *grant,
    const struct policy_entry *denial)
{
	char value[POLICY_VALUE_MAX], origin[ORIGIN_MAX], file[ORIGIN_MAX];
	unsigned line = policy_place(x->policy, grant, file);

	complaint_add(x->complaints, COMPLAINT_NOTE, file, line,
	    "%s %s: not in force, denied at %s", policy_write_kind(grant->kind),
	    policy_write_value(grant, value),
	    policy_origin(x->policy, denial, origin, ORIGIN_MAX));
}

/* Each grant of the group for that half. */
static void
complain_grants(const struct plain *x, enum policy_span half,
    const struct policy_entry *denial)
{
	struct policy_entry e;
	size_t i;

	for (i = x->from; i < x->end; i++) {
		policy_entry_at(x->policy, x->sorted[i], &e);
		if (e.action == POLICY_DENY || !policy_speaks(&e, half) ||
		    x->sorted[i] >= x->n)
			continue;
		e.span = half;
		complain(x, &e, denial);
	}
}

/* Does any entry that is written speak for that half of the group? */
static bool
is_written(const struct plain *x, enum policy_span half)
{
	struct policy_entry e;
	size_t i;

	for (i = x->from; i < x->end; i++) {
		policy_entry_at(x->policy, x->sorted[i], &e);
		if (x->sorted[i] < x->n && policy_speaks(&e, half))
			return true;
	}
	return false;
}

/* Of those that say the same as the winner, the one that lasts longest. */
static void
find_longest(const struct plain *x, enum policy_span half,
    struct policy_entry *winner)
{
	struct policy_entry e;
	size_t i;

	for (i = x->from; i < x->end; i++) {
		policy_entry_at(x->policy, x->sorted[i], &e);
		if (e.action == winner->action && policy_speaks(&e, half) &&
		    text_equal(e.only, winner->only) &&
		    policy_outlasts(e.until, winner->until))
			*winner = e;
	}
}

static bool
take_half(const struct plain *x, enum policy_span half,
    bool (*take)(const struct plain_entry *entry, void *with), void *with)
{
	size_t winner = policy_group_winner(x->policy, x->sorted, x->from,
	    x->end, half, 0);
	struct plain_entry entry = { .from = x->sorted + x->from,
		.n = x->end - x->from };

	if (winner == x->end || !is_written(x, half))
		return true;
	policy_entry_at(x->policy, x->sorted[winner], &entry.e);
	find_longest(x, half, &entry.e);
	if (entry.e.action == POLICY_DENY)
		complain_grants(x, half, &entry.e);
	entry.e.span = half;
	return take(&entry, with);
}

bool
policy_plain(const struct policy *p, size_t n, struct complaints *c,
    bool (*take)(const struct plain_entry *entry, void *with), void *with)
{
	struct plain x = { .policy = p, .n = n, .complaints = c,
		.sorted = policy_sorted(p) };
	bool good = x.sorted != NULL;

	for (; good && x.from < policy_entries(p); x.from = x.end) {
		x.end = policy_group_end(p, x.sorted, x.from);
		good = take_half(&x, SPAN_SELF, take, with) &&
		    take_half(&x, SPAN_BELOW, take, with);
	}
	free(x.sorted);
	return good;
}
