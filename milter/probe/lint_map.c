/* SPDX-License-Identifier: BSD-2-Clause */
/* The map door: a socket map that Local_check_rcpt asks. */
#include <stdio.h>

#include "milter/probe/lint_find.h"

#define ASKED_IN "Local_check_rcpt"

/* What the arguments of a socket map say. */
struct flags {
	bool socket; /* it is one */
	bool q, f, d;
	struct text t; /* of -T; empty: not given */
};

static struct flags
flags_of(const struct cf_line *map)
{
	struct cf_words words = cf_words_of(map);
	struct text word = cf_word(&words);
	struct flags flags = { .socket = text_equal(word, TEXT("socket")) };

	while ((word = cf_word(&words)).n >= 2 && word.at[0] == '-') {
		flags.q = flags.q || word.at[1] == 'q';
		flags.f = flags.f || word.at[1] == 'f';
		flags.d = flags.d || (word.at[1] == 'd' && word.n > 2);
		if (word.at[1] == 'T')
			flags.t = text_cut(word, 2, word.n);
	}
	return flags;
}

/* Does this right side look something up in the map? */
static bool
asks(struct text right, struct text map)
{
	size_t i;

	for (i = 0; i + 2 + map.n < right.n; i++)
		if (right.at[i] == '$' && right.at[i + 1] == '(' &&
		    text_equal(text_cut(right, i + 2, i + 2 + map.n), map) &&
		    text_is_blank(right.at[i + 2 + map.n]))
			return true;
	return false;
}

static bool
is_rule(const struct cf_line *line)
{
	return line->kind == CF_RULE &&
	    text_equal(line->name, TEXT(ASKED_IN));
}

/* The rule that asks this map, or NULL. */
static const struct cf_line *
asking(const struct lint *l, struct text map)
{
	size_t i;

	for (i = 0; i < l->cf.n; i++)
		if (is_rule(&l->cf.at[i]) &&
		    asks(cf_rule(&l->cf.at[i]).right, map))
			return &l->cf.at[i];
	return NULL;
}

const struct cf_line *
lint_map_next(const struct lint *l, size_t *at)
{
	while (*at < l->cf.n) {
		const struct cf_line *line = &l->cf.at[(*at)++];

		if (line->kind == CF_MAP && flags_of(line).socket &&
		    asking(l, line->name) != NULL)
			return line;
	}
	return NULL;
}

/* A socket map called guard that nobody asks was meant to be it. */
void
lint_map_missing(struct lint *l, const struct lint_rule *r)
{
	size_t i, at = 0;

	if (lint_map_next(l, &at) != NULL)
		return;
	for (i = 0; i < l->cf.n; i++)
		if (l->cf.at[i].kind == CF_MAP &&
		    text_equal(l->cf.at[i].name, TEXT("guard"))) {
			lint_add(l, r, l->cf_name, l->cf.at[i].line, 0,
			    flags_of(&l->cf.at[i]).socket ?
			    "no rule in " ASKED_IN " asks map guard" :
			    "map guard is not a socket map");
			return;
		}
	lint_add(l, r, l->cf_name, lint_set_line(l, ASKED_IN), 0,
	    "no socket map is asked in " ASKED_IN);
}

/* Does a rule answer the marker of -T with a temporary error? */
static bool
answers(const struct lint *l, struct text marker)
{
	struct cf_rule rule;
	size_t i, k;

	for (i = 0; i < l->cf.n; i++) {
		if (!is_rule(&l->cf.at[i]))
			continue;
		rule = cf_rule(&l->cf.at[i]);
		for (k = 0; k + marker.n <= rule.left.n; k++)
			if (text_equal(text_cut(rule.left, k, k + marker.n),
			    marker) && (lint_begins(rule.right,
			    "$#error$@4.") || lint_begins(rule.right,
			    "$#TEMP")))
				return true;
	}
	return false;
}

void
lint_map_flags(struct lint *l, const struct lint_rule *r)
{
	const struct cf_line *map;
	struct flags f;
	size_t at = 0;

	while ((map = lint_map_next(l, &at)) != NULL) {
		f = flags_of(map);
		if (!f.q || !f.f || !f.d || f.t.n == 0)
			lint_add(l, r, l->cf_name, map->line,
			    lint_mc_map(l->mc, map->name),
			    "map %.*s lacks%s%s%s%s", (int)map->name.n,
			    map->name.at, f.q ? "" : " -q", f.f ? "" : " -f",
			    f.d ? "" : " -d", f.t.n > 0 ? "" : " -T");
		else if (!answers(l, f.t))
			lint_add(l, r, l->cf_name, map->line,
			    lint_mc_map(l->mc, map->name),
			    "no rule in " ASKED_IN " answers %.*s with a "
			    "temporary error", (int)f.t.n, f.t.at);
	}
}
