/* SPDX-License-Identifier: BSD-2-Clause */
/* International names: either spelling of the policy answers both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/idn.h"
#include "policy/domain.h"
#include "policy/records.h"

#define U_LABEL "b\xc3\xbc" "cher.example"
#define A_LABEL "xn--bcher-kva.example"

static struct policy_builder *
builder_with(const char *name, unsigned line)
{
	struct policy_builder *b = policy_builder_new(3);
	struct policy_entry e = { .kind = POLICY_RELAY, .line = line,
		.span = SPAN_BOTH, .value = text_of(name),
		.note = TEXT("a note") };
	unsigned id;

	policy_source(b, TEXT("file"), &id);
	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	return b;
}

static void
check_both(const char *given)
{
	static const char *const names[] = { U_LABEL, A_LABEL,
		"mail." U_LABEL, "mail." A_LABEL };
	struct policy_builder *b = builder_with(given, 7);
	struct complaints c = { 0 };
	struct policy_entry e;
	struct policy *p;
	size_t i;

	idn_add_spellings(b, &c);
	assert_int_equal(c.n, 0);
	p = policy_freeze(b);
	assert_int_equal(policy_entries(p), 2);
	for (i = 0; i < 4; i++) {
		assert_true(policy_find_domain(p, POLICY_RELAY,
		    text_of(names[i]), 0, &e));
		assert_int_equal(e.line, 7);
		assert_true(text_equal(e.note, TEXT("a note")));
	}
	policy_free(p);
}

static void
test_either_spelling(void **state)
{
	(void)state;
	check_both(U_LABEL);
	check_both(A_LABEL);
}

static void
test_ascii_is_left_alone(void **state)
{
	struct policy_builder *b = builder_with("relay.test", 1);
	struct complaints c = { 0 };

	(void)state;
	idn_add_spellings(b, &c);
	assert_int_equal(c.n, 0);
	assert_int_equal(policy_entries(policy_builder_view(b)), 1);
	policy_builder_free(b);
}

static void
test_bad_name_is_named(void **state)
{
	struct policy_builder *b = builder_with("b\xc3.example", 9);
	struct complaints c = { 0 };

	(void)state;
	idn_add_spellings(b, &c);
	assert_int_equal(c.errors, 1);
	assert_string_equal(c.at[0].file, "file");
	assert_int_equal(c.at[0].line, 9);
	complaints_free(&c);
	policy_builder_free(b);
}

/* In a directory the others hold. */
static void
test_bad_name_of_a_directory(void **state)
{
	static const unsigned char uuid[RECORD_UUID];
	struct policy_builder *b = policy_builder_new(3);
	struct records *r = records_new();
	struct policy_entry e = { .kind = POLICY_RELAY, .span = SPAN_SELF,
		.value = TEXT("xn--0.example") };
	struct complaints c = { 0 };

	(void)state;
	e.line = records_add(r, uuid, TEXT("cn=x"), TEXT(""));
	assert_int_equal(policy_directory(b, TEXT("tree"), r, &e.source), 0);
	records_free(r);
	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	idn_add_spellings(b, &c);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.errors, 0);
	assert_string_equal(c.at[0].file, "cn=x");
	assert_int_equal(c.at[0].line, 0);
	assert_int_equal(policy_entries(policy_builder_view(b)), 1);
	complaints_free(&c);
	policy_builder_free(b);
}

static void
test_ascii_of(void **state)
{
	char out[DOMAIN_MAX + 1], label[400];

	(void)state;
	assert_true(idn_ascii(TEXT(U_LABEL), out));
	assert_string_equal(out, A_LABEL);
	assert_true(idn_ascii(TEXT(A_LABEL), out));
	assert_string_equal(out, A_LABEL);
	assert_true(idn_ascii(TEXT("a.example"), out));
	assert_string_equal(out, "a.example");
	assert_false(idn_ascii(TEXT("b\xc3.example"), out));
	memset(label, 'a', sizeof label);
	assert_false(idn_ascii((struct text){ label, DOMAIN_MAX + 1 }, out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_either_spelling),
		cmocka_unit_test(test_ascii_is_left_alone),
		cmocka_unit_test(test_bad_name_is_named),
		cmocka_unit_test(test_bad_name_of_a_directory),
		cmocka_unit_test(test_ascii_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
