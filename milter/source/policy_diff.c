/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_diff.h"

#include <stdlib.h>

#include "conf/policy_write.h"
#include "milter/source/policy_view.h"
#include "policy/escape.h"

/* One side, walked in policy_order. */
struct walk {
	const struct policy *policy;
	size_t *sorted;
	size_t from, end; /* the group at hand */
};

struct differ {
	const struct policy_diff *d;
	FILE *to;
	long differences;
};

/* The denial that lasts longest; false when nothing is denied. */
static bool
find_denial(const struct walk *w, enum policy_span half,
    struct policy_entry *denial)
{
	struct policy_entry e;
	bool any = false;
	size_t i;

	for (i = w->from; i < w->end; i++) {
		policy_entry_at(w->policy, w->sorted[i], &e);
		if (e.action != POLICY_DENY || !policy_speaks(&e, half) ||
		    (any && !policy_outlasts(e.until, denial->until)))
			continue;
		*denial = e;
		any = true;
	}
	return any;
}

/*
 * The nth grant that ever decides, from 0.  The first one decides as long as
 * it lasts, then the next that lasts longer; what grants the same then is one.
 */
static bool
find_grant(const struct walk *w, enum policy_span half, size_t nth,
    struct policy_entry *grant)
{
	struct policy_entry e, last;
	bool any = false, decided = find_denial(w, half, &last);
	size_t i, n = 0;

	for (i = w->from; i < w->end; i++) {
		policy_entry_at(w->policy, w->sorted[i], &e);
		if (e.action == POLICY_DENY || !policy_speaks(&e, half) ||
		    (decided && !policy_outlasts(e.until, last.until)))
			continue;
		if (any && !text_equal(e.only, grant->only) && n++ == nth)
			return true;
		any = decided = true;
		*grant = last = e;
	}
	return any && n == nth;
}

/* Kind and value as relay.policy(5) has them, for that half. */
static void
print_value(FILE *to, const struct policy_entry *e, enum policy_span half)
{
	struct policy_entry one = *e;
	char value[POLICY_VALUE_MAX], safe[4 * POLICY_VALUE_MAX];

	one.span = half;
	escape_text(text_of(policy_write_value(&one, value)), safe,
	    sizeof safe);
	fprintf(to, "%s %s", policy_write_kind(e->kind), safe);
}

static const char *
until_text(const struct policy_entry *e, char *out)
{
	return policy_write_date(e->until, out) ? out : "never";
}

static void
print_only(FILE *to, const struct policy_entry *e)
{
	char safe[1024];

	escape_text(e->only, safe, sizeof safe);
	fputs(e->only.n > 0 ? safe : "anything", to);
}

static void
print_note(FILE *to, const struct policy_entry *e)
{
	char safe[1024];

	escape_text(e->note, safe, sizeof safe);
	fprintf(to, "\"%s\"", safe);
}

/* A line of an entry that one side has alone. */
static void
print_alone(struct differ *x, char sign, const struct policy *p,
    const struct policy_entry *e, enum policy_span half)
{
	const char *colour = sign == '-' ? "\033[31m" : "\033[32m";
	char date[POLICY_DATE_MAX], origin[ORIGIN_MAX];

	fprintf(x->to, "%s%c %s", x->d->colour ? colour : "", sign,
	    e->action == POLICY_DENY ? "deny " : "");
	print_value(x->to, e, half);
	if (e->until != 0)
		fprintf(x->to, " until=%s", until_text(e, date));
	if (e->only.n > 0) {
		fputs(" only=", x->to);
		print_only(x->to, e);
	}
	if (e->note.n > 0) {
		fputs(" note=", x->to);
		print_note(x->to, e);
	}
	fprintf(x->to, "  # %s%s%s\n", policy_origin(p, e, origin, ORIGIN_MAX),
	    policy_is_void(e, x->d->now) ? ", expired" : "",
	    x->d->colour ? "\033[0m" : "");
	x->differences++;
}

static const char *
action_text(const struct policy_entry *e)
{
	return e->action == POLICY_DENY ? "deny" : "grant";
}

/* The same value on both sides: what has changed? */
static void
compare_entries(struct differ *x, const struct policy_entry *a,
    const struct policy_entry *b, enum policy_span half)
{
	char date[POLICY_DATE_MAX], origin[ORIGIN_MAX];
	bool until = a->until != b->until, note = !text_equal(a->note, b->note);
	bool action = a->action != b->action;
	bool only = !text_equal(a->only, b->only);

	if (!action && !until && !note && !only)
		return;
	fprintf(x->to, "%s~ %s", x->d->colour ? "\033[33m" : "",
	    !action && a->action == POLICY_DENY ? "deny " : "");
	print_value(x->to, a, half);
	if (action)
		fprintf(x->to, "  %s -> %s", action_text(a), action_text(b));
	if (until) {
		fprintf(x->to, "  until %s", until_text(a, date));
		fprintf(x->to, " -> %s", until_text(b, date));
	}
	if (only) {
		fputs("  only ", x->to);
		print_only(x->to, a);
		fputs(" -> ", x->to);
		print_only(x->to, b);
	}
	if (note) {
		fputs("  note ", x->to);
		print_note(x->to, a);
		fputs(" -> ", x->to);
		print_note(x->to, b);
	}
	fprintf(x->to, "  # %s", policy_origin(x->d->a.policy, a, origin, ORIGIN_MAX));
	fprintf(x->to, " -> %s%s\n", policy_origin(x->d->b.policy, b, origin, ORIGIN_MAX),
	    x->d->colour ? "\033[0m" : "");
	x->differences++;
}

