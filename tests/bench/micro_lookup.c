/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "policy/domain.h"
#include "tests/bench/entries.h"
#include "tests/bench/micro.h"

#define QUERIES (1u << 20)

struct name_query {
	unsigned char n;
	bool known;
	char name[63];
};

struct name_queries {
	const struct policy *policy;
	unsigned long wrong;
	struct name_query at[QUERIES];
};

static void
find_names(void *of)
{
	struct name_queries *q = of;
	struct policy_entry entry;
	size_t i;

	for (i = 0; i < QUERIES; i++)
		q->wrong += q->at[i].known != policy_find_domain(q->policy,
		    POLICY_RELAY, (struct text){ q->at[i].name, q->at[i].n },
		    MICRO_NOW, &entry);
}

/* Half the names are in the policy, by themselves or by what is above. */
double
micro_find_domain(const struct policy *p, unsigned n, unsigned long *wrong)
{
	struct name_queries *q = micro_need(calloc(1, sizeof *q));
	struct policy_entry e;
	char name[DOMAIN_MAX];
	double ns;
	unsigned i;

	q->policy = p;
	for (i = 0; i < QUERIES; i++) {
		struct name_query *at = &q->at[i];

		at->known = i % 2;
		entries_domain((unsigned)((i * UINT64_C(2654435761)) % n) +
		    (at->known ? 0 : n), &e, name);
		at->n = (unsigned char)snprintf(at->name, sizeof at->name,
		    "%s%.*s", e.span == SPAN_BELOW ? "mail." : "",
		    (int)e.value.n, e.value.at);
	}
	ns = micro_median_ns(find_names, q, QUERIES);
	*wrong += q->wrong;
	free(q);
	return ns;
}

struct ip_queries {
	const struct policy *policy;
	unsigned long wrong;
	size_t n;
	struct {
		struct ip ip;
		bool known; /* else it may be or not */
	} at[QUERIES];
};

static void
find_clients(void *of)
{
	struct ip_queries *q = of;
	struct policy_entry entry;
	size_t i;

	for (i = 0; i < q->n; i++)
		q->wrong += !policy_find_client(q->policy, &q->at[i].ip, MICRO_NOW,
		    &entry) && q->at[i].known;
}

/* Half are inside a network of the policy, half anywhere. */
double
micro_find_client(const struct policy *p, unsigned n, enum ip_family family,
    unsigned long *wrong)
{
	struct ip_queries *q = micro_need(calloc(1, sizeof *q));
	struct policy_entry e;
	double ns;
	uint64_t i;

	q->policy = p;
	for (i = 0; q->n < QUERIES; i++) {
		uint64_t random = i * UINT64_C(0x9e3779b97f4a7c15) >> 24;

		entries_network((unsigned)(random % n), &e);
		if (e.network.base.family != family)
			continue;
		q->at[q->n].known = i / 5 % 2;
		if (i / 5 % 2 == 0)
			memcpy(e.network.base.byte + (family == IP_V6 ? 2 : 0),
			    &random, family == IP_V6 ? 5 : 4);
		q->at[q->n++].ip = e.network.base;
	}
	ns = micro_median_ns(find_clients, q, q->n);
	*wrong += q->wrong;
	free(q);
	return ns;
}
