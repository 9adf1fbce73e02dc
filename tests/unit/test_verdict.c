/* SPDX-License-Identifier: BSD-2-Clause */
/* What is mail that goes on to another host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/verdict.h"

#define NONE REASON_RULE /* says nothing of a destination */

/* A verdict with these reasons. */
static bool
relays(enum verdict_action action, bool trusted, enum reason_kind first,
    enum reason_kind second)
{
	static struct verdict v;

	v.action = action;
	v.trusted = trusted;
	v.n = 2;
	v.reason[0].kind = first;
	v.reason[1].kind = second;
	v.reason[2].kind = REASON_RELAY; /* of another one, before */
	return verdict_relays(&v);
}

static void
test_destinations(void **state)
{
	static const struct {
		enum reason_kind kind;
		bool relays;
	} kinds[] = {
		{ REASON_HERE, false }, { REASON_LOCAL, false },
		{ REASON_RELAY, true }, { REASON_LISTED, true },
		{ REASON_FOREIGN, true }, { NONE, false },
		{ REASON_SENDER, false }, { REASON_MTA, false },
		{ REASON_PROGRAM, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		assert_int_equal(relays(VERDICT_ACCEPT, false, kinds[i].kind,
		    NONE), kinds[i].relays);
		assert_int_equal(relays(VERDICT_ACCEPT, false, REASON_LOCAL,
		    kinds[i].kind), kinds[i].relays);
		/* whoever is trusted may send anywhere, so it may go on */
		assert_true(relays(VERDICT_ACCEPT, true, kinds[i].kind, NONE));
		assert_false(relays(VERDICT_REFUSE, false, kinds[i].kind,
		    NONE));
		assert_false(relays(VERDICT_REFUSE, true, kinds[i].kind,
		    NONE));
		assert_false(relays(VERDICT_DEFER, true, kinds[i].kind, NONE));
	}
	assert_true(relays(VERDICT_ACCEPT, false, REASON_RELAY, REASON_LOCAL));
}

static void
test_no_reasons(void **state)
{
	static struct verdict v = { .action = VERDICT_ACCEPT };

	(void)state;
	v.reason[0].kind = REASON_RELAY;
	assert_false(verdict_relays(&v));
	v.trusted = true;
	assert_true(verdict_relays(&v));
}

/* A refusal may be none when all of the policy is known. */
static void
test_wait(void **state)
{
	static struct verdict v;

	(void)state;
	v = (struct verdict){ .action = VERDICT_REFUSE, .rule = rules_at(0),
		.n = 2, .reason = { { .kind = REASON_FOREIGN },
		{ .kind = REASON_RULE } } };
	verdict_wait(&v);
	assert_int_equal(v.action, VERDICT_DEFER);
	assert_null(v.rule);
	assert_int_equal(v.n, 2);
	assert_int_equal(v.reason[0].kind, REASON_FOREIGN);
	assert_int_equal(v.reason[1].kind, REASON_WAITING);
	v.action = VERDICT_ACCEPT;
	v.reason[1].kind = REASON_RELAY;
	verdict_wait(&v);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	assert_int_equal(v.reason[1].kind, REASON_RELAY);
	v.action = VERDICT_REFUSE;
	v.rule = rules_at(0);
	v.reason[0].kind = REASON_MALFORMED;
	verdict_wait(&v);
	assert_int_equal(v.action, VERDICT_REFUSE);
	assert_ptr_equal(v.rule, rules_at(0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_destinations),
		cmocka_unit_test(test_no_reasons),
		cmocka_unit_test(test_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
