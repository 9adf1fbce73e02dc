/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of probes against the table of rules: every row says which rule
 * its trick belongs to, and the judgement must say the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "milter/probe/lint_opens.h"
#include "milter/probe/spelling.h"
#include "milter/probe/table.h"
#include "policy/decide.h"

static const struct probe_names names = {
	.server = "mx.guard.test",
	.literal = "[192.0.2.1]",
	.address = "192.0.2.1",
	.own = "[198.51.100.7]",
	.tester = "relayguard-probe.example",
	.foreign = "relayguard-other.example",
	.third = "relayguard-third.example",
	.relay = "relay.test",
	.local = "user@mx.guard.test",
};
static struct policy *policy;

static void
add(struct policy_builder *b, enum policy_kind kind, const char *value)
{
	struct policy_entry e = { .kind = kind, .value = text_of(value) };

	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
}

static int
make_policy(void **state)
{
	struct policy_builder *b = policy_builder_new(42);
	unsigned id;

	(void)state;
	assert_int_equal(policy_source(b, TEXT("test"), &id), POLICY_OK);
	add(b, POLICY_LOCAL, "mx.guard.test");
	add(b, POLICY_RELAY, "relay.test");
	policy = policy_freeze(b);
	return policy == NULL;
}

static int
free_policy(void **state)
{
	(void)state;
	policy_free(policy);
	return 0;
}

/* The argument of a template, as sent in this spelling. */
static struct text
argument(const struct probe_test *t, const char *template,
    enum probe_spelling s, char out[PROBE_ARGUMENT_MAX])
{
	if (!spelling_fill(template, &names, s, out))
		fail_msg("%s: '%s' is no template", t->id, template);
	return text_of(out);
}

/* The value of AUTH= among the parameters, or nothing. */
static struct text
auth_claim(const struct probe_test *t, char out[PROBE_ARGUMENT_MAX])
{
	struct text params = TEXT("");

	if (t->params != NULL)
		params = argument(t, t->params, SPELLING_PRINTED, out);
	return text_begins(params, TEXT(" AUTH=")) ?
	    text_cut(params, 6, params.n) : TEXT("");
}

/* The id of the rule that refuses, or "none". */
static const char *
rule_against(const struct probe_test *t, const char *rcpt,
    enum probe_spelling s)
{
	static struct verdict v;
	char mail[PROBE_ARGUMENT_MAX], to[PROBE_ARGUMENT_MAX];
	char params[PROBE_ARGUMENT_MAX];
	struct envelope e = { .own_name = TEXT("mx.guard.test"),
		.sender = argument(t, t->mail, s, mail),
		.auth_claim = auth_claim(t, params),
		.utf8 = t->params != NULL &&
		    strstr(t->params, "SMTPUTF8") != NULL };
	struct facts facts = { .now = 1800000000 };

	ip_parse(TEXT("198.51.100.7"), &e.client);
	ip_parse(TEXT("192.0.2.1"), &e.own_address);
	if (strcmp(t->rule, "P02") == 0)
		facts.sender_domain = ANSWER_NO;
	decide_sender(policy, &e, &facts, &v);
	if (v.action == VERDICT_ACCEPT) {
		e.recipient = argument(t, rcpt, s, to);
		decide_recipient(policy, &e, &facts, &v);
	}
	return v.action == VERDICT_REFUSE ? v.rule->id : "none";
}

/* How many recipients of t another rule refuses, or none. */
static unsigned
wrong_rules(const struct probe_test *t, enum probe_spelling s)
{
	unsigned wrong = 0;
	size_t i;

	for (i = 0; t->rcpt[i] != NULL; i++) {
		const char *got = rule_against(t, t->rcpt[i], s);

		if (strcmp(got, t->rule) == 0)
			continue;
		print_error("%s (%s) from %s to %s: rule %s, not %s\n", t->id,
		    spelling_text(s), t->mail, t->rcpt[i], got, t->rule);
		wrong++;
	}
	return wrong;
}

static void
rows_are_refused_by_the_rule_they_name(void **state)
{
	const struct probe_test *t;
	unsigned wrong = 0;
	size_t i;

	(void)state;
	for (i = 0; (t = table_at(PROFILE_FULL, i)) != NULL; i++) {
		wrong += wrong_rules(t, SPELLING_PRINTED);
		if (table_is_paper(t))
			wrong += wrong_rules(t, SPELLING_BARE) +
			    wrong_rules(t, SPELLING_BRACKETED);
	}
	assert_int_equal(wrong, 0);
}

static bool
known(const char *s)
{
	return s != NULL && s[0] != '\0';
}

