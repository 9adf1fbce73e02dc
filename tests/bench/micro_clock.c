/* SPDX-License-Identifier: BSD-2-Clause */
#include <err.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "tests/bench/micro.h"

#define PASSES 7

double
micro_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

void *
micro_need(void *p)
{
	if (p == NULL)
		err(EX_OSERR, "micro");
	return p;
}

double
micro_median_ns(void (*pass)(void *of), void *of, size_t n)
{
	double ns[PASSES];
	size_t i;

	for (i = 0; i < PASSES; i++) {
		double begin = micro_cpu_ns();

		pass(of);
		ns[i] = (micro_cpu_ns() - begin) / (double)n;
	}
	qsort(ns, PASSES, sizeof *ns, by_size);
	return ns[PASSES / 2];
}
