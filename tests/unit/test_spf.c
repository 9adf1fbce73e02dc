/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SPF check: our own suite, the limits, the deadline, and the steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "milter/ask/dns_answer.h"
#include "milter/clock.h"
#include "tests/unit/spf_checked.h"

static struct spf_zone zone;

static const char *
run_vector(const struct vector *v)
{
	static char wrong[2048];
	struct spf_outcome out;
	struct spf_question q;

	if (!spf_zone_line(&zone, v))
		return NULL;
	q = spf_zone_question(v);
	spf_checked(&zone, &q, &out);
	if (spf_zone_allows(v, out.result) &&
	    spf_zone_explains(v, out.explanation) && (v->n < 8 ||
	    text_equal(v->field[7], text_of(out.mechanism))))
		return NULL;
	snprintf(wrong, sizeof wrong, "%s by \"%s\", \"%s\", problem: %s",
	    spf_result_name(out.result), out.mechanism, out.explanation,
	    out.problem);
	return wrong;
}

static void
test_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("spf.txt", run_vector), 0);
	spf_zone_clear(&zone);
}

static void
test_digits(void **state)
{
	(void)state;
	spf_zone_text(&zone, "a.example.com", TEXT("v=spf1 a:%{d99999999999999999999} "
	    "exists:%{D1R+,/_=.-}.example.com -all"));
	spf_zone_add(&zone, TEXT("a.example.com"), TEXT("A"),
	    TEXT("192.0.2.1"));
	assert_int_equal(spf_ask_about(&zone, "a.example.com").result, SPF_PASS);
	spf_zone_clear(&zone);
}

static void
test_hosts(void **state)
{
	char host[64];
	unsigned i;

	(void)state;
	spf_zone_text(&zone, "a.example.com", TEXT("v=spf1 mx -all"));
	for (i = 0; i < 11; i++) {
		if (i == 10)
			assert_int_equal(spf_ask_about(&zone, "a.example.com").result,
			    SPF_PASS);
		snprintf(host, sizeof host, "10 h%u.example.com", i);
		spf_zone_add(&zone, TEXT("a.example.com"), TEXT("MX"),
		    text_of(host));
		spf_zone_add(&zone, text_of(host + 3), TEXT("A"), i == 9 ?
		    TEXT("192.0.2.1") : TEXT("192.0.2.2"));
	}
	assert_int_equal(spf_ask_about(&zone, "a.example.com").result, SPF_PERMERROR);
	spf_zone_clear(&zone);
}

/* The end of a chain of aliases that has none. */
static void
test_aliases(void **state)
{
	(void)state;
	spf_zone_text(&zone, "a.example.com", TEXT("v=spf1 a:l1.example.com "
	    "include:l1.example.com -all"));
	spf_zone_add(&zone, TEXT("l1.example.com"), TEXT("CNAME"),
	    TEXT("l2.example.com"));
	spf_zone_add(&zone, TEXT("l2.example.com"), TEXT("CNAME"),
	    TEXT("l1.example.com"));
	assert_int_equal(spf_ask_about(&zone, "a.example.com").result, SPF_PERMERROR);
	spf_zone_clear(&zone);
}

/* ------------------------------------------------------------- deadline */

/* Answers nothing; a question later than the deadline is a fault. */
static struct dns_answer *
never(void *with, struct text name, enum dns_type type, int64_t deadline_ms)
{
	unsigned *asked = with;
	struct timespec until = { deadline_ms / 1000,
		deadline_ms % 1000 * 1000000 };

	(void)name;
	(void)type;
	(*asked)++;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	return dns_answer_new(DNS_UNKNOWN, 0);
}

static void
test_deadline(void **state)
{
	unsigned asked = 0;
	struct spf_dns dns = { &asked, never };
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = TEXT("h.example.org"), .sender = TEXT("a@example.com") };
	struct spf_outcome out;
	int64_t begin = clock_ms();

	(void)state;
	ip_parse(TEXT("192.0.2.1"), &q.client);
	q.deadline_ms = begin + 100;
	spf_check(&dns, &q, NULL, &out);
	assert_int_equal(out.result, SPF_TEMPERROR);
	assert_int_equal(asked, 1);
	assert_in_range((unsigned long)(clock_ms() - begin), 99, 2000);
	/* the time is over before the first question */
	spf_check(&dns, &q, NULL, &out);
	assert_int_equal(out.result, SPF_TEMPERROR);
	assert_int_equal(asked, 1);
	assert_int_equal(out.queries, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
