/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may relay where: tests/vectors/trust.txt, and the reasons said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/policy_file.h"
#include "policy/decide.h"
#include "tests/unit/vectors.h"

#define NOW 1800000000

static const char policy_text[] =
    "local guard.test\n"
    "relay relay.test\n"
    "client 10.0.0.0/8\n"
    "deny client 10.66.0.0/16\n"
    "client 192.0.2.7 only=one.test,.Two.test\n"
    "client 192.0.2.8/29 only=one.test\n"
    "auth alice\n"
    "auth *@staff.test\n"
    "auth bob only=three.test\n"
    "deny auth eve@staff.test\n"
    "auth dan+x\n"
    "deny auth eve+x@staff.test\n"
    "cert /CN=mx only=four.test\n"
    "cert /CN=hub\n"
    "deny cert /CN=lost\n";
static const char roaming_text[] =
    "client 203.0.113.5 until=2027-01-15T08:00:01Z\n" /* NOW + 1 */
    "client 203.0.113.6 until=2027-01-15T08:00:00Z\n"
    "client 192.0.2.9 until=2027-02-01\n";

static struct policy *policy, *roaming;

static struct policy *
policy_of(const char *text)
{
	struct policy_builder *b = policy_builder_new(7);
	struct complaints c = { 0 };
	size_t i;

	policy_file_parse(text_of(text), "test", b, &c);
	for (i = 0; i < c.n; i++)
		print_error("%u: %s\n", c.at[i].line, c.at[i].text);
	assert_int_equal(c.n, 0);
	return policy_freeze(b);
}

static int
set_up(void **state)
{
	(void)state;
	policy = policy_of(policy_text);
	roaming = policy_of(roaming_text);
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
	struct policy *names = policy_of("name mx.net.test\n"
	    "name .pool.test\ndeny name bad.pool.test\n"
	    "client 198.51.100.0/24\n");
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.recipient = TEXT("<u@d.test>") };
	struct facts facts = { .now = NOW };
	struct verdict v;
	size_t i;

	(void)state;
	ip_parse(TEXT("203.0.113.9"), &e.client);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		e.client_name = text_of(cases[i].name);
		decide_recipient(names, &e, &facts, &v);
		assert_string_equal(v.action == VERDICT_REFUSE ? v.rule->id :
		    verdict_action_text(v.action), cases[i].verdict);
	}
	/* a denied name goes before the address */
	ip_parse(TEXT("198.51.100.1"), &e.client);
	e.client_name = TEXT("bad.pool.test");
	decide_recipient(names, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_REFUSE);
	e.client_name = TEXT("mx.net.test");
	decide_recipient(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_REFUSE);
	policy_free(names);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sender_of_a_limited_client),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
