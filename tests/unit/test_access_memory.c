/* SPDX-License-Identifier: BSD-2-Clause */
/* What the access map costs, alone and in a policy, and without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/policy.h"
#define SCARCE_ALL
#include "tests/unit/scarce.h"

#if OWN_ALLOCATOR

#define KEYS 120 /* enough to grow four times */

static struct text
key_of(unsigned i, char key[32])
{
	snprintf(key, 32, "to:some-domain-%u.test", i);
	return text_of(key);
}

/*
 * A map of so many keys; the step that the allocator fails in says so, changes
 * nothing, and succeeds when it is done again.  NULL when it was the first.
 */
static struct access_map *
make(unsigned keys)
{
	struct access_map *m = access_map_new(3);
	bool good, before;
	char key[32];
	unsigned i;

	if (failed) {
		assert_null(m);
		return NULL;
	}
	for (i = 0; i < keys; i++) {
		before = failed;
		good = access_map_add(m, key_of(i, key), TEXT("RELAY"));
		assert_int_equal(good, failed == before);
		if (good)
			continue;
		assert_int_equal(access_map_count(m), i);
		assert_true(access_map_add(m, key_of(i, key), TEXT("RELAY")));
	}
	return m;
}

static void
test_no_memory(void **state)
{
	size_t before = live, blocks_before = blocks;
	struct access_map *m;
	struct text value;
	unsigned long n;
	unsigned i, none = 0;
	char key[32];

	(void)state;
	for (n = 1;; n++) {
		failed = false;
		until = n;
		m = make(KEYS);
		until = 0;
		for (i = 0; m != NULL && i < KEYS; i++)
			assert_true(access_map_find(m, key_of(i, key), &value));
		none += m == NULL;
		access_map_free(m);
		assert_int_equal(live, before);
		assert_int_equal(blocks, blocks_before);
		if (!failed)
			break;
	}
	assert_int_equal(none, 2); /* the map, its first slots */
	assert_int_equal(n, 2 + 4 + KEYS + 1); /* and four times more slots */
}

/* What it says it takes is what it does take; an allocator rounds up. */
static void
test_bytes(void **state)
{
	size_t before = live, blocks_before = blocks;
	struct access_map *m;
	unsigned n;

	(void)state;
	failed = false;
	for (n = 0; n <= KEYS; n += 20) {
		m = make(n);
		assert_in_range(access_map_bytes(m), live - before -
		    (blocks - blocks_before) * 16, live - before);
		access_map_free(m);
	}
}

/* A policy has the map that came last, and its bytes. */
static void
test_kept(void **state)
{
	size_t before = live, blocks_before = blocks;
	struct policy_builder *b;
	struct access_map *m;
	struct policy *p, *joined;
	unsigned source, id;

	(void)state;
	failed = false;
	p = policy_freeze(policy_builder_new(1));
	assert_null(policy_access(p, &source));
	policy_free(p);
	b = policy_builder_new(1);
	assert_int_equal(policy_source(b, TEXT("a"), &id), POLICY_OK);
	policy_keep_access(b, make(3), id);
	assert_int_equal(policy_source(b, TEXT("b"), &id), POLICY_OK);
	m = make(KEYS);
	policy_keep_access(b, m, id);
	p = policy_freeze(b);
	assert_ptr_equal(policy_access(p, &source), m);
	assert_int_equal(source, 1);
	assert_in_range(policy_bytes(p), live - before -
	    (blocks - blocks_before) * 16, live - before);
	joined = policy_join((const struct policy *[]){ p, p }, 2);
	assert_ptr_equal(policy_access(joined, &source), m);
	policy_free(p);
	assert_int_equal(access_map_count(m), KEYS);
	policy_free(joined);
	assert_int_equal(live, before);
	policy_keep_access(b = policy_builder_new(1), make(2), 0);
	policy_builder_free(b);
	assert_int_equal(live, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
