/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * micro.c - what the deciding core costs by itself, without libmilter.
 *	micro [N]          measure, with N + N entries as the large policy
 *	                   (1000000); one line of JSON
 *	micro --write N    print a native policy file of N domains + N networks
 * Times are CPU time of one thread, the median of several passes.  "wrong"
 * counts verdicts and lookups that came out otherwise than they must.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "policy/domain.h"
#include "tests/bench/entries.h"
#include "tests/bench/micro.h"
#include "tests/bench/mix.h"

#define SMALL 1000
#define LARGE_MAX 1000000

static void
add(struct policy_builder *b, const struct policy_entry *entry)
{
	enum policy_error e = policy_add(b, entry, NULL);

	if (e != POLICY_OK)
		errx(EX_SOFTWARE, "entry %u: %s", entry->line,
		    policy_error_text(e));
}

/* mix.h's own entries and so many others; *seconds is what freezing took. */
static struct policy *
build(unsigned domains, unsigned networks, double *seconds)
{
	struct policy_builder *b = micro_need(policy_builder_new(0x5eed));
	struct policy_entry entry;
	struct policy *p;
	char name[DOMAIN_MAX];
	unsigned i, source;

	if (policy_source(b, TEXT("bench"), &source) != POLICY_OK)
		errx(EX_SOFTWARE, "policy_source");
	*seconds = micro_cpu_ns();
	for (i = 0; i < ENTRIES_MIX; i++) {
		entries_mix(i, &entry);
		add(b, &entry);
	}
	for (i = 0; i < domains; i++) {
		entries_domain(i, &entry, name);
		add(b, &entry);
	}
	for (i = 0; i < networks; i++) {
		entries_network(i, &entry);
		add(b, &entry);
	}
	p = micro_need(policy_freeze(b));
	*seconds = (micro_cpu_ns() - *seconds) / 1e9;
	return p;
}

static unsigned long
measure_lookups(unsigned n)
{
	unsigned long wrong = 0;
	double seconds;
	struct policy *p = build(n, 0, &seconds);

	printf("\"entries\": %u, \"domain_ns\": %.1f, \"domain_bytes\": %.1f, "
	    "\"domain_build_s\": %.3f, ", n, micro_find_domain(p, n, &wrong),
	    (double)policy_bytes(p) / n, seconds);
	policy_free(p);
	p = build(0, n, &seconds);
	printf("\"v4_ns\": %.1f, ", micro_find_client(p, n, IP_V4, &wrong));
	printf("\"v6_ns\": %.1f, ", micro_find_client(p, n, IP_V6, &wrong));
	printf("\"network_bytes\": %.1f, \"network_build_s\": %.3f, ",
	    (double)policy_bytes(p) / n, seconds);
	policy_free(p);
	return wrong;
}

static void
write_policy(unsigned n)
{
	struct policy_entry e;
	char text[DOMAIN_MAX > NETWORK_TEXT_MAX ? DOMAIN_MAX :
	    NETWORK_TEXT_MAX];
	unsigned i;

	printf("local " MIX_LOCAL "\nlocal ." MIX_LOCAL "\nrelay " MIX_RELAY
	    "\n");
	for (i = 0; i < n; i++) {
		entries_domain(i, &e, text);
		printf("relay %s%.*s\n", e.span == SPAN_BELOW ? "." : "",
		    (int)e.value.n, e.value.at);
	}
	for (i = 0; i < n; i++) {
		entries_network(i, &e);
		printf("client %s\n", network_print(&e.network, text));
	}
}

static unsigned long
measure(unsigned large)
{
	double seconds;
	struct policy *p = build(SMALL, SMALL, &seconds);
	unsigned long wrong;

	printf("{");
	wrong = micro_decisions("small", p);
	policy_free(p);
	p = build(large, large, &seconds);
	wrong += micro_decisions("large", p);
	printf("\"both_bytes\": %zu, \"both_build_s\": %.3f, ",
	    policy_bytes(p), seconds);
	policy_free(p);
	wrong += measure_lookups(large);
	printf("\"wrong\": %lu}\n", wrong);
	return wrong;
}

static unsigned
number(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end != '\0' || n < 1 || n > LARGE_MAX)
		errx(EX_USAGE, "not a number from 1 to %d: %s", LARGE_MAX, s);
	return (unsigned)n;
}

int
main(int argc, char **argv)
{
	unsigned long wrong = 0;

	if (argc == 3 && strcmp(argv[1], "--write") == 0) {
		write_policy(number(argv[2]));
	} else if (argc <= 2) {
		wrong = measure(argc == 2 ? number(argv[1]) : 1000000);
	} else {
		fprintf(stderr, "usage: micro [N] | micro --write N\n");
		return EX_USAGE;
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		err(EX_IOERR, "standard output");
	return wrong == 0 ? EX_OK : EX_SOFTWARE;
}
