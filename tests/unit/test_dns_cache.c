/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache for answers: time, bounds, threads; and names of servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pthread.h>

#include "conf/dns_server.h"
#include "milter/ask/dns_answer.h"
#include "milter/ask/dns_cache.h"

#define BYTES (256u * 1024)

static struct dns_question
question(unsigned i, enum dns_type type)
{
	struct dns_question q;
	char name[32];

	snprintf(name, sizeof name, "name%u.test", i);
	assert_true(dns_question_set(&q, text_of(name), type));
	return q;
}

static void
put(struct dns_cache *c, const struct dns_question *q, unsigned ttl,
    size_t text_bytes, int64_t now)
{
	struct dns_answer *a = dns_answer_new(DNS_FOUND, ttl);
	char *text = calloc(1, text_bytes + 1);
	struct dns_record r = { .type = q->type, .txt = { text, text_bytes } };

	assert_true(dns_answer_add(a, &r));
	dns_cache_put(c, q, a, now);
	dns_answer_free(a);
	free(text);
}

/* The TTL that is left, or 0. */
static unsigned
left(struct dns_cache *c, const struct dns_question *q, int64_t now)
{
	struct dns_answer *a = dns_cache_get(c, q, now);
	unsigned ttl = a != NULL ? dns_answer_ttl(a) : 0;

	if (a != NULL) {
		assert_true(dns_answer_cached(a));
		assert_int_equal(dns_answer_count(a), 1);
	}
	dns_answer_free(a);
	return ttl;
}

static struct dns_cache_stats
stats(struct dns_cache *c)
{
	struct dns_cache_stats s;

	dns_cache_stats(c, &s);
	return s;
}

static void
test_time(void **state)
{
	struct dns_cache *c = dns_cache_new(BYTES, 1);
	struct dns_question q = question(1, DNS_TXT);

	(void)state;
	assert_int_equal(left(c, &q, 0), 0);
	put(c, &q, 10, 5, 1000);
	assert_int_equal(left(c, &q, 1000), 10);
	assert_int_equal(left(c, &q, 1001), 10);
	assert_int_equal(left(c, &q, 2000), 9);
	assert_int_equal(left(c, &q, 10999), 1);
	assert_int_equal(left(c, &q, 11000), 0);
	/* what is over is gone */
	assert_int_equal(stats(c).entries, 0);
	assert_int_equal(stats(c).bytes, 0);
	put(c, &q, 0, 5, 1000);
	assert_int_equal(stats(c).entries, 0);
	dns_cache_free(c);
}

static void
test_questions_differ(void **state)
{
	struct dns_cache *c = dns_cache_new(BYTES, 1);
	struct dns_question a = question(1, DNS_TXT), b = question(1, DNS_MX),
	    other = question(2, DNS_TXT), same;

	(void)state;
	put(c, &a, 10, 5, 0);
	assert_int_equal(left(c, &b, 0), 0);
	assert_int_equal(left(c, &other, 0), 0);
	assert_true(dns_question_set(&same, TEXT("NAME1.Test."), DNS_TXT));
	assert_int_equal(left(c, &same, 0), 10);
	put(c, &same, 20, 5, 0);
	assert_int_equal(left(c, &a, 0), 20);
	assert_int_equal(stats(c).entries, 1);
	dns_cache_clear(c);
	assert_int_equal(left(c, &a, 0), 0);
	assert_int_equal(stats(c).bytes, 0);
	dns_cache_free(c);
}

/* An answer outlives its place in the cache. */
static void
test_held(void **state)
{
	struct dns_cache *c = dns_cache_new(BYTES, 1);
	struct dns_question q = question(1, DNS_TXT);
	struct dns_answer *a;

	(void)state;
	put(c, &q, 10, 5, 0);
	a = dns_cache_get(c, &q, 0);
	dns_cache_free(c);
	assert_int_equal(dns_answer_status(a), DNS_FOUND);
	assert_int_equal(dns_answer_at(a, 0)->txt.n, 5);
	dns_answer_free(a);
}

