/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/table.h"

#include <string.h>

#include "milter/probe/table_rows.h"
#include "policy/rules.h"

static const char *const profile_names[PROFILES] = { "paper", "classic",
	"gateway", "full" };

/* In the order they are sent. */
#define SETS 6
static const struct table_set *const sets[SETS] = { &table_paper,
	&table_classic, &table_gateway, &table_senders, &table_forms,
	&table_malformed };

/* A user of its own in A, so that the server's log tells it from P01. */
#define CONTROL_SENDER "<{u}-control@{s}>"
#define CONTROL(id, what, rcpt, expect)                                       \
	{ id, NULL, what, TRICK_RECIPIENT, CONTROL_SENDER, MAIL_OK, { rcpt }, \
		expect, NULL, NULL, NULL }

static const struct probe_test controls[] = {
	CONTROL("A", "foreign to foreign", "<{u}-control@{d}>", DENIED),
	CONTROL("B", "foreign to an honest recipient", "<{local}>",
	    "250 2.1.5"),
	CONTROL("C", "like A, from the machine itself", "<{u}-control@{d}>",
	    "250 2.1.5"),
	CONTROL("N", "foreign to a local name that nobody has",
	    "<no-such-user-{u}@{h}>", "550 5.1.1"),
	CONTROL("S", "like A, from another stranger", "<{u}-control@{d}>",
	    DENIED),
	CONTROL("R", "foreign to the relay domain", "<postmaster@{r}>",
	    "250 2.1.5"),
};

const char *
profile_text(enum probe_profile p)
{
	return profile_names[p];
}

bool
profile_find(const char *name, enum probe_profile *out)
{
	int i;

	for (i = 0; i < PROFILES; i++)
		if (strcmp(name, profile_names[i]) == 0) {
			*out = (enum probe_profile)i;
			return true;
		}
	return false;
}

/* Which sets a profile has: from first on, one or all. */
static size_t
last_set(enum probe_profile p)
{
	return p == PROFILE_FULL ? SETS : (size_t)p + 1;
}

static size_t
first_set(enum probe_profile p)
{
	return p == PROFILE_FULL ? 0 : (size_t)p;
}

size_t
table_count(enum probe_profile p)
{
	size_t i, n = 0;

	for (i = first_set(p); i < last_set(p); i++)
		n += sets[i]->n;
	return n;
}

const struct probe_test *
table_at(enum probe_profile p, size_t i)
{
	size_t k;

	for (k = first_set(p); k < last_set(p); k++) {
		if (i < sets[k]->n)
			return &sets[k]->row[i];
		i -= sets[k]->n;
	}
	return NULL;
}

const struct probe_test *
table_find(const char *id)
{
	const struct probe_test *t;
	size_t i;

	for (i = 0; (t = table_at(PROFILE_FULL, i)) != NULL; i++)
		if (strcmp(t->id, id) == 0)
			return t;
	return NULL;
}

const struct probe_test *
table_control(char which)
{
	size_t i;

	for (i = 0; i < sizeof controls / sizeof controls[0]; i++)
		if (controls[i].id[0] == which)
			return &controls[i];
	return NULL;
}

static const struct rule *
rule_of(const struct probe_test *t)
{
	return t->rule != NULL ? rules_find(text_of(t->rule)) : NULL;
}

const char *
table_form(const struct probe_test *t)
{
	const struct rule *rule = rule_of(t);

	return rule != NULL ? rule->form : "control";
}

const char *
table_why(const struct probe_test *t)
{
	const struct rule *rule = rule_of(t);

	return rule != NULL ? rule->why : "";
}

bool
table_is_paper(const struct probe_test *t)
{
	return t >= table_paper.row && t < table_paper.row + table_paper.n;
}

bool
table_wants_relay(const struct probe_test *t)
{
	size_t i;

	for (i = 0; t->rcpt[i] != NULL; i++)
		if (strstr(t->rcpt[i], "{r}") != NULL)
			return true;
	return false;
}

bool
table_is_two_hops(const struct probe_test *t)
{
	const char *at = strrchr(t->rcpt[0], '@');

	if (!table_wants_relay(t) || at == NULL)
		return table_wants_relay(t); /* {r}!{d}!{u} */
	return strncmp(at + 1, "{d}", 3) != 0;
}

bool
table_is_beside(const struct probe_test *t)
{
	return strstr(t->rcpt[0], "{m}") != NULL;
}

/* What follows the last at-sign of a recipient names the server, or nobody. */
static bool
is_at_server(const char *rcpt)
{
	static const char *const ours[] = { "{h}", "{H}", "{l}", "{ip}",
		"{addr}", "localhost", "[127.0.0.1]", "[IPv6:::1]" };
	const char *at = strrchr(rcpt, '@');
	size_t i;

	/* "u@d" in quotes alone: a name without a domain is the server's */
	if (at == NULL || strchr(at, '"') != NULL)
		return true;
	for (i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (strncmp(at + 1, ours[i], strlen(ours[i])) == 0)
			/* "{h}.{d}" is another host, "{h}." is not */
			return strstr(at + 1, "}.{") == NULL;
	return false;
}

bool
table_is_at_server(const struct probe_test *t)
{
	size_t i;

	for (i = 0; t->rcpt[i] != NULL; i++)
		if (!is_at_server(t->rcpt[i]))
			return false;
	return true;
}

const char *
table_source(const struct probe_test *t)
{
	return t->source != NULL ? t->source : table_lore(t)->source;
}
