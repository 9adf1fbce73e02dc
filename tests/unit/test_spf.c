/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SPF check: our own suite, the limits, and the records that make libspf2
 * crash or ask for ever.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "milter/ask/dns_answer.h"
#include "tests/unit/spf_stock.h"

static struct spf_zone zone;

static bool
is_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

static void
check(const struct spf_question *q, struct spf_outcome *out)
{
	struct spf_dns dns = { &zone, spf_zone_ask };

	spf_check(&dns, q, NULL, out);
	assert_true(is_printable(out->mechanism));
	assert_true(is_printable(out->domain));
	assert_true(is_printable(out->explanation));
	assert_true(is_printable(out->problem));
	assert_true(out->terms <= SPF_TERMS_MAX);
	assert_true(out->voids <= SPF_VOIDS_MAX);
}

static const char *
run_vector(const struct vector *v)
{
	static char wrong[2048];
	struct spf_outcome out;
	struct spf_question q;

	if (!spf_zone_line(&zone, v))
		return NULL;
	q = spf_zone_question(v);
	check(&q, &out);
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

/* ------------------------------------------------------------- hostile */

static struct spf_outcome
ask_about(const char *domain)
{
	struct spf_question q = { .identity = SPF_HELO,
		.helo = text_of(domain), .host = TEXT("receiver.example") };
	struct spf_outcome out;
	struct timespec now;

	ip_parse(TEXT("192.0.2.1"), &q.client);
	clock_gettime(CLOCK_MONOTONIC, &now);
	q.deadline_ms = ((int64_t)now.tv_sec + 20) * 1000;
	zone.asked = 0;
	check(&q, &out);
	return out;
}

static void
add_txt(const char *name, struct text txt)
{
	spf_zone_add(&zone, text_of(name), TEXT("TXT"), txt);
}

/* n times word, with first before it. */
static struct text
repeated(char *room, const char *first, const char *word, size_t n)
{
	size_t at = strlen(first), width = strlen(word), i;

	memcpy(room, first, at);
	for (i = 0; i < n; i++, at += width)
		memcpy(room + at, word, width);
	return (struct text){ room, at };
}

/* Ten includes in each of five storeys: 111,111 questions to the old one. */
static void
add_tower(void)
{
	char name[32], text[1024], word[48];
	unsigned floor;

	for (floor = 0; floor < 5; floor++) {
		snprintf(name, sizeof name, "t%u.example.com", floor);
		snprintf(word, sizeof word, " include:t%u.example.com",
		    floor + 1);
		add_txt(name, repeated(text, "v=spf1", word, 10));
	}
	add_txt("t5.example.com", TEXT("v=spf1 ?all"));
}

static void
test_tower(void **state)
{
	struct spf_outcome out;
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = TEXT("h.example.org"), .sender = TEXT("a@t0.example.com"),
		.host = TEXT("receiver.example") };
	char words[512];
	unsigned stock;

	(void)state;
	add_tower();
	out = ask_about("t0.example.com");
	assert_int_equal(out.result, SPF_PERMERROR);
	assert_in_range(out.queries, 1, 11);
	assert_int_equal(zone.asked, out.queries);
	zone.asked = 0;
	spf_stock_check(&zone, &q, TEXT("192.0.2.1"), words, sizeof words);
	stock = zone.asked;
	printf("nested includes: guard %u questions, libspf2 alone %u\n",
	    out.queries, stock);
	assert_int_equal(stock, 111111);
	spf_zone_clear(&zone);
}

