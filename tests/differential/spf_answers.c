/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guard says to each test of a file of vectors (spf_zone.h), one line
 * each: RESULT<tab>EXPLANATION<tab>PROBLEM; with "stock" before the file, what
 * libspf2 alone says.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/spf_follow.h"
#include "tests/unit/spf_stock.h"
#include "tests/unit/spf_zone.h"

static struct spf_zone zone;
static bool stock;

static const char *
run(const struct vector *v)
{
	struct spf_dns dns = { &zone, spf_zone_ask };
	struct spf_outcome out = { .result = SPF_NONE };
	struct spf_question q;

	if (!spf_zone_line(&zone, v))
		return NULL;
	q = spf_zone_question(v);
	if (stock)
		out.result = spf_stock_check(&dns, &q, v->field[2],
		    out.explanation, sizeof out.explanation);
	else
		spf_follow(&dns, &q, &out);
	printf("%s\t%s\t%s\n", spf_result_name(out.result), out.explanation,
	    out.problem);
	return NULL;
}

int
main(int argc, char **argv)
{
	unsigned failed;

	if (argc < 2) {
		fprintf(stderr, "usage: spf_answers [stock] FILE\n");
		return 64;
	}
	stock = argc > 2;
	failed = vectors_run(argv[argc - 1], run);
	spf_zone_clear(&zone);
	return failed == 0 ? 0 : 1;
}
