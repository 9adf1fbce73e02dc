/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The readings beside the vectors: every byte in a host, where operators
 * stand, how many there are, and what buffers hold before and behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/readings.h"
#include "tests/unit/parsed.h"

/* Which bytes can be of a host?  Only letters, digits, and what is 8-bit. */
static void
test_bytes_of_hosts(void **state)
{
	struct readings r;
	int c;

	(void)state;
	for (c = 0x20; c < 0x7f; c++) {
		if (is_one_of(c, "\"\\"))
			continue;
		parse(around("\"u%", c, "\"@h.test"), false);
		readings_find(&a, &r);
		assert_int_equal(r.n, is_one_of(c, LETTERS DIGITS));
		/* an operator or a blank is no user */
		parse(around("\"", c, "%d\"@h.test"), false);
		readings_find(&a, &r);
		assert_int_equal(r.n, is_one_of(c, " %@!:,;<>()") ? 0 :
		    c == '/' ? 2 : 1); /* a file too */
	}
	parse(TEXT("u%\xc2\xa0@h.test"), true);
	readings_find(&a, &r);
	assert_int_equal(r.n, 1);
	/* the first 8-bit byte and the last other, as no parsed address ends */
	a = (struct address){ .local = TEXT("u%\x80") };
	readings_find(&a, &r);
	assert_int_equal(r.n, 1);
	a = (struct address){ .local = TEXT("u%\x7f") };
	readings_find(&a, &r);
	assert_int_equal(r.n, 0);
}

/* One byte a host: both are found, in order. */
static void
test_routes(void **state)
{
	struct readings r;

	(void)state;
	parse(TEXT("@a,@b:u"), false);
	readings_find(&a, &r);
	assert_int_equal(r.n, 2);
	assert_true(text_equal(r.at[0].host, TEXT("a")));
	assert_true(text_equal(r.at[1].host, TEXT("b")));
	assert_int_equal(r.at[0].by, 1);
	assert_int_equal(r.at[1].by, 4);
}

/* An operator at the end of the longest: nothing behind its buffer is read. */
static void
test_length_of_readings(void **state)
{
	static const char ends[] = "%@!:,[]u";
	struct readings *r = malloc(sizeof *r);
	char line[ADDRESS_MAX];
	struct text host;
	size_t i;

	(void)state;
	assert_non_null(r);
	memset(line, 'u', sizeof line);
	a = (struct address){ .class = ADDRESS_BARE,
		.local = { line, sizeof line } };
	for (i = 0; i + 1 < sizeof ends; i++) {
		line[sizeof line - 1] = ends[i];
		line[5] = 'u';
		readings_find(&a, r);
		assert_int_equal(r->n, 0);
		line[5] = '@'; /* a host up to the end, with or without it */
		readings_find(&a, r);
		assert_in_range(r->n, 1, 2);
		host = r->at[r->n - 1].host;
		assert_true(host.at + host.n <= r->scratch + ADDRESS_MAX);
	}
	free(r);
}

/* Which operator makes a reading, counted in bytes without the quoting. */
static void
test_place_of_operators(void **state)
{
	struct readings r;

	(void)state;
	parse(TEXT("\"|/a%b\\\\!c\"@h.test"), false);
	readings_find(&a, &r);
	assert_int_equal(r.at[0].form, FORM_PROGRAM);
	assert_int_equal(r.at[0].by, 0);
	assert_int_equal(r.at[1].form, FORM_QUOTED_PERCENT);
	assert_int_equal(r.at[1].by, 3);
	assert_int_equal(r.at[r.n - 1].form, FORM_BANG);
	assert_int_equal(r.at[r.n - 1].by, 6);
	assert_true(readings_have(&r, FORM_PROGRAM));
	assert_true(readings_have(&r, FORM_QUOTED_PERCENT));
	assert_true(readings_have(&r, FORM_BANG));
	assert_false(readings_have(&r, FORM_DECNET));
}

static void
test_too_many(void **state)
{
	struct readings r;
	char line[2 * READINGS_MAX + 4];
	size_t i;

	(void)state;
	for (i = 0; i <= READINGS_MAX; i++)
		memcpy(line + 2 * i, "d!", 2);
	line[2 * i] = 'u';
	a = (struct address){ .class = ADDRESS_BARE,
		.local = { line + 2, 2 * READINGS_MAX + 1 } };
	readings_find(&a, &r);
	assert_int_equal(r.n, READINGS_MAX);
	assert_false(r.too_many);
	a.local = (struct text){ line, 2 * READINGS_MAX + 3 };
	readings_find(&a, &r);
	assert_int_equal(r.n, READINGS_MAX);
	assert_true(r.too_many);
	assert_true(readings_have(&r, FORM_BANG));
	assert_false(readings_have(&r, FORM_PERCENT));
	readings_find(&(struct address){ 0 }, &r);
	assert_int_equal(r.n, 0);
	assert_false(r.too_many);
	assert_false(readings_have(&r, FORM_BANG));
}

/* Wide operators cut short: bytes that no parsed address ends in. */
static void
test_wide_cut(void **state)
{
	static const char *const ends[] = { "u\xef", "u\xef\xbc", "u\xef\xb9" };
	struct readings r;
	char *exact;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		n = strlen(ends[i]);
		exact = malloc(n);
		assert_non_null(exact);
		memcpy(exact, ends[i], n);
		a = (struct address){ .local = { exact, n } };
		readings_find(&a, &r);
		assert_int_equal(r.n, 0);
		free(exact);
	}
}

static void
fill(void *at, size_t n, char even, char odd)
{
	char *byte = at;
	size_t i;

	for (i = 0; i < n; i++)
		byte[i] = i % 2 == 0 ? even : odd;
}

/* Nothing is read of what the buffers held before, on neither side. */
static void
test_used_buffers(void **state)
{
	static const char old[] = "][@%!:\"\\x1.";
	static const struct {
		const char *argument, *host;
	} cases[] = {
		{ "\"u@[a\"@h.test", "[a" }, { "u%a@h.test", "a" },
		{ "u%@h.test", NULL }, { "d!u@h.test", "d" },
		{ "!u@h.test", NULL }, { "\":!u\"@h.test", NULL },
		{ "\"d::u\"@h.test", "d" }, { "\"::u\"@h.test", NULL },
		{ "\"d:\"@h.test", NULL }, { "\"[x::y\"", "[x" },
		{ "%d.test@h.test", NULL }, { "d.test!@h.test", NULL },
	};
	const size_t kinds = sizeof old - 1;
	struct readings r;
	size_t i, j;

	(void)state;
	for (i = 0; i < kinds * kinds; i++) {
		for (j = 0; j < sizeof cases / sizeof cases[0]; j++) {
			fill(&r, sizeof r, old[i / kinds], old[i % kinds]);
			parse(text_of(cases[j].argument), false);
			readings_find(&a, &r);
			assert_false(r.too_many);
			assert_int_equal(r.n, cases[j].host != NULL);
			if (r.n > 0)
				assert_true(text_equal(r.at[0].host,
				    text_of(cases[j].host)));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_of_hosts),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_length_of_readings),
		cmocka_unit_test(test_place_of_operators),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_wide_cut),
		cmocka_unit_test(test_used_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
