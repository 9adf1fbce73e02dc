/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_search.c - what asking a directory for each decision costs.
 *	ldap_search URI BIND_DN PASSWORD BASE ENTRIES COUNT
 * Over one connection it makes COUNT decisions, the next when the answer is
 * there, as a filter does that asks LDAP: is the recipient's domain one of
 * those of directory_data.py?  If not, is the client, or a network around
 * him?  The latter for 3 of 10, who try to relay, as in micro's mix.
 * The result is a line of JSON: seconds, and how many answers were wrong.
 */
#include <err.h>
#include <ldap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define STRIDE 7919u /* a prime: the next domain is far from the last */

static void
need(int code, const char *what)
{
	if (code != LDAP_SUCCESS)
		errx(EX_UNAVAILABLE, "%s: %s", what, ldap_err2string(code));
}

static LDAP *
connect_as(const char *uri, const char *dn, char *password)
{
	struct berval secret = { strlen(password), password };
	int version = LDAP_VERSION3;
	LDAP *ld;

	need(ldap_initialize(&ld, uri), uri);
	ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	need(ldap_sasl_bind_s(ld, dn, LDAP_SASL_SIMPLE, &secret, NULL, NULL,
	    NULL), "bind");
	return ld;
}

/* How many entries the filter finds. */
static int
search(LDAP *ld, const char *base, const char *filter)
{
	char *attributes[] = { (char[]){ "1.1" }, NULL }; /* none */
	LDAPMessage *m = NULL;
	int found;

	need(ldap_search_ext_s(ld, base, LDAP_SCOPE_SUBTREE, filter,
	    attributes, 0, NULL, NULL, NULL, LDAP_NO_LIMIT, &m), "search");
	found = ldap_count_entries(ld, m);
	ldap_msgfree(m);
	return found;
}

/* May a recipient in this domain be taken from this client? */
static bool
decide(LDAP *ld, const char *base, unsigned domain, unsigned client)
{
	const unsigned c = client >> 8 & 255, d = client & 255;
	char filter[256];

	snprintf(filter, sizeof filter, "(rgDomain=d%u.bench.test)", domain);
	if (search(ld, base, filter) == 1)
		return true;
	/* the upper half of the IPv4 space has no entries */
	snprintf(filter, sizeof filter, "(|(rgNetwork=198.51.%u.%u)"
	    "(rgNetwork=198.51.%u.0/24)(rgNetwork=198.51.0.0/16)"
	    "(rgNetwork=198.0.0.0/8))", c, d, c);
	return search(ld, base, filter) == 1;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	unsigned entries, count, i, wrong = 0;
	double begin;
	LDAP *ld;

	if (argc != 7) {
		fprintf(stderr, "usage: ldap_search URI BIND_DN PASSWORD BASE "
		    "ENTRIES COUNT\n");
		return EX_USAGE;
	}
	entries = (unsigned)strtoul(argv[5], NULL, 10);
	count = (unsigned)strtoul(argv[6], NULL, 10);
	if (entries == 0)
		errx(EX_USAGE, "ENTRIES: %s", argv[5]);
	ld = connect_as(argv[1], argv[2], argv[3]);
	begin = seconds();
	for (i = 0; i < count; i++) {
		bool abusive = i % 10 < 3;

		wrong += decide(ld, argv[4], abusive ? entries + i :
		    i * STRIDE % entries, i) == abusive;
	}
	printf("{\"seconds\": %.6f, \"wrong\": %u}\n", seconds() - begin,
	    wrong);
	ldap_unbind_ext_s(ld, NULL, NULL);
	return wrong == 0 ? EX_OK : EX_SOFTWARE;
}
