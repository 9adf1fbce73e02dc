/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may relay where: tests/vectors/trust.txt, and the reasons said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/decide.h"
#include "tests/unit/vectors.h"

#define NOW 1800000000

/* A line of the policy, as relay.policy(5) would have it. */
struct line {
	const char *word, *value, *only;
	int64_t until;
};

static const struct line lines[] = {
	{ "local", "guard.test", NULL, 0 },
	{ "relay", "relay.test", NULL, 0 },
	{ "client", "10.0.0.0/8", NULL, 0 },
	{ "deny client", "10.66.0.0/16", NULL, 0 },
	{ "client", "192.0.2.7", "one.test,.Two.test", 0 },
	{ "client", "192.0.2.8/29", "one.test", 0 },
	{ "auth", "alice", NULL, 0 },
	{ "auth", "*@staff.test", NULL, 0 },
	{ "auth", "bob", "three.test", 0 },
	{ "deny auth", "eve@staff.test", NULL, 0 },
	{ "auth", "dan+x", NULL, 0 },
	{ "deny auth", "eve+x@staff.test", NULL, 0 },
	{ "cert", "/CN=mx", "four.test", 0 },
	{ "cert", "/CN=hub", NULL, 0 },
	{ "deny cert", "/CN=lost", NULL, 0 },
	{ NULL, NULL, NULL, 0 }
};
static const struct line logged_in[] = {
	{ "client", "203.0.113.5", NULL, NOW + 1 },
	{ "client", "203.0.113.6", NULL, NOW },
	{ "client", "192.0.2.9", NULL, NOW + 100 },
	{ "client", "10.66.9.9", NULL, NOW + 100 },
	{ NULL, NULL, NULL, 0 }
};
static const struct line by_name[] = {
	{ "name", "mx.net.test", NULL, 0 },
	{ "name", ".pool.test", NULL, 0 },
	{ "deny name", "bad.pool.test", NULL, 0 },
	{ "client", "198.51.100.0/24", NULL, 0 },
	{ NULL, NULL, NULL, 0 }
};

static struct policy *policy, *roaming;

static enum policy_kind
kind_of(struct text word)
{
	static const char *const words[POLICY_KINDS] = { "local", "relay",
		"client", "auth", "cert", "name", "forwarder" };
	unsigned i;

	for (i = 0; i < POLICY_KINDS; i++)
		if (text_equal(word, text_of(words[i])))
			return (enum policy_kind)i;
	fail_msg("no such kind: %.*s", (int)word.n, word.at);
	return POLICY_LOCAL;
}

static struct policy_entry
entry_of(const struct line *l)
{
	struct text word = text_of(l->word), value = text_of(l->value);
	struct policy_entry e = { .only = text_of(l->only),
		.until = l->until };

	if (text_begins(word, TEXT("deny "))) {
		e.action = POLICY_DENY;
		word = text_cut(word, 5, word.n);
	}
	e.kind = kind_of(word);
	if (policy_is_network(e.kind)) {
		assert_int_equal(network_parse(value, &e.network), NETWORK_OK);
		return e;
	}
	if (value.at[0] == '.') {
		e.span = SPAN_BELOW;
		value = text_cut(value, 1, value.n);
	}
	e.value = value;
	return e;
}

static struct policy *
policy_of(const struct line *l)
{
	struct policy_builder *b = policy_builder_new(7);
	unsigned i, source;

	policy_source(b, TEXT("test"), &source);
	for (i = 0; l[i].word != NULL; i++) {
		struct policy_entry e = entry_of(&l[i]);

		e.line = i + 1;
		assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	}
	return policy_freeze(b);
}

static int
set_up(void **state)
{
	(void)state;
	policy = policy_of(lines);
	roaming = policy_of(logged_in);
	return policy == NULL || roaming == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	policy_free(policy);
	policy_free(roaming);
	return 0;
}