static void
rows_are_told_in_full(void **state)
{
	const struct probe_test *t;
	size_t i;

	(void)state;
	for (i = 0; (t = table_at(PROFILE_FULL, i)) != NULL; i++) {
		const struct rule *rule = rules_find(text_of(t->rule));
		const struct probe_lore *lore = table_lore(t);

		if (rule == NULL || strcmp(rule->id, t->rule) != 0)
			fail_msg("%s: no rule %s", t->id, t->rule);
		assert_string_equal(table_form(t), rule->form);
		assert_string_equal(table_why(t), rule->why);
		if (!known(lore->source) || !known(lore->honoured) ||
		    !known(lore->todo) || !known(t->what) ||
		    !known(table_source(t)) || t->rcpt[0] == NULL)
			fail_msg("%s: something is missing", t->id);
	}
}

/* P00 is of the rule P00, P08.3 of P08; T and G name theirs. */
static bool
id_fits(const struct probe_test *t)
{
	size_t n = strlen(t->rule);

	if (t->id[0] == 'T' || t->id[0] == 'G')
		return strlen(t->id) == 3;
	return strncmp(t->id, t->rule, n) == 0 &&
	    (t->id[n] == '.' || table_is_paper(t));
}

static void
ids_are_those_of_the_rules_and_unique(void **state)
{
	const struct probe_test *t;
	size_t i;

	(void)state;
	for (i = 0; (t = table_at(PROFILE_FULL, i)) != NULL; i++) {
		if (!id_fits(t))
			fail_msg("%s: rule %s", t->id, t->rule);
		if (table_find(t->id) != t)
			fail_msg("%s: twice", t->id);
	}
	assert_null(table_find("P8"));
}

/* Each rule that a stranger's address can meet has a row of its own. */
static void
rules_have_rows(void **state)
{
	/* what the MTA and the DNS say is no matter of an address */
	static const char without[] = "M01 S05 S06 S07 S08 S09";
	size_t i, k, n;

	(void)state;
	for (i = 0; i < rules_count(); i++) {
		const struct probe_test *t;

		n = strstr(without, rules_at(i)->id) != NULL;
		for (k = 0; (t = table_at(PROFILE_FULL, k)) != NULL; k++)
			n += strcmp(t->rule, rules_at(i)->id) == 0;
		if (n == 0)
			fail_msg("no probe for rule %s", rules_at(i)->id);
	}
}

static void
profiles_are_sets(void **state)
{
	enum probe_profile p;
	char id[24];
	size_t i, n = 0;

	(void)state;
	assert_int_equal(table_count(PROFILE_PAPER), 20);
	for (i = 0; i < 20; i++) {
		snprintf(id, sizeof id, "P%02zu", i);
		assert_string_equal(table_at(PROFILE_PAPER, i)->id, id);
		assert_string_equal(table_at(PROFILE_PAPER, i)->rule, id);
	}
	assert_int_equal(table_count(PROFILE_CLASSIC), 17);
	for (p = PROFILE_PAPER; p < PROFILE_FULL; p++) {
		enum probe_profile found;

		n += table_count(p);
		assert_null(table_at(p, table_count(p)));
		assert_true(profile_find(profile_text(p), &found));
		assert_int_equal(found, p);
		for (i = 0; i < table_count(p); i++)
			assert_int_equal(table_wants_relay(table_at(p, i)),
			    p == PROFILE_GATEWAY);
	}
	assert_true(table_count(PROFILE_FULL) > n + 100);
	assert_false(profile_find("Paper", &p));
}

/* What lint says a setting opens can be looked up. */
static void
lint_names_rows(void **state)
{
	const char *ids[LINT_OPENS_MAX];
	unsigned one;
	size_t i, n, all = 0;

	(void)state;
	for (one = 1; one != 0; one <<= 1) {
		n = lint_opens(one | OPEN_RELAY_DOMAIN | OPEN_UNQUALIFIED |
		    OPEN_UNRESOLVABLE, one, ids);
		for (i = 0; i < n; i++)
			if (table_find(ids[i]) == NULL)
				fail_msg("no probe %s", ids[i]);
		all += n;
	}
	assert_true(all > 50);
}

/* What a server proves that takes any name at its own domain: nothing. */
static void
names_at_the_server(void **state)
{
	static const char *const at[] = { "P08", "P09", "P10", "P13", "P17",
		"T02", "T11", "T12", "T17", "P08.4", "P08.5", "P10.4" };
	static const char *const elsewhere[] = { "P00", "P01", "P15", "T08",
		"G01", "G04", "P15.1", "P01.27", "P14.2" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof at / sizeof at[0]; i++)
		if (!table_is_at_server(table_find(at[i])))
			fail_msg("%s is at the server", at[i]);
	for (i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
		const struct probe_test *t = table_find(elsewhere[i]);

		if (t != NULL && table_is_at_server(t))
			fail_msg("%s is elsewhere", elsewhere[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_refused_by_the_rule_they_name),
		cmocka_unit_test(rows_are_told_in_full),
		cmocka_unit_test(ids_are_those_of_the_rules_and_unique),
		cmocka_unit_test(rules_have_rows),
		cmocka_unit_test(profiles_are_sets),
		cmocka_unit_test(lint_names_rows),
		cmocka_unit_test(names_at_the_server),
	};

	return cmocka_run_group_tests(tests, make_policy, free_policy);
}
