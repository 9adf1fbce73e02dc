/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SPF check of records that make libspf2 crash or ask for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/spf_checked.h"
#include "tests/unit/spf_stock.h"

static struct spf_zone zone;
static const struct spf_dns dns = { &zone, spf_zone_ask };

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
		spf_zone_text(&zone, name,
		    spf_repeated(text, "v=spf1", word, 10));
	}
	spf_zone_text(&zone, "t5.example.com", TEXT("v=spf1 ?all"));
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
	out = spf_ask_about(&zone, "t0.example.com");
	assert_int_equal(out.result, SPF_PERMERROR);
	assert_in_range(out.queries, 1, 11);
	/* asked once alone and once followed */
	assert_int_equal(zone.asked, 2 * out.queries);
	zone.asked = 0;
	spf_stock_check(&dns, &q, TEXT("192.0.2.1"), words, sizeof words);
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
		spf_stock_check(&dns, &q, TEXT("192.0.2.1"), words,
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
	n = spf_repeated(text, "", "%{d}", 127).n;
	memset(text + n, 'x', 100);
	spf_zone_text(&zone, "a.example.com", TEXT("v=spf1 -all exp=e.example.com"));
	spf_zone_text(&zone, "e.example.com", (struct text){ text, n + 100 });
	printf("608 bytes to explain a fail: libspf2 alone %s\n",
	    stock_survives() ? "survives" : "dies");
	out = spf_ask_about(&zone, "a.example.com");
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
		spf_zone_text(&zone, "a.example.com", (struct text){ text, n + 4009 });
		out = spf_ask_about(&zone, "a.example.com");
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
	spf_zone_text(&zone, "a.example.com", spf_repeated(text,
	    "v=spf1 ip4:192.0.2.1",
	    " ip4:198.51.100.77 ip6:2001:db8:ffff::77/128 -exists:no.example",
	    512));
	assert_int_equal(spf_ask_about(&zone, "a.example.com").result, SPF_PASS);
	spf_zone_clear(&zone);
	spf_zone_text(&zone, "b.example.com", spf_repeated(text, "v=spf1",
	    " ip4:198.51.100.77 ip6:2001:db8:ffff::77/128 ip4:203.0.113.9",
	    512));
	assert_int_equal(spf_ask_about(&zone, "b.example.com").result, SPF_NEUTRAL);
	for (i = 0; i < 512; i++) {
		snprintf(other, sizeof other, "word %u", i);
		spf_zone_text(&zone, "c.example.com", text_of(other));
	}
	spf_zone_text(&zone, "c.example.com", TEXT("v=spf1 -all"));
	out = spf_ask_about(&zone, "c.example.com");
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
	spf_zone_text(&zone, "a.example.com",
	    spf_repeated(text, "v=spf1", " a", 32000));
	assert_int_equal(spf_ask_about(&zone, "a.example.com").result, SPF_PERMERROR);
	spf_zone_clear(&zone);
	spf_zone_text(&zone, "b.example.com",
	    spf_repeated(text, "v=spf1 exists:", "%{s}", 1000));
	assert_int_equal(spf_ask_about(&zone, "b.example.com").result, SPF_NEUTRAL);
	spf_zone_clear(&zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tower),
		cmocka_unit_test(test_long_explanation),
		cmocka_unit_test(test_long_terms),
		cmocka_unit_test(test_many_strings),
		cmocka_unit_test(test_whole_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
