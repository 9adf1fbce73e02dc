/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said in words tells every case from every other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/address.h"
#include "policy/network.h"
#include "policy/policy.h"
#include "policy/readings.h"
#include "policy/verdict.h"

static const char *
address_word(int e)
{
	return address_error_text((enum address_error)e);
}

static const char *
network_word(int e)
{
	return network_error_text((enum network_error)e);
}

static const char *
policy_word(int e)
{
	return policy_error_text((enum policy_error)e);
}

static const char *
form_word(int form)
{
	return form_name((enum form)form);
}

static const char *
action_word(int action)
{
	return verdict_action_text((enum verdict_action)action);
}

static const char *
reason_word(int kind)
{
	return reason_name((enum reason_kind)kind);
}

/* All of 0 .. last differ. */
static void
all_differ(const char *(*word)(int), int last)
{
	int i, j;

	for (i = 0; i <= last; i++)
		for (j = 0; j < i; j++)
			if (strcmp(word(i), word(j)) == 0)
				fail_msg("%d and %d: %s", i, j, word(i));
}

/* So do they from what an unknown one is called. */
static void
unknown_too(const char *(*word)(int), int last, const char *unknown)
{
	int i;

	all_differ(word, last);
	assert_string_equal(word(last + 1), unknown);
	for (i = 0; i <= last; i++)
		assert_string_not_equal(word(i), unknown);
}

static void
test_words_differ(void **state)
{
	(void)state;
	unknown_too(address_word, ADDRESS_EMPTY, "unknown error");
	unknown_too(network_word, NETWORK_HOST_BITS, "unknown error");
	unknown_too(policy_word, POLICY_NO_MEMORY, "unknown error");
	unknown_too(form_word, FORM_PROGRAM, "unknown");
	unknown_too(action_word, VERDICT_REFUSE, "unknown");
	all_differ(reason_word, REASON_OVERLOAD);
}

/* Names that are in records, replies and manuals. */
static void
test_names_stay(void **state)
{
	(void)state;
	assert_string_equal(form_name(FORM_PLAIN), "plain");
	assert_string_equal(reason_name(REASON_CLIENT_LOOPBACK),
	    "client-loopback");
	assert_string_equal(reason_name(REASON_WAITING), "waiting");
	assert_string_equal(reason_name(REASON_OVERLOAD), "overload");
	assert_string_equal(verdict_action_text(VERDICT_ACCEPT), "accept");
	assert_string_equal(verdict_action_text(VERDICT_REFUSE), "refuse");
	assert_string_equal(verdict_action_text(VERDICT_DEFER), "defer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_differ),
		cmocka_unit_test(test_names_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
