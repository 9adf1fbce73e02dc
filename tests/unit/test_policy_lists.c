/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of domains for only=, realms, and policies that lack a kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/policy.h"

static struct policy_builder *
begin(void)
{
	struct policy_builder *b = policy_builder_new(13);

	assert_non_null(b);
	return b;
}

static enum policy_error
add(struct policy_builder *b, enum policy_kind kind, const char *value,
    const char *only)
{
	struct policy_entry e = { .kind = kind, .value = text_of(value),
		.only = text_of(only) };

	return policy_add(b, &e, NULL);
}

static void
test_stored(void **state)
{
	static const struct {
		const char *only, *stored;
	} good[] = {
		{ "a", "a" }, { "A.test", "a.test" }, { "ab.c", "ab.c" },
		{ ".B.Test", ".b.test" }, { ".a.b", ".a.b" },
		{ "One.test,Two.test", "one.test,two.test" },
		{ "A,.B.test,C.test", "a,.b.test,c.test" },
	};
	struct policy_builder *b = begin();
	struct policy_entry e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		const char value[] = { 'u', (char)('a' + i), '\0' };

		assert_int_equal(add(b, POLICY_IDENTITY, value, good[i].only),
		    POLICY_OK);
		policy_entry_at(policy_builder_view(b), i, &e);
		assert_true(text_equal(e.only, text_of(good[i].stored)));
	}
	policy_builder_free(b);
}

static void
test_refused(void **state)
{
	static const char *const bad[] = { ",", "a,", ",a", "a,,b", ".", "..",
		"a.test.", "..a.test", "a b", ".a.test,", "a.test,b c", ".," };
	static const char *const top[] = { ".test", "a.test,.test", ".a,b c" };
	struct policy_builder *b = begin();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(add(b, POLICY_IDENTITY, "u", bad[i]),
		    POLICY_BAD_ONLY);
	for (i = 0; i < sizeof top / sizeof top[0]; i++)
		assert_int_equal(add(b, POLICY_IDENTITY, "u", top[i]),
		    POLICY_TOP_LEVEL);
	assert_int_equal(policy_entries(policy_builder_view(b)), 0);
	/* the room that was made for them is left over */
	policy_free(policy_freeze(b));
}

static void
test_names(void **state)
{
	static const struct {
		const char *only, *name;
		bool names;
	} cases[] = {
		{ "a", "a", true }, { "a", "b", false }, { "", "a", false },
		{ "b,a", "a", true }, { "a.test,b.test", "b.test", true },
		{ "a.test,b.test", "test", false },
		{ "a.test", "x.a.test", false }, { "ab", "a", false },
		{ ".a.test", "x.a.test", true }, { ".a.test", "a.test", false },
		{ ".a.test", "xa.test", false }, { ".a.test", "b.test", false },
		{ "b.test,.a.test", "y.x.a.test", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(policy_only_names(text_of(cases[i].only),
		    text_of(cases[i].name)), cases[i].names);
}

/* A realm may be as long as anybody likes, and there may be no identity. */
static void
test_realms(void **state)
{
	struct policy_builder *b = begin();
	struct policy_entry e;
	struct policy *p;
	char line[300];
	size_t n;

	(void)state;
	assert_int_equal(add(b, POLICY_IDENTITY, "*@a.test", NULL), POLICY_OK);
	p = policy_freeze(b);
	memset(line, 'a', sizeof line);
	line[0] = '@';
	for (n = 1; n <= sizeof line; n++)
		assert_false(policy_find_identity(p, (struct text){ line, n },
		    0, &e));
	assert_false(policy_find_identity(p, (struct text){ NULL, 0 }, 0, &e));
	assert_true(policy_find_identity(p, TEXT("@a.test"), 0, &e));
	assert_false(policy_find_identity(p, TEXT("a.test"), 0, &e));
	policy_free(p);
}

/* One entry of a kind is enough, and none says nothing. */
static void
test_kinds(void **state)
{
	struct policy_builder *b = begin();
	struct policy_entry e = { .kind = POLICY_CERTIFICATE,
		.value = TEXT("/CN=a"), .line = 5 };
	struct policy *p;

	(void)state;
	assert_int_equal(policy_seed(b), 13);
	assert_int_equal(add(b, POLICY_CERTIFICATE, "/CN=a", NULL), POLICY_OK);
	/* without any source */
	assert_int_equal(policy_add(b, &e, NULL), POLICY_DUPLICATE);
	assert_int_equal(add(b, POLICY_NAME, "a.test", NULL), POLICY_OK);
	p = policy_freeze(b);
	assert_true(policy_find_certificate(p, TEXT("/CN=a"), 0, &e));
	assert_int_equal(e.kind, POLICY_CERTIFICATE);
	assert_true(policy_find_domain(p, POLICY_NAME, TEXT("a.test"), 0, &e));
	assert_int_equal(e.kind, POLICY_NAME);
	assert_false(policy_find_identity(p, TEXT("/CN=a"), 0, &e));
	assert_false(policy_find_domain(p, POLICY_LOCAL, TEXT("a.test"), 0,
	    &e));
	policy_free(p);
	p = policy_freeze(begin());
	assert_false(policy_find_certificate(p, TEXT("/CN=a"), 0, &e));
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stored),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_realms),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
