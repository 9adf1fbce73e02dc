/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPF checks by several threads at a time, for ThreadSanitizer above all.
 * SPF_CHECKS: how many each of them makes.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/clock.h"
#include "tests/unit/spf_checked.h"

static struct spf_zone zone;

#define THREADS 4

static const char *const senders[] = { "a@a.example.com", "b@b.example.com",
	"c@c.example.com", "d@none.example.com" };
static const enum spf_result wanted[] = { SPF_PASS, SPF_FAIL, SPF_SOFTFAIL,
	SPF_NONE };

/* Returns how many checks came out wrong. */
static void *
check_many(void *checks)
{
	struct spf_dns dns = { &zone, spf_zone_ask };
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = TEXT("h.example.org"), .host = TEXT("mx.example.net"),
		.deadline_ms = INT64_MAX };
	struct spf_outcome out;
	uintptr_t i, wrong = 0;

	ip_parse(TEXT("192.0.2.1"), &q.client);
	for (i = 0; i < (uintptr_t)checks; i++) {
		q.sender = text_of(senders[i % 4]);
		spf_check(&dns, &q, NULL, &out);
		wrong += out.result != wanted[i % 4];
	}
	return (void *)wrong;
}

static void
test_threads(void **state)
{
	const char *checks = getenv("SPF_CHECKS");
	unsigned n = checks != NULL ? (unsigned)atoi(checks) : 500;
	int64_t start = clock_ms();
	pthread_t thread[THREADS];
	void *wrong;
	size_t i;

	(void)state;
	spf_zone_text(&zone, "a.example.com",
	    TEXT("v=spf1 include:b.example.com mx a:%{p} a ~all"));
	spf_zone_text(&zone, "b.example.com",
	    TEXT("v=spf1 ip4:198.51.100.0/24 -all exp=e.example.com"));
	spf_zone_text(&zone, "c.example.com", TEXT("v=spf1 redirect=t.example.com"));
	spf_zone_text(&zone, "t.example.com", TEXT("v=spf1 ~all"));
	spf_zone_text(&zone, "e.example.com", TEXT("%{i} %{s}"));
	spf_zone_add(&zone, TEXT("a.example.com"), TEXT("A"),
	    TEXT("192.0.2.1"));
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, check_many,
		    (void *)(uintptr_t)n), 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], &wrong), 0);
		assert_null(wrong);
	}
	printf("%d threads, %u checks each, in %.1f s\n", THREADS, n,
	    (double)(clock_ms() - start) / 1000);
	spf_zone_clear(&zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
