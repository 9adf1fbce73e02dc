/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Features of a .mc, found by the rules that m4 writes for them: comments may
 * have been stripped, and rules have been written by hand.
 */
#include "milter/probe/lint_find.h"

static bool
is_space(char c)
{
	return text_is_blank(c) || c == '\n' || c == '\r';
}

bool
lint_begins(struct text t, const char *what)
{
	size_t i = 0;

	for (; *what != '\0'; what++) {
		while (i < t.n && is_space(t.at[i]))
			i++;
		if (i == t.n || t.at[i++] != *what)
			return false;
	}
	return true;
}

bool
lint_holds(struct text t, const char *what)
{
	size_t i;

	for (i = 0; i < t.n; i++)
		if (lint_begins(text_cut(t, i, t.n), what))
			return true;
	return *what == '\0';
}

unsigned
lint_set_line(const struct lint *l, const char *set)
{
	size_t i;

	for (i = 0; i < l->cf.n; i++)
		if (l->cf.at[i].kind == CF_RULESET &&
		    text_equal(l->cf.at[i].name, text_of(set)))
			return l->cf.at[i].line;
	return 0;
}

/*
 * The first rule of this set with this left side (NULL: any) whose right side
 * holds this.
 */
static const struct cf_line *
find_rule(const struct lint *l, const char *set, const char *left,
    const char *right)
{
	struct cf_rule rule;
	size_t i;

	for (i = 0; i < l->cf.n; i++) {
		const struct cf_line *line = &l->cf.at[i];

		if (line->kind != CF_RULE ||
		    !text_equal(line->name, text_of(set)))
			continue;
		rule = cf_rule(line);
		if ((left == NULL || cf_same_but_blanks(rule.left,
		    text_of(left))) && lint_holds(rule.right, right))
			return line;
	}
	return NULL;
}

static void
add_at(struct lint *l, const struct lint_rule *r, const struct cf_line *line)
{
	if (line != NULL)
		lint_add(l, r, l->cf_name, line->line, 0, "%s", "");
}

/* A feature that has taken rules away is found where they would be. */
static void
add_at_set(struct lint *l, const struct lint_rule *r, const char *set)
{
	lint_add(l, r, l->cf_name, lint_set_line(l, set), 0, "%s", "");
}

/*
 * Without the feature a rule set asks Relay_ok, and further down refuses
 * whatever is left over.
 */
void
lint_promiscuous(struct lint *l, const struct lint_rule *r)
{
	struct text asks = { 0 };
	struct cf_rule rule;
	size_t i;

	for (i = 0; i < l->cf.n; i++) {
		if (l->cf.at[i].kind != CF_RULE)
			continue;
		rule = cf_rule(&l->cf.at[i]);
		if (lint_holds(rule.right, "$>\"Relay_ok\"") ||
		    lint_holds(rule.right, "$>Relay_ok"))
			asks = l->cf.at[i].name;
		else if (asks.at != NULL &&
		    text_equal(asks, l->cf.at[i].name) &&
		    cf_same_but_blanks(rule.left, TEXT("$*")) &&
		    lint_begins(rule.right, "$#error"))
			return;
	}
	add_at_set(l, r, "Basic_check_rcpt");
}

/* Class m, the own domain, among what may be relayed to. */
void
lint_entire_domain(struct lint *l, const struct lint_rule *r)
{
	static const char *const sets[] = { "Rcpt_ok", "Relay_ok" };
	struct cf_rule rule;
	size_t i, k;

	for (i = 0; i < l->cf.n; i++)
		for (k = 0; k < sizeof sets / sizeof sets[0]; k++) {
			if (l->cf.at[i].kind != CF_RULE ||
			    !text_equal(l->cf.at[i].name, text_of(sets[k])))
				continue;
			rule = cf_rule(&l->cf.at[i]);
			if (lint_holds(rule.left, "$=m") &&
			    lint_begins(rule.right, "$@RELAY")) {
				add_at(l, r, &l->cf.at[i]);
				return;
			}
		}
}

void
lint_local_from(struct lint *l, const struct lint_rule *r)
{
	add_at(l, r, find_rule(l, "Relay_ok", "<?> $+ < @ $=w >",
	    "$@RELAY"));
}