static void
test_bounded(void **state)
{
	struct dns_cache *c = dns_cache_new(BYTES, 7);
	struct dns_question q, kept = question(0, DNS_TXT);
	unsigned i, found = 0;

	(void)state;
	put(c, &kept, 1000, 5, 0);
	for (i = 1; i <= 20000; i++) {
		q = question(i, DNS_TXT);
		put(c, &q, 1000, i % 100, 0);
		assert_true(stats(c).bytes <= BYTES);
		/* what is asked for again stays */
		assert_int_equal(left(c, &kept, 0), 1000);
	}
	for (i = 1; i <= 20000; i++) {
		q = question(i, DNS_TXT);
		found += left(c, &q, 0) > 0;
	}
	assert_int_equal(found, stats(c).entries - 1);
	assert_int_equal(stats(c).evicted, 20000 - found);
	/* the newest is there, the oldest is not */
	q = question(20000, DNS_TXT);
	assert_int_equal(left(c, &q, 0), 1000);
	q = question(1, DNS_TXT);
	assert_int_equal(left(c, &q, 0), 0);
	dns_cache_free(c);
}

static void
test_too_large(void **state)
{
	struct dns_cache *c = dns_cache_new(BYTES, 7);
	struct dns_question q = question(1, DNS_TXT);

	(void)state;
	put(c, &q, 10, 5, 0);
	put(c, &q, 10, BYTES / 16, 0);
	assert_int_equal(left(c, &q, 0), 0);
	assert_int_equal(stats(c).bytes, 0);
	dns_cache_free(c);
}

static void *
use(void *argument)
{
	struct dns_cache *c = argument;
	struct dns_question q;
	unsigned i;

	for (i = 0; i < 20000; i++) {
		q = question(i * 7919 % 2000, DNS_TXT);
		if (left(c, &q, i) == 0)
			put(c, &q, 1 + i % 3, i % 50, i);
	}
	return NULL;
}

static void
test_threads(void **state)
{
	struct dns_cache *c = dns_cache_new(BYTES, 7);
	pthread_t thread[4];
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, use, c);
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_true(stats(c).bytes <= BYTES && stats(c).entries > 0);
	dns_cache_free(c);
}

static void
check_server(const char *s, const char *address, unsigned port)
{
	size_t n = strlen(s);
	/* without a terminator, as a slice may be */
	char *exact = memcpy(malloc(n > 0 ? n : 1), s, n);
	struct text t = { exact, n };
	char printed[IP_TEXT_MAX];
	struct dns_server server;

	assert_int_equal(dns_server_parse(t, &server), address != NULL);
	if (address != NULL) {
		assert_string_equal(ip_print(&server.address, printed),
		    address);
		assert_int_equal(server.port, port);
	}
	free(exact);
}

static void
test_servers(void **state)
{
	(void)state;
	check_server("192.0.2.1", "192.0.2.1", 53);
	check_server("192.0.2.1:5353", "192.0.2.1", 5353);
	check_server("192.0.2.1:65535", "192.0.2.1", 65535);
	check_server("::1", "::1", 53);
	check_server("[::1]", "::1", 53);
	check_server("[2001:db8::1]:1", "2001:db8::1", 1);
	check_server("", NULL, 0);
	check_server("localhost", NULL, 0);
	check_server("192.0.2.1:", NULL, 0);
	check_server("192.0.2.1:0", NULL, 0);
	check_server("192.0.2.1:65536", NULL, 0);
	check_server("192.0.2.1:99999", NULL, 0);
	check_server("192.0.2.1:053", NULL, 0);
	check_server("192.0.2.1: 53", NULL, 0);
	check_server("192.0.2.1:53a", NULL, 0);
	check_server("192.0.2.1/32", NULL, 0);
	check_server("[192.0.2.1]:53", NULL, 0);
	check_server("[::1", NULL, 0);
	check_server("::1]:53", NULL, 0);
	check_server("[::1]53", NULL, 0);
	check_server("[::1]:", NULL, 0);
	check_server("[::1]:53:53", NULL, 0);
	check_server("[]:53", NULL, 0);
	check_server(":53", NULL, 0);
	check_server("IPv6:::1", NULL, 0);
	check_server("[IPv6:::1]:53", NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_questions_differ),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
