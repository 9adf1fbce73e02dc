/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy costs, and what happens when there is no memory for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/network_table.h"
#include "policy/policy.h"
#define SCARCE_ALL
#include "tests/unit/scarce.h"

#if OWN_ALLOCATOR

/* ------------------------------------------------------- what is put in */

#define ENTRIES 120 /* enough for every array to grow, some twice */

static char long_note[9000]; /* the arena must grow for it */

/* Of every kind, with and without what only few entries have. */
static void
entry_of(unsigned i, struct policy_entry *e, char name[48])
{
	char net[32];

	*e = (struct policy_entry){ .kind = (enum policy_kind)(i % 4),
		.line = i + 1, .until = i % 3 == 0 ? 1000 : 0 };
	if (i % 5 == 0)
		e->note = TEXT("since the move of 2019");
	if (i == 60)
		e->note = (struct text){ long_note, sizeof long_note };
	if (i % 8 == 6)
		e->kind = POLICY_FORWARDER;
	if (i % 4 == POLICY_CLIENT || i % 8 == 4) {
		if (i % 3 == 0)
			snprintf(net, sizeof net, "10.%u.%u.0/24", i / 256,
			    i % 256);
		else
			snprintf(net, sizeof net, "2001:db8:%x::/48", i);
		network_parse(text_of(net), &e->network);
	}
	snprintf(name, 48, "a-name-that-takes-some-room-%u.example.test", i);
	e->value = text_of(name);
}

static bool
is_found(const struct policy *p, unsigned i)
{
	struct policy_entry e, got = { 0 };
	char name[48];
	bool found;

	entry_of(i, &e, name);
	if (e.kind == POLICY_CLIENT)
		found = policy_find_client(p, &e.network.base, 1, &got);
	else if (e.kind == POLICY_FORWARDER)
		found = policy_find_forwarder(p, &e.network.base, 1, &got);
	else if (e.network.base.family != IP_NONE)
		found = policy_find_literal(p, &e.network.base, 1, &got);
	else if (e.kind == POLICY_IDENTITY)
		found = policy_find_identity(p, e.value, 1, &got);
	else
		found = policy_find_domain(p, e.kind, e.value, 1, &got);
	return found && got.line == e.line && got.until == e.until &&
	    text_equal(got.note, e.note) && text_equal(
	    policy_source_name(p, got.source), TEXT("a source"));
}

/*
 * Make a policy; the step that the allocator fails in says so, changes
 * nothing, and succeeds when it is done again.  NULL when it was the last one.
 */
static struct policy *
make(unsigned entries)
{
	struct policy_builder *b = policy_builder_new(5);
	struct policy_entry e;
	enum policy_error error;
	unsigned i, id = 77;
	char name[48];

	if (failed) {
		assert_null(b);
		return NULL;
	}
	error = policy_source(b, TEXT("a source"), &id);
	if (failed) {
		assert_int_equal(error, POLICY_NO_MEMORY);
		error = policy_source(b, TEXT("a source"), &id);
	}
	assert_int_equal(error, POLICY_OK);
	assert_int_equal(id, 0);
	for (i = 0; i < entries; i++) {
		bool before = failed;

		entry_of(i, &e, name);
		error = policy_add(b, &e, NULL);
		assert_int_equal(error, failed && !before ? POLICY_NO_MEMORY :
		    POLICY_OK);
		if (error == POLICY_OK)
			continue;
		assert_int_equal(policy_entries(policy_builder_view(b)), i);
		assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	}
	return policy_freeze(b);
}

/* Each allocation in its turn fails; the policy is whole or there is none. */
static void
test_no_memory(void **state)
{
	size_t before = live;
	struct policy *p;
	unsigned long n;
	unsigned i, none = 0;

	(void)state;
	for (n = 1;; n++) {
		failed = false;
		until = n;
		p = make(ENTRIES);
		until = 0;
		for (i = 0; p != NULL && i < ENTRIES; i++)
			assert_true(is_found(p, i));
		none += p == NULL;
		policy_free(p);
		assert_int_equal(live, before);
		if (!failed)
			break;
	}
	/* builder, policy, first slots; last slots, four network tables */
	assert_true(none > 12);
	assert_true(n > 25);
}

/* What a policy of so many says it takes, which is what it does take. */
static size_t
bytes(unsigned entries)
{
	size_t before = live, blocks_before = blocks, said;
	struct policy *p;

	failed = false;
	p = make(entries);
	assert_non_null(p);
	said = policy_bytes(p);
	/* an allocator rounds up */
	assert_in_range(said, live - before - (blocks - blocks_before) * 16,
	    live - before);
	policy_free(p);
	assert_int_equal(live, before);
	assert_int_equal(blocks, blocks_before);
	return said;
}

static void
test_bytes(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n <= ENTRIES; n += n < 8 ? 1 : 28)
		bytes(n);
	bytes(20000);
	/*
	 * One more costs what it needs: 16 bytes, its name, a slot or two of
	 * 8; not what the arrays grew by, nor what only few entries have.
	 */
	assert_in_range(bytes(17) - bytes(16), 16 + 43 + 8, 16 + 43 + 16);
	assert_in_range(bytes(65) - bytes(64), 16 + 43 + 8, 16 + 43 + 16);
}

/* What so many clients take, each with a date. */
static size_t
bytes_of_clients(unsigned n)
{
	struct policy_builder *b = policy_builder_new(5);
	struct policy_entry e = { .kind = POLICY_CLIENT, .until = 1000 };
	struct policy *p;
	size_t said;
	char net[32];
	unsigned i;

	assert_int_equal(policy_source(b, TEXT("a"), &e.source), POLICY_OK);
	for (i = 0; i < n; i++) {
		snprintf(net, sizeof net, "10.0.%u.0/24", i);
		network_parse(text_of(net), &e.network);
		assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	}
	p = policy_freeze(b);
	said = policy_bytes(p);
	policy_free(p);
	return said;
}

/* They have no slots, and no array is longer than what is in it. */
static void
test_bytes_of_clients(void **state)
{
	const size_t each = 16 + 24 + 5 + 2 * 8;

	(void)state;
	assert_int_equal(bytes_of_clients(17), bytes_of_clients(18) - each);
	assert_int_equal(bytes_of_clients(33), bytes_of_clients(64) -
	    31 * each);
	/* the first brings its table and the index of that */
	assert_in_range(bytes_of_clients(1) - bytes_of_clients(0), each,
	    each + 80 + 16 + 17 * 4);
}

/* Nothing is kept of what was not frozen; nothing at all is no trouble. */
static void
test_given_up(void **state)
{
	size_t before = live;
	struct policy_builder *b = policy_builder_new(5);
	struct policy_entry e;
	char name[48];
	unsigned i, id;

	(void)state;
	assert_int_equal(policy_source(b, TEXT("a source"), &id), POLICY_OK);
	for (i = 0; i < ENTRIES; i++) {
		entry_of(i, &e, name);
		assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	}
	policy_builder_free(b);
	assert_int_equal(live, before);
	policy_builder_free(NULL);
	policy_free(NULL);
	network_table_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bytes_of_clients),
		cmocka_unit_test(test_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
