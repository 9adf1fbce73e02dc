/* SPDX-License-Identifier: BSD-2-Clause */
/* Layers and records: what they cost, and without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "policy/records.h"
#include "tests/unit/scarce.h"

/* Relay domains, n of them. */
static struct policy *
make(unsigned n)
{
	struct policy_entry e = { .kind = POLICY_RELAY };
	struct policy_builder *b = policy_builder_new(5);
	struct policy *p;
	char name[32];
	unsigned i;

	assert_non_null(b);
	assert_int_equal(policy_source(b, TEXT("a"), &e.source), POLICY_OK);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof name, "domain-%u.test", i);
		e.value = text_of(name);
		assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	}
	p = policy_freeze(b);
	assert_non_null(p);
	return p;
}

/* A bit for each entry that is out, in whole words: none beyond is read. */
static void
test_borders(void **state)
{
	static const unsigned sizes[] = { 1, 63, 64, 65, 128 };
	struct policy *p, *again;
	struct policy_entry e;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		p = make(sizes[i]);
		for (k = 0; k < sizes[i]; k += 2)
			assert_true(policy_take_out(p, k));
		again = policy_join((const struct policy *[]){ p, p }, 2);
		policy_free(p);
		assert_non_null(again);
		assert_int_equal(policy_entries(again), 2 * sizes[i]);
		assert_int_equal(policy_count(again, POLICY_RELAY),
		    2 * (sizes[i] / 2));
		for (k = 0; k < 2 * sizes[i]; k++) {
			policy_entry_at(again, k, &e);
			assert_int_equal(e.until, k % sizes[i] % 2 == 0);
			assert_int_equal(policy_find_domain(again,
			    POLICY_RELAY, e.value, 0, &e),
			    k % sizes[i] % 2 != 0);
		}
		policy_free(again);
	}
}

#if OWN_ALLOCATOR

static void
test_join(void **state)
{
	size_t before = live, blocks_before = blocks, alone, said[2];
	struct policy *part[2], *p, *again;
	unsigned long n;

	(void)state;
	part[0] = make(64);
	part[1] = make(65);
	said[0] = policy_bytes(part[0]);
	said[1] = policy_bytes(part[1]);
	alone = live;
	until = 1;
	failed = false;
	assert_false(policy_take_out(part[1], 0));
	assert_true(policy_take_out(part[1], 64));
	assert_true(policy_take_out(part[0], 63));
	assert_int_equal(live - alone, 2 * 24); /* of 8 and 16 bytes */
	assert_int_equal(policy_bytes(part[0]), said[0] + 8);
	assert_int_equal(policy_bytes(part[1]), said[1] + 16);
	for (n = 1; n <= 4; n++) {
		alone = live;
		until = n;
		p = policy_join((const struct policy *const *)part, 2);
		until = 0;
		assert_int_equal(p != NULL, n == 4);
		policy_free(p);
		assert_int_equal(live, alone);
	}
	p = policy_join((const struct policy *const *)part, 2);
	policy_free(part[0]);
	policy_free(part[1]);
	assert_int_equal(policy_count(p, POLICY_RELAY), 127);
	again = policy_join((const struct policy *[]){ p }, 1);
	assert_int_equal(policy_entries(again), 129);
	assert_int_equal(policy_count(again, POLICY_RELAY), 127);
	policy_free(again);
	/* an allocator rounds up */
	assert_in_range(policy_bytes(p), live - before -
	    (blocks - blocks_before) * 16, live - before);
	policy_free(p);
	assert_int_equal(live, before);
}

static void
test_records(void **state)
{
	const unsigned char uuid[RECORD_UUID] = { 1 };
	size_t before = live, said;
	struct records *r;
	uint32_t number;

	(void)state;
	until = 1;
	assert_null(records_new());
	r = records_new();
	assert_non_null(r);
	until = 1;
	assert_int_equal(records_add(r, uuid, TEXT("cn=a"), TEXT("b")), 0);
	said = records_bytes(r);
	assert_in_range(said, live - before - 16, live - before);
	number = records_add(r, uuid, TEXT("cn=a"), TEXT("b"));
	assert_int_not_equal(number, 0);
	assert_in_range(records_bytes(r), live - before - 32, live - before);
	assert_true(text_equal(records_dn(r, number), TEXT("cn=a")));
	assert_ptr_equal(records_hold(r), r);
	records_free(r);
	assert_true(text_equal(records_lines(r, number), TEXT("b")));
	records_free(r);
	records_free(NULL);
	assert_int_equal(live, before);
}

/* A directory's records live as long as any policy that has them. */
static void
test_directory(void **state)
{
	size_t before = live;
	struct records *r = records_new();
	struct policy_builder *b = policy_builder_new(5);
	unsigned id;

	(void)state;
	assert_int_equal(policy_directory(b, TEXT("d"), r, &id), POLICY_OK);
	records_free(r);
	policy_builder_free(b);
	assert_int_equal(live, before);
}

#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_borders),
#if OWN_ALLOCATOR
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_directory),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
