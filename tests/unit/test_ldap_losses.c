/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that are worse off: many of them, networks, and without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/source/ldap_losses.h"
#include "tests/unit/scarce.h"

/* Domains and networks with a number from first to last. */
static struct policy *
make(unsigned first, unsigned last, enum policy_action action)
{
	struct policy_entry domain = { .kind = POLICY_RELAY, .action = action };
	struct policy_entry net = { .kind = POLICY_CLIENT, .action = action };
	struct policy_builder *b = policy_builder_new(5);
	struct policy *p;
	char name[32];
	unsigned i;

	assert_non_null(b);
	assert_int_equal(policy_source(b, TEXT("a"), &domain.source),
	    POLICY_OK);
	net.source = domain.source;
	for (i = first; i <= last; i++) {
		snprintf(name, sizeof name, "d%u.test", i);
		domain.value = text_of(name);
		assert_int_equal(policy_add(b, &domain, NULL), POLICY_OK);
		/* the same bytes, but for the length of the prefix */
		snprintf(name, sizeof name, "10.%u.0.0/%u", i & 254,
		    i % 2 ? 16 : 24);
		assert_int_equal(network_parse(text_of(name), &net.network),
		    NETWORK_OK);
		policy_add(b, &net, NULL);
	}
	p = policy_freeze(b);
	assert_non_null(p);
	return p;
}

static void
test_all_go_and_come_back(void **state)
{
	struct policy *all = make(1, 200, POLICY_GRANT);
	struct policy *few = make(1, 50, POLICY_GRANT);
	struct policy *denied = make(1, 200, POLICY_DENY);
	struct losses *l = losses_new();
	size_t n = policy_entries(all);

	(void)state;
	assert_int_equal(n, 400);
	assert_true(losses_compare(l, all, few, NULL, 0));
	assert_int_equal(losses_sum(l), 300);
	assert_int_equal(losses_of(l, policy_entries(few)), n);
	assert_true(losses_compare(l, few, denied, NULL, 0));
	assert_int_equal(losses_sum(l), n);
	assert_int_equal(losses_of(l, policy_entries(denied)), n);
	assert_true(losses_compare(l, denied, all, NULL, 0));
	assert_int_equal(losses_sum(l), 0);
	assert_int_equal(losses_of(l, n), n);
	assert_true(losses_compare(l, denied, all, NULL, 0));
	assert_int_equal(losses_sum(l), 0);
	losses_free(l);
	policy_free(all);
	policy_free(few);
	policy_free(denied);
}

/* A copy goes its own way. */
static void
test_copy(void **state)
{
	struct policy *all = make(1, 200, POLICY_GRANT);
	struct policy *few = make(1, 150, POLICY_GRANT);
	struct policy *fewer = make(1, 100, POLICY_GRANT);
	struct losses *l = losses_new(), *copy;

	(void)state;
	assert_true(losses_compare(l, all, few, NULL, 0));
	copy = losses_copy(l);
	assert_int_equal(losses_sum(copy), 100);
	assert_true(losses_compare(copy, few, fewer, all, 0));
	assert_int_equal(losses_sum(copy), 200);
	assert_int_equal(losses_sum(l), 100);
	assert_true(losses_compare(l, few, all, all, 0));
	assert_int_equal(losses_sum(l), 0);
	assert_int_equal(losses_sum(copy), 200);
	losses_free(l);
	losses_free(copy);
	policy_free(all);
	policy_free(few);
	policy_free(fewer);
}

#if OWN_ALLOCATOR

/* The sum of a copy, or 0: no memory. */
static size_t
sum_of_copy(const struct policy *all, const struct policy *few)
{
	struct losses *l = losses_new(), *copy = NULL;
	size_t sum = 0;

	if (l != NULL && losses_compare(l, all, few, NULL, 0))
		copy = losses_copy(l);
	if (copy != NULL)
		sum = losses_sum(copy);
	losses_free(copy);
	losses_free(l);
	return sum;
}

static void
test_no_memory(void **state)
{
	struct policy *all = make(1, 200, POLICY_GRANT);
	struct policy *few = make(1, 50, POLICY_GRANT);
	size_t before = live, sum;
	unsigned long n;

	(void)state;
	for (n = 1;; n++) {
		failed = false;
		until = n;
		sum = sum_of_copy(all, few);
		until = 0;
		assert_int_equal(live, before);
		assert_int_equal(sum, failed ? 0 : 300);
		if (!failed)
			break;
	}
	assert_true(n > 5);
	policy_free(all);
	policy_free(few);
}

#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_go_and_come_back),
		cmocka_unit_test(test_copy),
#if OWN_ALLOCATOR
		cmocka_unit_test(test_no_memory),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
