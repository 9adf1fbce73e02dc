/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_dump.h - what a parser of conf/ made of a file, as lines of text,
 * compared with the expected ones of a vector: first the complaints
 * ("error 3: text"), then the entries ("2 relay both example.org").  In an
 * expected line "..." stands for any text.
 */
#ifndef TESTS_POLICY_DUMP_H
#define TESTS_POLICY_DUMP_H

#include <stdio.h>

#include "conf/complaint.h"
#include "policy/escape.h"
#include "policy/policy.h"
#include "tests/unit/vectors.h"

/* Does s match the pattern? */
static inline bool
dump_matches(struct text s, struct text pattern)
{
	size_t i;

	for (i = 0; i < pattern.n && !text_begins(text_cut(pattern, i,
	    pattern.n), TEXT("...")); i++)
		if (i >= s.n || s.at[i] != pattern.at[i])
			return false;
	if (i == pattern.n)
		return i == s.n;
	pattern = text_cut(pattern, i + 3, pattern.n);
	for (; i <= s.n; i++)
		if (dump_matches(text_cut(s, i, s.n), pattern))
			return true;
	return false;
}

static inline void
dump_complaint(const struct complaint *c, char *out, size_t cap)
{
	snprintf(out, cap, "%s %u: %s",
	    c->level == COMPLAINT_ERROR ? "error" : "note", c->line, c->text);
}

static inline void
dump_entry(const struct policy_entry *e, char *out, size_t cap)
{
	static const char *const kinds[] = { "local", "relay", "client",
		"auth", "cert", "name", "forwarder" };
	static const char *const spans[] = { "self ", "below ", "both " };
	char network[NETWORK_TEXT_MAX], value[512], note[512], until[40] = "";
	char only[512];
	bool names = e->network.base.family == IP_NONE;

	escape_text(e->value, value, sizeof value);
	escape_text(e->note, note, sizeof note);
	escape_text(e->only, only, sizeof only);
	if (e->until != 0)
		snprintf(until, sizeof until, " until=%lld",
		    (long long)e->until);
	snprintf(out, cap, "%u %s%s %s%s%s%s%s%s%s", e->line,
	    e->action == POLICY_DENY ? "deny " : "", kinds[e->kind],
	    names && (e->kind < POLICY_CLIENT || e->kind == POLICY_NAME) ? spans[e->span] : "",
	    names ? value : network_print(&e->network, network), until,
	    note[0] != '\0' ? " note=" : "", note,
	    only[0] != '\0' ? " only=" : "", only);
}

/*
 * NULL when the complaints and then the entries of p (may be NULL) are what
 * the fields of v from first on say; else what was different.
 */
static inline const char *
dump_compare(const struct vector *v, size_t first, const struct complaints *c,
    const struct policy *p)
{
	static char wrong[2500];
	char line[2400];
	size_t i, n = c->n + (p != NULL ? policy_entries(p) : 0);
	struct policy_entry e;

	for (i = 0; i < n; i++) {
		if (i < c->n) {
			dump_complaint(&c->at[i], line, sizeof line);
		} else {
			policy_entry_at(p, i - c->n, &e);
			dump_entry(&e, line, sizeof line);
		}
		if (first + i < v->n &&
		    dump_matches(text_of(line), v->field[first + i]))
			continue;
		snprintf(wrong, sizeof wrong, "got '%s'", line);
		return wrong;
	}
	if (first + n == v->n)
		return NULL;
	snprintf(wrong, sizeof wrong, "nothing for '%.*s'",
	    (int)v->field[first + n].n, v->field[first + n].at);
	return wrong;
}

#endif
