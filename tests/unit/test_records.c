/* SPDX-License-Identifier: BSD-2-Clause */
/* How records fill their chunks of 512 KiB, and what is too large for any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/records.h"

static const unsigned char uuid[RECORD_UUID] = { 7 };

/* How many records with lines of n bytes are added before memory grows. */
static unsigned
fit(struct records *r, size_t n)
{
	static char line[2000];
	size_t before;
	unsigned i;

	assert_int_not_equal(records_add(r, uuid, TEXT(""),
	    (struct text){ line, n }), 0);
	before = records_bytes(r);
	for (i = 1; records_bytes(r) == before; i++)
		assert_int_not_equal(records_add(r, uuid, TEXT(""),
		    (struct text){ line, n }), 0);
	return i - 1;
}

/* 24 bytes a record before its text, and 8 that the first chunk leaves free. */
static void
test_chunks(void **state)
{
	struct records *r = records_new();

	(void)state;
	assert_int_equal(fit(r, 1000), 511);
	/* that went one too far: it is the first of the second chunk */
	assert_int_equal(fit(r, 1000), 511);
	records_free(r);
	r = records_new();
	assert_int_equal(fit(r, 993), 511); /* rounded up to eights */
	records_free(r);
	r = records_new();
	assert_int_equal(fit(r, 992), 516);
	records_free(r);
}

static void
test_too_large(void **state)
{
	const struct text huge = { "x", (size_t)UINT32_MAX / 4 + 1 };
	struct records *r = records_new();
	size_t before = records_bytes(r);

	(void)state;
	assert_int_equal(records_add(r, uuid, huge, TEXT("")), 0);
	assert_int_equal(records_add(r, uuid, TEXT(""), huge), 0);
	assert_int_equal(records_bytes(r), before);
	records_free(r);
}

/* No text at all, and texts of one byte. */
static void
test_small(void **state)
{
	const struct text none = { NULL, 0 };
	struct records *r = records_new();
	uint32_t empty = records_add(r, uuid, none, none);
	uint32_t small = records_add(r, uuid, TEXT("d"), TEXT("l"));

	(void)state;
	assert_true(empty != 0 && small != 0 && small != empty);
	assert_int_equal(records_dn(r, empty).n, 0);
	assert_int_equal(records_lines(r, empty).n, 0);
	assert_true(text_equal(records_dn(r, small), TEXT("d")));
	assert_true(text_equal(records_lines(r, small), TEXT("l")));
	assert_memory_equal(records_uuid(r, small), uuid, RECORD_UUID);
	records_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
