/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns.c - the resolver and its cache in numbers, a line of JSON each.
 * usage: dns SERVER NAMES [CACHE_BYTES]
 *   cold    NAMES different names below bench.test, by 32 threads: questions a
 *           second, and what the process has grown by
 *   warm    names that are in the cache, by 1, 2 and 4 threads: lookups a second
 *   mail    as many questions as NAMES, for names as mail has them (the k-th of
 *           NAMES is asked for 1/k as often as the first): hit rate
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "milter/ask/dns.h"

#define THREADS_MAX 32
#define WARM 5000 /* names */
#define WARM_SECONDS 2

struct run {
	struct dns *d;
	unsigned long names;
	atomic_ulong next, found, lookups;
	atomic_bool stop;
};

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t
rss_kb(void)
{
	unsigned long all = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f != NULL) {
		if (fscanf(f, "%lu %lu", &all, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return resident * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

static bool
ask(struct dns *d, unsigned long i)
{
	char name[48];
	size_t n = (size_t)snprintf(name, sizeof name, "n%lu.bench.test", i);
	struct dns_answer *a = dns_ask(d, (struct text){ name, n }, DNS_A,
	    (int64_t)(seconds() * 1000) + 5000);
	bool found = dns_answer_status(a) == DNS_FOUND;

	dns_answer_free(a);
	return found;
}

static void *
ask_all(void *argument)
{
	struct run *r = argument;
	unsigned long i;

	while ((i = r->next++) < r->names)
		r->found += ask(r->d, i);
	return NULL;
}

static void *
ask_warm(void *argument)
{
	struct run *r = argument;
	/* not the names of another thread at the same time */
	unsigned long n, start = r->next++ * 1237;

	for (n = 0; !r->stop; n++)
		ask(r->d, r->names - 1 - (start + n) % WARM);
	r->lookups += n;
	return NULL;
}

/* Zipf's law, by turning its distribution function round. */
static void *
ask_as_mail(void *argument)
{
	struct run *r = argument;
	unsigned long i, name;
	struct drand48_data state;
	double u;

	srand48_r((long)(uintptr_t)&state, &state);
	while ((i = r->next++) < r->names) {
		drand48_r(&state, &u);
		name = (unsigned long)exp(u * log((double)r->names));
		/* names that the other parts do not know */
		ask(r->d, r->names + name);
	}
	return NULL;
}

/* Run it in so many threads, for as long as they work, or some seconds. */
static double
in_threads(struct run *r, unsigned threads, void *(*work)(void *), unsigned s)
{
	pthread_t thread[THREADS_MAX];
	double start = seconds();
	unsigned i;

	for (i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, work, r);
	if (s > 0) {
		sleep(s);
		r->stop = true;
	}
	for (i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	return seconds() - start;
}

static void
cold(struct dns *d, unsigned long names)
{
	struct run r = { .d = d, .names = names };
	size_t before = rss_kb();
	double took = in_threads(&r, THREADS_MAX, ask_all, 0);
	struct dns_stats s;

	dns_stats(d, &s);
	printf("{\"part\": \"cold\", \"names\": %lu, \"found\": %lu, "
	    "\"per_second\": %.0f, \"entries\": %zu, \"bytes\": %zu, "
	    "\"evicted\": %llu, \"rss_before_kb\": %zu, \"rss_kb\": %zu}\n",
	    names, r.found, (double)names / took, s.entries, s.bytes,
	    (unsigned long long)s.evicted, before, rss_kb());
}

static void
warm(struct dns *d, unsigned long names, unsigned threads)
{
	struct run r = { .d = d, .names = names };
	struct dns_stats before, after;
	double took;

	dns_stats(d, &before);
	took = in_threads(&r, threads, ask_warm, WARM_SECONDS);
	dns_stats(d, &after);
	printf("{\"part\": \"warm\", \"threads\": %u, \"per_second\": %.0f, "
	    "\"hit_rate\": %.4f}\n", threads, (double)r.lookups / took,
	    (double)(after.hits - before.hits) /
	    (double)(after.asked - before.asked));
}

static void
mail(struct dns *d, unsigned long names)
{
	struct run r = { .d = d, .names = names };
	struct dns_stats before, after;
	double took;

	dns_stats(d, &before);
	took = in_threads(&r, 8, ask_as_mail, 0);
	dns_stats(d, &after);
	printf("{\"part\": \"mail\", \"per_second\": %.0f, \"hit_rate\": "
	    "%.4f, \"rss_kb\": %zu}\n", (double)names / took,
	    (double)(after.hits - before.hits) /
	    (double)(after.asked - before.asked), rss_kb());
}

int
main(int argc, char **argv)
{
	struct dns_options o = { .server = (const char *const *)&argv[1],
		.servers = 1 };
	unsigned long names;
	struct dns *d;

	if (argc < 3)
		return 64;
	names = strtoul(argv[2], NULL, 10);
	o.cache_bytes = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	d = dns_new(&o);
	if (d == NULL) {
		perror("dns");
		return 71;
	}
	cold(d, names);
	warm(d, names, 1);
	warm(d, names, 2);
	warm(d, names, 4);
	mail(d, names);
	dns_free(d);
	return 0;
}