void
lint_mail_from(struct lint *l, const struct lint_rule *r)
{
	const struct cf_line *line = find_rule(l, "Relay_ok", NULL,
	    "$>SearchList<!From>");
	bool domains;

	if (line == NULL)
		return;
	domains = lint_holds(cf_rule(line).right, "<D:") ||
	    lint_holds(cf_rule(line).right, "<E:");
	if (!domains)
		l->features &= ~(unsigned)OPEN_FROM_DOMAIN;
	lint_add(l, r, l->cf_name, line->line, 0, "%s in the access map%s",
	    domains ? "From: with an address or a domain" :
	    "From: with an address", l->access_known ? "" :
	    " (its file cannot be read; entries for your names are assumed)");
}

/* Rcpt_ok no longer strips what is relayable off the address. */
void
lint_loose(struct lint *l, const struct lint_rule *r)
{
	if (find_rule(l, "Rcpt_ok", NULL, "") != NULL &&
	    find_rule(l, "Rcpt_ok", NULL, "$>ParseRecipient") == NULL)
		add_at_set(l, r, "Rcpt_ok");
}

/* The rule that would ask DNS says "ok" to every domain. */
void
lint_unresolvable(struct lint *l, const struct lint_rule *r)
{
	add_at(l, r, find_rule(l, "Basic_check_mail", "<?> $* < @ $+ >",
	    "$:<OKR>"));
}

/* No rule refuses with 5.5.4. */
void
lint_unqualified(struct lint *l, const struct lint_rule *r)
{
	if (find_rule(l, "Basic_check_mail", NULL, "") != NULL &&
	    find_rule(l, "Basic_check_mail", NULL, "$#error$@5.5.4") == NULL)
		add_at_set(l, r, "Basic_check_mail");
}

/* Is this one of the operators of class O? */
static bool
is_operator(const struct lint *l, const char *operator)
{
	struct cf_words words;
	struct text word;
	size_t i;

	for (i = 0; i < l->cf.n; i++) {
		if (l->cf.at[i].kind != CF_CLASS ||
		    !text_equal(l->cf.at[i].name, TEXT("O")))
			continue;
		words = cf_words_of(&l->cf.at[i]);
		while ((word = cf_word(&words)).n > 0)
			if (text_equal(word, text_of(operator)))
				return true;
	}
	return false;
}

/* Where class O is: the operator is missing there. */
static unsigned
class_o_line(const struct lint *l)
{
	size_t i;

	for (i = 0; i < l->cf.n; i++)
		if (l->cf.at[i].kind == CF_CLASS &&
		    text_equal(l->cf.at[i].name, TEXT("O")))
			return l->cf.at[i].line;
	return 0;
}

/* No operator any more, and none that is refused either (`reject'). */
static void
find_nospecial(struct lint *l, const struct lint_rule *r, const char *operator,
    const char *rejected)
{
	if (!is_operator(l, operator) &&
	    find_rule(l, "Rcpt_ok", NULL, rejected) == NULL)
		lint_add(l, r, l->cf_name, class_o_line(l), 0,
		    "\"%s\" is not in class O", operator);
}

void
lint_nouucp(struct lint *l, const struct lint_rule *r)
{
	find_nospecial(l, r, "!", "BANG_PATH");
}

void
lint_nopercenthack(struct lint *l, const struct lint_rule *r)
{
	find_nospecial(l, r, "%", "PERCENT_HACK");
}

/* A macro of one letter names the host that local mail goes to. */
static void
find_hub(struct lint *l, const struct lint_rule *r, const char *macro)
{
	const struct cf_line *found = NULL;
	size_t i;

	for (i = 0; i < l->cf.n; i++)
		if (l->cf.at[i].kind == CF_MACRO &&
		    text_equal(l->cf.at[i].name, text_of(macro)))
			found = &l->cf.at[i]; /* the last one counts */
	if (found != NULL && found->value.n > 0)
		lint_add(l, r, l->cf_name, found->line, 0, "it is %.*s",
		    (int)(found->value.n < 200 ? found->value.n : 200),
		    found->value.at);
}

void
lint_local_relay(struct lint *l, const struct lint_rule *r)
{
	find_hub(l, r, "R");
}

void
lint_mail_hub(struct lint *l, const struct lint_rule *r)
{
	find_hub(l, r, "H");
}

void
lint_by_mx(struct lint *l, const struct lint_rule *r)
{
	add_at(l, r, find_rule(l, "Rcpt_ok", NULL, "$(mxserved"));
}