/* Does libspf2 alone live through a check of a.example.com? */
static bool
stock_survives(void)
{
	struct spf_question q = { .sender = TEXT("a@a.example.com"),
		.helo = TEXT("h.example.org"), .host = TEXT("mx.example.net") };
	char words[1024];
	int status;
	pid_t child = fork();

	if (child == 0) {
		/* what it says when it dies is not ours */
		close(STDERR_FILENO);
		spf_stock_check(&zone, &q, TEXT("192.0.2.1"), words,
		    sizeof words);
		_exit(0);
	}
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* 127 macros and 100 bytes: CVE-2023-42118, never given to libspf2. */
static void
test_long_explanation(void **state)
{
	char text[1024];
	struct spf_outcome out;
	size_t n;

	(void)state;
	n = repeated(text, "", "%{d}", 127).n;
	memset(text + n, 'x', 100);
	add_txt("a.example.com", TEXT("v=spf1 -all exp=e.example.com"));
	add_txt("e.example.com", (struct text){ text, n + 100 });
	printf("608 bytes to explain a fail: libspf2 alone %s\n",
	    stock_survives() ? "survives" : "dies");
	out = ask_about("a.example.com");
	assert_int_equal(out.result, SPF_FAIL);
	assert_int_equal(strlen(out.explanation), SPF_EXPLANATION_MAX - 1);
	assert_memory_equal(out.explanation, "a.example.coma.example.com", 26);
	spf_zone_clear(&zone);
}

static void
test_long_terms(void **state)
{
	/* a name with a label of 4,011 bytes: no such host, no such record */
	static const struct {
		const char *before;
		enum spf_result result;
	} terms[] = {
		{ "exists:", SPF_NEUTRAL }, { "a:", SPF_NEUTRAL },
		{ "mx:", SPF_NEUTRAL }, { "ptr:", SPF_NEUTRAL },
		{ "redirect=", SPF_NEUTRAL }, /* all comes before it */
		{ "exp=", SPF_NEUTRAL }, { "x=", SPF_NEUTRAL },
		{ "include:", SPF_PERMERROR }, { "ip4:", SPF_PERMERROR },
		{ "foo", SPF_PERMERROR },
	};
	static char text[8192];
	struct spf_outcome out;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof terms / sizeof terms[0]; i++) {
		n = (size_t)snprintf(text, 64, "v=spf1 %s%%{d}",
		    terms[i].before);
		memset(text + n, 'x', 4000);
		memcpy(text + n + 4000, ".com ?all", 9);
		add_txt("a.example.com", (struct text){ text, n + 4009 });
		out = ask_about("a.example.com");
		assert_int_equal(out.result, terms[i].result);
		spf_zone_clear(&zone);
	}
}

static void
test_many_strings(void **state)
{
	static char text[512 * 128];
	struct spf_outcome out;
	char other[32];
	unsigned i;

	(void)state;
	/* 512 strings of a TXT record come to us joined */
	add_txt("a.example.com", repeated(text, "v=spf1 ip4:192.0.2.1",
	    " ip4:198.51.100.77 ip6:2001:db8:ffff::77/128 -exists:no.example",
	    512));
	assert_int_equal(ask_about("a.example.com").result, SPF_PASS);
	spf_zone_clear(&zone);
	add_txt("b.example.com", repeated(text, "v=spf1",
	    " ip4:198.51.100.77 ip6:2001:db8:ffff::77/128 ip4:203.0.113.9",
	    512));
	assert_int_equal(ask_about("b.example.com").result, SPF_NEUTRAL);
	for (i = 0; i < 512; i++) {
		snprintf(other, sizeof other, "word %u", i);
		add_txt("c.example.com", text_of(other));
	}
	add_txt("c.example.com", TEXT("v=spf1 -all"));
	out = ask_about("c.example.com");
	assert_int_equal(out.result, SPF_FAIL);
	assert_string_equal(out.mechanism, "-all");
	spf_zone_clear(&zone);
}

/* 64 KB of two-byte terms, and of macros in each. */
static void
test_whole_message(void **state)
{
	static char text[65536];

	(void)state;
	spf_zone_add(&zone, TEXT("a.example.com"), TEXT("A"),
	    TEXT("203.0.113.1"));
	add_txt("a.example.com", repeated(text, "v=spf1", " a", 32000));
	assert_int_equal(ask_about("a.example.com").result, SPF_PERMERROR);
	spf_zone_clear(&zone);
	add_txt("b.example.com", repeated(text, "v=spf1 exists:", "%{s}",
	    1000));
	assert_int_equal(ask_about("b.example.com").result, SPF_NEUTRAL);
	spf_zone_clear(&zone);
}

static void
test_digits(void **state)
{
	(void)state;
	add_txt("a.example.com", TEXT("v=spf1 a:%{d99999999999999999999} "
	    "exists:%{D1R+,/_=.-}.example.com -all"));
	spf_zone_add(&zone, TEXT("a.example.com"), TEXT("A"),
	    TEXT("192.0.2.1"));
	assert_int_equal(ask_about("a.example.com").result, SPF_PASS);
	spf_zone_clear(&zone);
}

static void
test_hosts(void **state)
{
	char host[64];
	unsigned i;

	(void)state;
	add_txt("a.example.com", TEXT("v=spf1 mx -all"));
	for (i = 0; i < 11; i++) {
		if (i == 10)
			assert_int_equal(ask_about("a.example.com").result,
			    SPF_PASS);
		snprintf(host, sizeof host, "10 h%u.example.com", i);
		spf_zone_add(&zone, TEXT("a.example.com"), TEXT("MX"),
		    text_of(host));
		spf_zone_add(&zone, text_of(host + 3), TEXT("A"), i == 9 ?
		    TEXT("192.0.2.1") : TEXT("192.0.2.2"));
	}
	assert_int_equal(ask_about("a.example.com").result, SPF_PERMERROR);
	spf_zone_clear(&zone);
}

