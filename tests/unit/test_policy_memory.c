/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy costs, and what happens when there is no memory for it. */
#include <dlfcn.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/network_table.h"
#include "policy/policy.h"

/* ------------------------------------------- an allocator that can fail */

/* The sanitizers bring their own, which cannot: there are no such tests. */
#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 0
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define OWN_ALLOCATOR 0
#endif

#if !defined OWN_ALLOCATOR

static size_t live, blocks; /* what is handed out and not yet given back */
static unsigned long until; /* which allocation fails, counted down; 0: none */
static bool failed;

static bool
fails_now(void)
{
	failed = failed || until == 1;
	return until > 0 && until-- == 1;
}

static void *
next(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f == NULL)
		abort();
	return f;
}

static void *
counted(void *p)
{
	live += p != NULL ? malloc_usable_size(p) : 0;
	blocks += p != NULL;
	return p;
}

void *
malloc(size_t n)
{
	static void *(*real)(size_t);

	if (real == NULL)
		*(void **)&real = next("malloc");
	return fails_now() ? NULL : counted(real(n));
}

void *
calloc(size_t n, size_t size)
{
	static void *(*real)(size_t, size_t);

	if (real == NULL)
		*(void **)&real = next("calloc");
	return fails_now() ? NULL : counted(real(n, size));
}

void *
realloc(void *old, size_t n)
{
	static void *(*real)(void *, size_t);
	size_t was = old != NULL ? malloc_usable_size(old) : 0;
	void *p;

	if (real == NULL)
		*(void **)&real = next("realloc");
	if (fails_now())
		return NULL;
	p = counted(real(old, n));
	live -= p != NULL ? was : 0;
	blocks -= p != NULL && old != NULL;
	return p;
}

void
free(void *p)
{
	static void (*real)(void *);

	if (real == NULL)
		*(void **)&real = next("free");
	live -= p != NULL ? malloc_usable_size(p) : 0;
	blocks -= p != NULL;
	real(p);
}

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
		cmocka_unit_test(test_given_up),
	};

	/* memory of its own for a large block would be rounded to pages */
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int
main(void)
{
	puts("not with a sanitizer");
	return 0;
}

#endif
