/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The suites of openspf.org, where they are: every test of them by the guard,
 * and by libspf2 alone in the same run, which must fail as many as it always
 * did, or the suite does not bite.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/spf_follow.h"
#include "tests/unit/spf_stock.h"
#include "tests/unit/spf_zone.h"

static struct spf_zone zone;
static struct {
	unsigned tests, guard, stock;
} score;

static const char *
run(const struct vector *v)
{
	static char wrong[2048];
	struct spf_dns dns = { &zone, spf_zone_ask };
	struct spf_outcome out;
	struct spf_question q;
	char words[1024];

	if (!spf_zone_line(&zone, v))
		return NULL;
	q = spf_zone_question(v);
	score.tests++;
	score.stock += spf_zone_allows(v, spf_stock_check(&dns, &q,
	    v->field[2], words, sizeof words)) && spf_zone_explains(v, words);
	spf_follow(&dns, &q, &out);
	if (spf_zone_allows(v, out.result) &&
	    spf_zone_explains(v, out.explanation)) {
		score.guard++;
		return NULL;
	}
	snprintf(wrong, sizeof wrong, "%s \"%s\", problem: %s",
	    spf_result_name(out.result), out.explanation, out.problem);
	return wrong;
}

static void
run_suite(const char *name, unsigned tests, unsigned stock)
{
	const char *folder = getenv("SPF_SUITES");
	char path[240];
	unsigned failed;

	snprintf(path, sizeof path, "%s/%s.txt", folder != NULL ? folder : ".",
	    name);
	if (access(path, R_OK) != 0) {
		printf("skipped: the suite %s is not here\n", name);
		skip();
	}
	memset(&score, 0, sizeof score);
	failed = vectors_run(path, run);
	spf_zone_clear(&zone);
	printf("%s: guard %u of %u, libspf2 alone %u\n", name, score.guard,
	    score.tests, score.stock);
	assert_int_equal(failed, 0);
	assert_int_equal(score.tests, tests);
	assert_int_equal(score.stock, stock);
}

static void
test_rfc7208(void **state)
{
	(void)state;
	run_suite("rfc7208-tests", 203, 127);
}

static void
test_rfc4408(void **state)
{
	(void)state;
	run_suite("rfc4408-tests", 191, 117);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7208),
		cmocka_unit_test(test_rfc4408),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