/* Either may be NULL; returns whether there was any. */
static bool
compare_either(struct differ *x, const struct policy_entry *a,
    const struct policy_entry *b, enum policy_span half)
{
	if (a != NULL && b != NULL)
		compare_entries(x, a, b, half);
	else if (a != NULL)
		print_alone(x, '-', x->d->a.policy, a, half);
	else if (b != NULL)
		print_alone(x, '+', x->d->b.policy, b, half);
	return a != NULL || b != NULL;
}

/*
 * One half of a group; a side that says nothing about this value is NULL.
 * Where one side only grants what the other only denies, that is one change.
 */
static void
compare_half(struct differ *x, const struct walk *a, const struct walk *b,
    enum policy_span half)
{
	struct policy_entry deny_a, deny_b, grant_a, grant_b;
	const struct policy_entry *da, *db, *ga, *gb;
	size_t n = 0;

	da = a != NULL && find_denial(a, half, &deny_a) ? &deny_a : NULL;
	db = b != NULL && find_denial(b, half, &deny_b) ? &deny_b : NULL;
	ga = a != NULL && find_grant(a, half, 0, &grant_a) ? &grant_a : NULL;
	gb = b != NULL && find_grant(b, half, 0, &grant_b) ? &grant_b : NULL;
	if ((da == NULL) != (ga == NULL) && (db == NULL) != (gb == NULL)) {
		compare_entries(x, da != NULL ? da : ga, db != NULL ? db : gb,
		    half);
		n = 1;
	} else {
		compare_either(x, da, db, half);
	}
	do {
		ga = a != NULL && find_grant(a, half, n, &grant_a) ? &grant_a :
		    NULL;
		gb = b != NULL && find_grant(b, half, n, &grant_b) ? &grant_b :
		    NULL;
		n++;
	} while (compare_either(x, ga, gb, half));
}

/* Compare the groups at hand; a side whose group is later has none. */
static void
compare_groups(struct differ *x, const struct walk *a, const struct walk *b)
{
	compare_half(x, a, b, SPAN_SELF);
	compare_half(x, a, b, SPAN_BELOW);
}

static bool
walk_start(struct walk *w, const struct policy *p)
{
	*w = (struct walk){ .policy = p, .sorted = policy_sorted(p) };
	if (w->sorted == NULL)
		return false;
	if (policy_entries(p) > 0)
		w->end = policy_group_end(p, w->sorted, 0);
	return true;
}

static bool
walk_over(const struct walk *w)
{
	return w->from >= policy_entries(w->policy);
}

static void
walk_on(struct walk *w)
{
	w->from = w->end;
	if (!walk_over(w))
		w->end = policy_group_end(w->policy, w->sorted, w->from);
}

/* Whose group comes first: < 0 a's, > 0 b's, 0 both are about one value. */
static int
compare_walks(const struct walk *a, const struct walk *b)
{
	struct policy_entry x, y;

	if (walk_over(a) || walk_over(b))
		return walk_over(a) ? 1 : -1;
	policy_entry_at(a->policy, a->sorted[a->from], &x);
	policy_entry_at(b->policy, b->sorted[b->from], &y);
	return policy_order(&x, &y);
}

static void
walk_both(struct differ *x, struct walk *a, struct walk *b)
{
	while (!walk_over(a) || !walk_over(b)) {
		int order = compare_walks(a, b);

		compare_groups(x, order <= 0 ? a : NULL,
		    order >= 0 ? b : NULL);
		if (order <= 0)
			walk_on(a);
		if (order >= 0)
			walk_on(b);
	}
}

/* The first auth entry turns "everybody" into "only these": say so. */
static void
tell_about_auth(const struct differ *x)
{
	bool in_a = policy_count(x->d->a.policy, POLICY_IDENTITY) > 0;
	bool in_b = policy_count(x->d->b.policy, POLICY_IDENTITY) > 0;
	char safe[ORIGIN_MAX];

	if (in_a == in_b)
		return;
	escape_text(text_of(in_a ? x->d->b.name : x->d->a.name), safe,
	    sizeof safe);
	fprintf(x->to, "# %s has no auth entry: whoever has authenticated is "
	    "trusted there\n", safe);
}

long
policy_diff(const struct policy_diff *d, FILE *to)
{
	struct differ x = { .d = d, .to = to };
	struct walk a, b = { 0 };
	bool ready = walk_start(&a, d->a.policy) && walk_start(&b, d->b.policy);

	if (ready) {
		walk_both(&x, &a, &b);
		tell_about_auth(&x);
	}
	free(a.sorted);
	free(b.sorted);
	return ready ? x.differences : -1;
}
