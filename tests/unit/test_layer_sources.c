/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the entries of several layers come from, in the numbers of the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "policy/records.h"

/* A relay domain. */
static void
add(struct policy_builder *b, unsigned source, const char *name, unsigned line)
{
	struct policy_entry e = { .kind = POLICY_RELAY, .source = source,
		.value = text_of(name), .line = line };

	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
}

static struct policy *
from_files(const char *one, const char *two, const char *name,
    struct access_map *access)
{
	struct policy_builder *b = policy_builder_new(3);
	struct policy *p;
	unsigned first, second;

	assert_int_equal(policy_source(b, text_of(one), &first), POLICY_OK);
	assert_int_equal(policy_source(b, text_of(two), &second), POLICY_OK);
	add(b, first, name, 7);
	add(b, second, "x.test", 0);
	if (access != NULL)
		policy_keep_access(b, access, second);
	p = policy_freeze(b);
	assert_non_null(p);
	return p;
}

static struct policy *
from_directory(void)
{
	const unsigned char uuid[RECORD_UUID] = { 0 };
	struct policy_builder *b = policy_builder_new(3);
	struct records *r = records_new();
	struct policy *p;
	unsigned id;

	assert_int_equal(policy_directory(b, TEXT("ldap"), r, &id), POLICY_OK);
	add(b, id, "d.test", records_add(r, uuid, TEXT("cn=d"), TEXT("")));
	add(b, id, "x.test", 0);
	records_free(r);
	p = policy_freeze(b);
	assert_non_null(p);
	return p;
}

static struct policy *
join(void)
{
	struct policy *part[3], *p;
	size_t i;

	part[0] = from_files("a", "b", "a.test", NULL);
	part[1] = from_directory();
	part[2] = from_files("e", "f", "e.test", access_map_new(1));
	p = policy_join((const struct policy *const *)part, 3);
	assert_non_null(p);
	for (i = 0; i < 3; i++)
		policy_free(part[i]);
	return p;
}

static void
test_origins(void **state)
{
	static const char *const origin[] = { "a:7", "b", "cn=d", "ldap",
		"e:7", "f" };
	static const char *const name[] = { "a.test", "x.test", "d.test",
		"x.test", "e.test", "x.test" };
	struct policy *p = join();
	struct policy_entry e;
	char out[64];
	size_t i;

	(void)state;
	assert_int_equal(policy_entries(p), 6);
	for (i = 0; i < 6; i++) {
		policy_entry_at(p, i, &e);
		assert_true(text_equal(e.value, text_of(name[i])));
		assert_string_equal(policy_origin(p, &e, out, sizeof out),
		    origin[i]);
		assert_int_equal(policy_entry_dn(p, &e).n, i == 2 ? 4 : 0);
	}
	assert_true(policy_find_domain(p, POLICY_RELAY, TEXT("e.test"), 0,
	    &e));
	assert_string_equal(policy_origin(p, &e, out, sizeof out), "e:7");
	policy_free(p);
}

static void
test_access(void **state)
{
	struct policy *p = join(), *none;
	unsigned source = 99;

	(void)state;
	assert_non_null(policy_access(p, &source));
	assert_int_equal(source, 4);
	assert_true(text_equal(policy_source_name(p, source), TEXT("f")));
	policy_free(p);
	none = from_directory();
	assert_null(policy_access(none, &source));
	assert_int_equal(source, 0);
	policy_free(none);
}

static bool
is_line(void *with, unsigned line)
{
	return *(unsigned *)with == line;
}

static void
test_index(void **state)
{
	struct policy *p = join();
	struct policy_entry e = { .kind = POLICY_RELAY,
		.value = TEXT("e.test") };
	unsigned line = 7;

	(void)state;
	assert_int_equal(policy_index(p, &e, INT64_MIN, is_line, &line), 4);
	e.span = SPAN_BOTH;
	assert_int_equal(policy_index(p, &e, INT64_MIN, is_line, &line), 6);
	e.span = SPAN_SELF;
	e.action = POLICY_DENY;
	assert_int_equal(policy_index(p, &e, INT64_MIN, is_line, &line), 6);
	e.action = POLICY_GRANT;
	e.kind = POLICY_LOCAL;
	assert_int_equal(policy_index(p, &e, INT64_MIN, is_line, &line), 6);
	e.kind = POLICY_RELAY;
	line = 0;
	assert_int_equal(policy_index(p, &e, INT64_MIN, is_line, &line), 6);
	e.value = TEXT("x.test");
	assert_int_equal(policy_index(p, &e, INT64_MIN, is_line, &line), 1);
	assert_true(policy_take_out(p, 1));
	assert_int_equal(policy_index(p, &e, INT64_MIN, is_line, &line), 3);
	e.value = TEXT("not a domain"); /* no policy has it */
	assert_int_equal(policy_index(p, &e, INT64_MIN, is_line, &line), 6);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_access),
		cmocka_unit_test(test_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