static const char *
check(const struct vector *v)
{
	static char wrong[64];
	static struct verdict verdict;
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.own_name = TEXT("mx.guard.test") };
	struct facts facts = { .now = NOW, .roaming = roaming };
	const char *got;

	if (v->n != 5)
		return "five fields wanted: client auth cert rcpt verdict";
	if (!ip_parse(v->field[0], &e.client))
		return "not an address";
	if (!text_equal(v->field[1], TEXT("-")))
		e.auth = v->field[1];
	if (!text_equal(v->field[2], TEXT("-")))
		e.certificate = v->field[2];
	e.recipient = v->field[3];
	decide_recipient(policy, &e, &facts, &verdict);
	got = verdict.action == VERDICT_REFUSE ? verdict.rule->id :
	    verdict_action_text(verdict.action);
	if (text_equal(text_of(got), v->field[4]))
		return NULL;
	snprintf(wrong, sizeof wrong, "got %s", got);
	return wrong;
}

static void
test_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("trust.txt", check), 0);
}

static bool
says(const struct verdict *v, enum reason_kind kind, const char *subject,
    unsigned line)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->reason[i].kind == kind &&
		    text_equal(v->reason[i].subject, text_of(subject)) &&
		    (line == 0 || v->reason[i].entry.line == line))
			return true;
	return false;
}

static void
test_reasons(void **state)
{
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.auth = TEXT("bob"), .certificate = TEXT("/CN=lost"),
		.recipient = TEXT("<u@d.test>") };
	struct facts facts = { .now = NOW, .roaming = roaming };
	struct verdict v;

	(void)state;
	ip_parse(TEXT("203.0.113.5"), &e.client);
	decide_recipient(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_REFUSE);
	assert_true(says(&v, REASON_AUTH_TRUSTED, "bob", 9));
	assert_true(says(&v, REASON_ONLY, "three.test", 0));
	assert_true(says(&v, REASON_CERTIFICATE_DENIED, "/CN=lost", 15));
	assert_true(says(&v, REASON_ROAMING, "", 1));
	assert_false(v.trusted);
	e.certificate = TEXT("/CN=nobody");
	decide_recipient(policy, &e, &facts, &v);
	assert_true(says(&v, REASON_CERTIFICATE_UNLISTED, "/CN=nobody", 0));
}

/* What becomes of mail from a client with this name. */
static const char *
outcome(const struct policy *p, const char *client, const char *name)
{
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.recipient = TEXT("<u@d.test>"),
		.client_name = text_of(name) };
	struct facts facts = { .now = NOW };
	static struct verdict v;

	ip_parse(text_of(client), &e.client);
	decide_recipient(p, &e, &facts, &v);
	return v.action == VERDICT_REFUSE ? v.rule->id :
	    verdict_action_text(v.action);
}

/* Names count only in a policy that has name entries. */
static void
test_names(void **state)
{
	static const struct {
		const char *name, *verdict;
	} cases[] = { { "mx.net.test", "accept" }, { "MX.Net.Test.", "accept" },
		{ "a.pool.test", "accept" }, { "pool.test", "P01" },
		{ "bad.pool.test", "P01" }, { "xmx.net.test", "P01" },
		{ "mx.net.test.evil.test", "P01" }, { "", "P01" },
		{ "mx..net.test", "P01" } };
	static const struct line one[] = { { "name", "mx.net.test", NULL, 0 },
		{ NULL, NULL, NULL, 0 } };
	struct policy *names = policy_of(by_name);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(outcome(names, "203.0.113.9",
		    cases[i].name), cases[i].verdict);
	/* a denied name goes before the address */
	assert_string_equal(outcome(names, "198.51.100.1", "bad.pool.test"),
	    "P01");
	assert_string_equal(outcome(policy, "198.51.100.1", "mx.net.test"),
	    "P01");
	policy_free(names);
	names = policy_of(one); /* one entry is enough */
	assert_string_equal(outcome(names, "203.0.113.9", "mx.net.test"),
	    "accept");
	policy_free(names);
}

