/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grants that somebody has written by hand: rules that take everybody, and
 * ways to authenticate that prove nothing.
 */
#include "milter/probe/lint_find.h"

/* The rule sets that sendmail asks whether it relays. */
static const struct set {
	const char *name;
	bool by_word; /* "$@ RELAY" grants; "$#" does in all of them */
	bool filled;  /* what the first rule gets is never empty */
	const char *whom;
} sets[] = {
	{ "Local_check_rcpt", false, true, "" },
	{ "Local_Relay_Auth", false, false, "" },
	{ "Rcpt_ok", true, true, "" },
	/* the rules that m4 writes refuse all others before */
	{ "Relay_ok", true, true, ", for clients whose name leads back to "
	    "them" },
};

/* "$#error", "$#discard", and "$#TEMP" of Relay_ok and Rcpt_ok. */
static bool
is_refusal(struct text right)
{
	return lint_begins(right, "$#error") ||
	    lint_begins(right, "$#discard") || lint_begins(right, "$#TEMP");
}

static bool
is_grant(const struct set *set, struct text right)
{
	return (lint_begins(right, "$#") && !is_refusal(right)) ||
	    (set->by_word && cf_same_but_blanks(right, TEXT("$@ RELAY")));
}

static bool
is_left(struct text left, const char *what)
{
	return cf_same_but_blanks(left, text_of(what));
}

/* What the rules above say about what this one gets to see. */
struct above {
	bool none;    /* there are none */
	bool divided; /* one has put "$|" into everything */
};

static bool
takes_all(const struct set *set, const struct above *above, struct text left)
{
	return is_left(left, "$*") ||
	    (above->divided && is_left(left, "$* $| $*")) ||
	    (above->none && set->filled && is_left(left, "$+"));
}

/*
 * A rule that leaves the set without a yes, as "R$- $@ NO", may be the
 * condition of all below it, and so is a refusal of nothing ("R $#error"), of
 * a client that has not authenticated, say.  Other refusals are exceptions.
 */
static bool
is_condition(const struct set *set, const struct cf_rule *rule)
{
	if (is_refusal(rule->right))
		return rule->left.n == 0 || is_left(rule->left, "$@") ||
		    is_left(rule->left, "$*");
	return lint_begins(rule->right, "$@") && !is_grant(set, rule->right);
}

/* The rule of this set that takes everybody, or NULL. */
static const struct cf_line *
find_grant(const struct lint *l, const struct set *set)
{
	struct above above = { .none = true };
	struct cf_rule rule;
	size_t i;

	for (i = 0; i < l->cf.n; i++) {
		const struct cf_line *line = &l->cf.at[i];

		if (line->kind != CF_RULE ||
		    !text_equal(line->name, text_of(set->name)))
			continue;
		rule = cf_rule(line);
		if (takes_all(set, &above, rule.left) &&
		    is_grant(set, rule.right))
			return line;
		if (is_condition(set, &rule))
			return NULL;
		if (is_left(rule.left, "$*") ||
		    is_left(rule.left, "$* $| $*"))
			above.divided = lint_holds(rule.right, "$|");
		above.none = false;
	}
	return NULL;
}

void
lint_local_grant(struct lint *l, const struct lint_rule *r)
{
	const struct cf_line *line;
	size_t i;

	for (i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		line = find_grant(l, &sets[i]);
		if (line == NULL)
			continue;
		if (lint_begins(cf_rule(line).right, "$#"))
			l->features |= OPEN_AT_ONCE;
		lint_add(l, r, l->cf_name, line->line, 0, "in %s%s",
		    sets[i].name, sets[i].whom);
	}
}

/* ---- authentication ---- */

/* Does the server offer it? */
static bool
is_offered(const struct lint *l)
{
	const struct cf_line *found = NULL;
	size_t i;

	for (i = 0; i < l->cf.n; i++)
		if (l->cf.at[i].kind == CF_OPTION &&
		    text_same(l->cf.at[i].name, TEXT("AuthMechanisms")))
			found = &l->cf.at[i]; /* the last one counts */
	return found != NULL && lint_holds(found->value, "ANONYMOUS");
}

void
lint_anonymous(struct lint *l, const struct lint_rule *r)
{
	const struct text anonymous = TEXT("ANONYMOUS");
	struct cf_words words;
	struct text word;
	size_t i;

	for (i = 0; i < l->cf.n; i++) {
		if (l->cf.at[i].kind != CF_CLASS ||
		    !text_equal(l->cf.at[i].name, TEXT("TrustAuthMech")))
			continue;
		words = cf_words_of(&l->cf.at[i]);
		while ((word = cf_word(&words)).n > 0)
			if (text_same(word, anonymous))
				lint_add(l, r, l->cf_name, words.line,
				    lint_mc_word(l->mc, "TRUST_AUTH_MECH",
				    word), is_offered(l) ?
				    "AuthMechanisms offers it" :
				    "AuthMechanisms does not offer it yet");
	}
}
