/* SPDX-License-Identifier: BSD-2-Clause */
/* What is told about an SPF check, word for word, as text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/judge/explain.h"
#include "tests/unit/explain_accounts.h"
#include "tests/unit/spf_zone.h"

static struct spf_zone zone;

static void
fill_zone(void)
{
	size_t i;

	for (i = 0; i < sizeof records / sizeof records[0]; i++)
		spf_zone_add(&zone, text_of(records[i][0]),
		    text_of(records[i][1]), text_of(records[i][2]));
}

static void
check(struct explain *x, const char *sender)
{
	struct spf_dns dns = { &zone, spf_zone_ask };
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.sender = text_of(sender), .helo = TEXT("h.example.org"),
		.deadline_ms = INT64_MAX };
	struct spf_outcome out;

	ip_parse(TEXT("192.0.2.1"), &q.client);
	spf_check(&dns, &q, &x->trace, &out);
}

/* Cut out how long it took: ", 0 ms". */
static void
cut_times(char *s)
{
	char *at, *end;

	while ((at = strstr(s, " ms]")) != NULL) {
		end = at + strlen(" ms");
		while (*at != ',')
			at--;
		memmove(at, end, strlen(end) + 1);
	}
}

static char *
lines(const char *sender)
{
	struct explain x;
	char *at;
	size_t n;
	FILE *out = open_memstream(&at, &n);

	assert_true(explain_open(&x, false));
	check(&x, sender);
	explain_print(&x, out);
	explain_print(&x, out); /* nothing is told twice */
	fclose(out);
	explain_close(&x);
	cut_times(at);
	return at;
}

static void
test_accounts(void **state)
{
	char *found;
	size_t i;

	(void)state;
	fill_zone();
	for (i = 0; i < sizeof accounts / sizeof accounts[0]; i++) {
		found = lines(accounts[i].sender);
		assert_string_equal(found, accounts[i].lines);
		free(found);
	}
	spf_zone_clear(&zone);
}

/* Terms that match in an include, and yet it does not. */
static void
test_includes_that_are_left(void **state)
{
	static const char *const told[] = {
		"\n          ?ptr: match: neutral\n"
		"        include:ptr.example.com: no match (neutral there)\n"
		"      include:redirect.example.com  [term 3/10]\n",
		"\n          -all: match: fail\n"
		"        include:redirect.example.com: no match (fail there)\n"
		"      ~all: match: softfail\n" };
	char *found;
	size_t i;

	(void)state;
	fill_zone();
	found = lines("a@left.example.com");
	for (i = 0; i < sizeof told / sizeof told[0]; i++)
		assert_non_null(strstr(found, told[i]));
	free(found);
	spf_zone_clear(&zone);
}

/* Eleven terms: the last of them is one too many, at the deepest place. */
static void
test_term_limit(void **state)
{
	char *found;

	(void)state;
	fill_zone();
	found = lines("a@loop.example.com");
	assert_non_null(strstr(found, "\n                        "
	    "include:loop.example.com  [term 10/10]\n"));
	assert_non_null(strstr(found, "\n                          "
	    "include:loop.example.com  [term 11/10]\n"
	    "      result: permerror: more than 10 terms that ask the DNS: "
	    "include:loop.example.com  [terms 10/10, voids 0/2, 11 queries]\n"));
	free(found);
	spf_zone_clear(&zone);
}

static const char *
string(const json_t *steps, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(steps, i),
	    key));
}

static void
test_json(void **state)
{
	static const char *const names[] = { "spf", "query", "record", "term",
		"expanded", "query", "void", "match", "match", "result" };
	struct explain x;
	json_t *steps;
	size_t i;

	(void)state;
	fill_zone();
	assert_true(explain_open(&x, true));
	check(&x, "a@exists.example.com");
	steps = explain_take(&x);
	assert_int_equal(json_array_size(steps),
	    sizeof names / sizeof names[0]);
	for (i = 0; i < json_array_size(steps); i++)
		assert_string_equal(string(steps, i, "step"), names[i]);
	assert_string_equal(string(steps, 4, "name"),
	    "1.2.0.192.in-addr.x.example.com");
	assert_string_equal(string(steps, 5, "status"), "no such name");
	assert_null(string(steps, 5, "server"));
	assert_true(json_is_false(json_object_get(json_array_get(steps, 7),
	    "matched")));
	assert_string_equal(string(steps, 8, "result"), "pass");
	assert_string_equal(string(steps, 9, "mechanism"), "all");
	json_decref(steps);
	steps = explain_take(&x);
	assert_int_equal(json_array_size(steps), 0);
	json_decref(steps);
	explain_close(&x);
	spf_zone_clear(&zone);
}

/* An answer of 60 addresses, a TXT of 60,000 bytes: told in part, and so said. */
static void
test_much(void **state)
{
	static char text[60000];
	char address[16], *found;
	unsigned i;

	(void)state;
	for (i = 0; i < 60; i++) {
		snprintf(address, sizeof address, "203.0.113.%u", i);
		spf_zone_add(&zone, TEXT("m.example.com"), TEXT("A"),
		    text_of(address));
	}
	memset(text, '\n', sizeof text);
	spf_zone_add(&zone, TEXT("m.example.com"), TEXT("TXT"),
	    TEXT("v=spf1 a -all"));
	spf_zone_add(&zone, TEXT("m.example.com"), TEXT("TXT"),
	    (struct text){ text, sizeof text });
	found = lines("a@m.example.com");
	assert_non_null(strstr(found, ", 203.0.113.49 and 10 more  ["));
	assert_null(strstr(found, "203.0.113.50"));
	assert_non_null(strstr(found, "\\x0a\\x0a...\"  [TTL 300]\n"));
	assert_in_range(strlen(found), 4000, 6000);
	free(found);
	spf_zone_clear(&zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_includes_that_are_left),
		cmocka_unit_test(test_term_limit),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