/* Who forwards to us may do no more than anybody, and is a stranger. */
static void
test_forwarder(void **state)
{
	static const struct line entries[] = {
		{ "forwarder", "198.51.100.0/24", NULL, 0 },
		{ "deny forwarder", "198.51.100.66", NULL, 0 },
		{ "forwarder", "203.0.113.9", NULL, NOW },
		{ "deny client", "198.51.100.8", NULL, 0 },
		{ "client", "192.0.2.0/24", NULL, 0 },
		{ "local", "d.test", NULL, 0 },
		{ NULL, NULL, NULL, 0 } };
	static const struct {
		const char *client;
		bool forwards;
	} cases[] = { { "198.51.100.7", true }, { "198.51.100.8", true },
		{ "198.51.100.66", false }, { "203.0.113.9", false },
		{ "192.0.2.1", false } };
	struct envelope e = { .sender = TEXT("<a@outside.test>") };
	struct facts facts = { .now = NOW };
	struct policy *p = policy_of(entries);
	struct policy_entry found;
	struct verdict v;
	size_t i;

	(void)state;
	assert_int_equal(policy_count(p, POLICY_FORWARDER), 3);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(ip_parse(text_of(cases[i].client), &e.client));
		assert_int_equal(policy_find_forwarder(p, &e.client, NOW,
		    &found) && found.action == POLICY_GRANT,
		    cases[i].forwards);
		if (!cases[i].forwards)
			continue;
		e.recipient = TEXT("<u@far.test>");
		decide_recipient(p, &e, &facts, &v);
		assert_int_equal(v.action, VERDICT_REFUSE);
		assert_true(v.stranger && !v.trusted);
		e.recipient = TEXT("<u@d.test>");
		decide_recipient(p, &e, &facts, &v);
		assert_int_equal(v.action, VERDICT_ACCEPT);
		assert_true(v.stranger && !v.trusted);
	}
	policy_free(p);
}

/* A sender that outsiders may not use is no matter with a limited client. */
static void
test_sender_of_a_limited_client(void **state)
{
	struct envelope e = { .sender = TEXT("<unqualified>") };
	struct facts facts = { .now = NOW };
	struct verdict v;

	(void)state;
	ip_parse(TEXT("192.0.2.7"), &e.client);
	decide_sender(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	ip_parse(TEXT("192.0.2.16"), &e.client);
	decide_sender(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_REFUSE);
}

/* Reasons name the entry, also for a name. */
static void
test_reasons_of_names(void **state)
{
	struct policy *names = policy_of(by_name);
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.recipient = TEXT("<u@d.test>"),
		.client_name = TEXT("mx.net.test") };
	struct facts facts = { .now = NOW };
	struct verdict v;

	(void)state;
	ip_parse(TEXT("203.0.113.9"), &e.client);
	decide_recipient(names, &e, &facts, &v);
	assert_true(says(&v, REASON_NAME_TRUSTED, "mx.net.test", 1));
	assert_true(v.trusted);
	e.client_name = TEXT("bad.pool.test");
	decide_recipient(names, &e, &facts, &v);
	assert_true(says(&v, REASON_NAME_DENIED, "bad.pool.test", 3));
	policy_free(names);
}

/* An identity that no entry can have is not cut to one that some has. */
static void
test_long_identities(void **state)
{
	char id[300];
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.recipient = TEXT("<u@d.test>") };
	struct facts facts = { .now = NOW };
	struct line staff[] = { { "auth", id, NULL, 0 },
		{ NULL, NULL, NULL, 0 } };
	struct policy *p;
	struct verdict v;
	size_t n;

	(void)state;
	memset(id, 'x', sizeof id);
	id[255] = '\0';
	p = policy_of(staff);
	ip_parse(TEXT("203.0.113.9"), &e.client);
	id[255] = 'x';
	for (n = 254; n <= sizeof id; n++) {
		e.auth = (struct text){ id, n };
		decide_recipient(p, &e, &facts, &v);
		assert_int_equal(v.action, n == 255 ? VERDICT_ACCEPT :
		    VERDICT_REFUSE);
	}
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_forwarder),
		cmocka_unit_test(test_reasons_of_names),
		cmocka_unit_test(test_long_identities),
		cmocka_unit_test(test_sender_of_a_limited_client),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