/* The end of a chain of aliases that has none. */
static void
test_aliases(void **state)
{
	(void)state;
	add_txt("a.example.com", TEXT("v=spf1 a:l1.example.com "
	    "include:l1.example.com -all"));
	spf_zone_add(&zone, TEXT("l1.example.com"), TEXT("CNAME"),
	    TEXT("l2.example.com"));
	spf_zone_add(&zone, TEXT("l2.example.com"), TEXT("CNAME"),
	    TEXT("l1.example.com"));
	assert_int_equal(ask_about("a.example.com").result, SPF_PERMERROR);
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

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
test_deadline(void **state)
{
	unsigned asked = 0;
	struct spf_dns dns = { &asked, never };
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = TEXT("h.example.org"), .sender = TEXT("a@example.com") };
	struct spf_outcome out;
	int64_t begin = now_ms();

	(void)state;
	ip_parse(TEXT("192.0.2.1"), &q.client);
	q.deadline_ms = begin + 100;
	spf_check(&dns, &q, NULL, &out);
	assert_int_equal(out.result, SPF_TEMPERROR);
	assert_int_equal(asked, 1);
	assert_in_range((unsigned long)(now_ms() - begin), 99, 2000);
	/* the time is over before the first question */
	spf_check(&dns, &q, NULL, &out);
	assert_int_equal(out.result, SPF_TEMPERROR);
	assert_int_equal(asked, 1);
	assert_int_equal(out.queries, 0);
}

static void
count_step(void *with, const struct spf_step *step)
{
	unsigned *seen = with;

	assert_true(is_printable(step->subject));
	assert_true(is_printable(step->outcome));
	seen[0]++;
	seen[1] += strcmp(step->what, "term") == 0;
	seen[2] += strcmp(step->what, "ask") == 0;
	if (step->depth > seen[3])
		seen[3] = step->depth;
}

static void
test_steps(void **state)
{
	unsigned seen[4] = { 0, 0, 0, 0 };
	struct spf_dns dns = { &zone, spf_zone_ask };
	struct spf_trace trace = { seen, count_step };
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.sender = TEXT("a@a.example.com"),
		.deadline_ms = now_ms() + 20000 };
	struct spf_outcome out;

	(void)state;
	ip_parse(TEXT("192.0.2.1"), &q.client);
	add_txt("a.example.com", TEXT("v=spf1 include:b.example.com -all"));
	add_txt("b.example.com", TEXT("v=spf1 a ip4:192.0.2.1"));
	spf_check(&dns, &q, &trace, &out);
	assert_int_equal(out.result, SPF_PASS);
	/* 2 records, 3 terms, 3 questions, the result */
	assert_int_equal(seen[0], 9);
	assert_int_equal(seen[1], 3);
	assert_int_equal(seen[2], 3);
	assert_int_equal(seen[3], 1);
	assert_int_equal(out.terms, 2);
	assert_int_equal(out.voids, 1);
	assert_int_equal(out.queries, 3);
	spf_zone_clear(&zone);
}

/* -------------------------------------------------------------- threads */

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

/* SPF_CHECKS=100000: as many by each thread, for ThreadSanitizer. */
static void
test_threads(void **state)
{
	const char *checks = getenv("SPF_CHECKS");
	void *n = (void *)(uintptr_t)(checks != NULL ? atoi(checks) : 500);
	pthread_t thread[THREADS];
	void *wrong;
	size_t i;

	(void)state;
	add_txt("a.example.com", TEXT("v=spf1 include:b.example.com mx a:%{p} "
	    "a ~all"));
	add_txt("b.example.com", TEXT("v=spf1 ip4:198.51.100.0/24 -all "
	    "exp=e.example.com"));
	add_txt("c.example.com", TEXT("v=spf1 redirect=t.example.com"));
	add_txt("t.example.com", TEXT("v=spf1 ~all"));
	add_txt("e.example.com", TEXT("%{i} %{s}"));
	spf_zone_add(&zone, TEXT("a.example.com"), TEXT("A"),
	    TEXT("192.0.2.1"));
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, check_many,
		    n), 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], &wrong), 0);
		assert_null(wrong);
	}
	spf_zone_clear(&zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_tower),
		cmocka_unit_test(test_long_explanation),
		cmocka_unit_test(test_long_terms),
		cmocka_unit_test(test_many_strings),
		cmocka_unit_test(test_whole_message),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
