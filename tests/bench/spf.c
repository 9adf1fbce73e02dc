/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf.c - SPF checks a second and their CPU time, when all answers are known:
 * ours through the resolver with its cache, and libspf2's alone with its own
 * resolver and cache, turn by turn, with the same server.  A line of JSON each.
 * usage: spf SERVER DOMAINS SECONDS
 * Each domain dN.bench.test must let 192.0.2.1 pass.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "milter/clock.h"
#include "tests/unit/spf_stock.h"
#include "tests/unit/spf_stock_resolver.h"

#define THREADS_MAX 2
#define ROUNDS 5

struct bench {
	struct spf_dns dns;
	struct spf_stock *stock;
	unsigned domains;
	bool bare; /* libspf2 alone */
	atomic_ulong started, checks, wrong;
	atomic_bool stop;
};

static struct dns_answer *
ask(void *with, struct text name, enum dns_type type, int64_t deadline_ms)
{
	return dns_ask(with, name, type, deadline_ms);
}

static bool
check(struct bench *b, unsigned long number)
{
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = TEXT("h.example.org"), .host = TEXT("mx.example.net"),
		.client = { .family = IP_V4, .byte = { 192, 0, 2, 1 } },
		.deadline_ms = clock_ms() + 20000 };
	struct spf_outcome out;
	char sender[64], words[1024];

	q.sender = (struct text){ sender, (size_t)snprintf(sender,
	    sizeof sender, "user@d%lu.bench.test", number % b->domains) };
	if (b->bare)
		return spf_stock_ask(b->stock, &q, TEXT("192.0.2.1"), words,
		    sizeof words) == SPF_PASS;
	spf_check(&b->dns, &q, NULL, &out);
	return out.result == SPF_PASS;
}

static void *
work(void *argument)
{
	struct bench *b = argument;
	/* not the domains of another thread at the same time */
	unsigned long n, start = b->started++ * 113, wrong = 0;

	for (n = 0; !b->stop; n++)
		wrong += !check(b, start + n);
	b->checks += n;
	b->wrong += wrong;
	return NULL;
}

/* Microseconds of CPU that the whole process has used. */
static double
cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void
turn(struct bench *b, bool bare, unsigned threads, unsigned s)
{
	pthread_t thread[THREADS_MAX];
	struct dns_stats before, after;
	double cpu = cpu_us();
	int64_t start = clock_ms();
	unsigned i;

	b->bare = bare;
	b->checks = 0;
	b->stop = false;
	dns_stats(b->dns.with, &before);
	for (i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, work, b) != 0)
			abort();
	sleep(s);
	b->stop = true;
	for (i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	dns_stats(b->dns.with, &after);
	printf("{\"who\": \"%s\", \"threads\": %u, \"per_second\": %.0f, "
	    "\"cpu_us\": %.2f, \"asked\": %llu, \"hits\": %llu}\n",
	    bare ? "stock" : "guard", threads, (double)b->checks * 1000 /
	    (double)(clock_ms() - start), (cpu_us() - cpu) / (double)b->checks,
	    (unsigned long long)(after.asked - before.asked),
	    (unsigned long long)(after.hits - before.hits));
}

/* All that there is to know, once. */
static void
warm_up(struct bench *b)
{
	unsigned i;

	for (i = 0; i < 2 * b->domains; i++) {
		b->bare = i % 2 == 1;
		b->wrong += !check(b, i / 2);
	}
}

int
main(int argc, char **argv)
{
	struct dns_options o = { .server = (const char *const *)&argv[1],
		.servers = 1 };
	struct bench b = { .dns = { .ask = ask } };
	unsigned i, threads;

	if (argc != 4 || !spf_stock_resolver_set(argv[1]))
		return 64;
	b.dns.with = dns_new(&o);
	if (b.dns.with == NULL) {
		perror("spf");
		return 71;
	}
	b.stock = spf_stock_new(NULL, TEXT("mx.example.net"));
	b.domains = (unsigned)atoi(argv[2]);
	warm_up(&b);
	for (i = 0; i < ROUNDS; i++)
		for (threads = 1; threads <= THREADS_MAX; threads++) {
			turn(&b, false, threads, (unsigned)atoi(argv[3]));
			turn(&b, true, threads, (unsigned)atoi(argv[3]));
		}
	if (b.wrong > 0)
		fprintf(stderr, "spf: %lu checks were wrong\n", b.wrong);
	spf_stock_free(b.stock);
	dns_free(b.dns.with);
	return b.wrong == 0 ? 0 : 1;
}
