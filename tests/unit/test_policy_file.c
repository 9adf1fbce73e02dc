/* SPDX-License-Identifier: BSD-2-Clause */
/* The native policy file: vectors, dates, the shipped example. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/policy_file.h"
#include "tests/unit/policy_dump.h"

static struct policy *
parse(struct text content, struct complaints *c)
{
	struct policy_builder *b = policy_builder_new(1);

	assert_non_null(b);
	policy_file_parse(content, "p", b, c);
	return policy_freeze(b);
}

static const char *
run(const struct vector *v)
{
	struct complaints c = { 0 };
	struct policy *p = parse(v->field[0], &c);
	const char *wrong = dump_compare(v, 1, &c, p);

	policy_free(p);
	complaints_free(&c);
	return wrong;
}

static void
vectors_hold(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("policy_file.txt", run), 0);
}

/* Against values made with date -u -d ... +%s. */
static void
dates_are_utc(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* 0: refused */
	} dates[] = {
		{ "1970-01-01", 86400 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01T00:00:01Z", 1 },
		{ "2000-02-29", 951868800 },
		{ "2026-10-18T12:34:56Z", 1792326896 },
		{ "2031-12-31", 1956528000 },
		{ "2038-01-19T03:14:08Z", 2147483648 },
		{ "2100-02-28", 4107542400 },
		{ "2100-02-29", 0 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
		{ "1969-12-31", 0 },
		{ "2031-13-01", 0 },
		{ "2031-00-01", 0 },
		{ "2031-04-31", 0 },
		{ "2031-12-31T24:00:00Z", 0 },
		{ "2031-12-31T12:00:00", 0 },
		{ "2031-12-31T12:00:00+", 0 },
		{ "2031-12-31 12:00:00Z", 0 },
		{ "31.12.2031", 0 },
		{ "2031-1-1", 0 },
		{ "", 0 },
	};
	size_t i;
	int64_t got;

	(void)state;
	for (i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		got = 0;
		if (!policy_file_date(text_of(dates[i].text), &got))
			got = 0;
		if (got != dates[i].want)
			fail_msg("%s: %lld", dates[i].text, (long long)got);
	}
}

static void
long_lines_are_refused(void **state)
{
	struct complaints c = { 0 };
	char line[4200];
	struct policy *p;

	(void)state;
	memset(line, ' ', sizeof line);
	memcpy(line, "local a.example", 15);
	p = parse((struct text){ line, 4096 }, &c);
	assert_int_equal(c.errors, 0);
	assert_int_equal(policy_entries(p), 1);
	policy_free(p);
	p = parse((struct text){ line, 4097 }, &c);
	assert_int_equal(c.errors, 1);
	assert_int_equal(c.at[0].line, 1);
	assert_string_equal(c.at[0].text,
	    "line of 4097 bytes, the longest may have 4096");
	assert_int_equal(policy_entries(p), 0);
	policy_free(p);
	complaints_free(&c);
}

/* What we ship must load, and its example lines too when switched on. */
static void
shipped_file_loads(void **state)
{
	static char content[16384];
	struct complaints c = { 0 };
	FILE *f = fopen("conf/relay.policy", "r");
	struct policy *p;
	size_t n, i;

	(void)state;
	assert_non_null(f);
	n = fread(content, 1, sizeof content, f);
	fclose(f);
	p = parse((struct text){ content, n }, &c);
	assert_int_equal(c.n, 0);
	assert_int_equal(policy_entries(p), 0);
	policy_free(p);
	for (i = 0; i + 1 < n; i++)
		if (content[i] == '#' && content[i + 1] != ' ' &&
		    content[i + 1] != '\n')
			content[i] = ' ';
	p = parse((struct text){ content, n }, &c);
	for (i = 0; i < c.n; i++)
		printf("conf/relay.policy:%u: %s\n", c.at[i].line,
		    c.at[i].text);
	assert_int_equal(c.n, 0);
	for (i = 0; i < POLICY_KINDS; i++)
		assert_true(policy_count(p, (enum policy_kind)i) > 0);
	policy_free(p);
	complaints_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(dates_are_utc),
		cmocka_unit_test(long_lines_are_refused),
		cmocka_unit_test(shipped_file_loads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
