/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/sender_known.h"

#include <time.h>

#include "milter/ask/sender_domain.h"
#include "policy/address.h"
#include "policy/domain.h"
#include "policy/policy.h"

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool
is_ours(const struct policy *p, struct text domain, int64_t now)
{
	struct policy_entry e;

	return policy_find_domain(p, POLICY_LOCAL, domain, now, &e) ||
	    policy_find_domain(p, POLICY_RELAY, domain, now, &e);
}

/* The domain to ask about, folded into out[DOMAIN_MAX]; empty: none. */
static struct text
domain_of(const struct envelope *e, char *out)
{
	struct address a;

	address_parse(e->sender, e->utf8, &a);
	if (a.class != ADDRESS_MAILBOX || address_is_literal(a.domain))
		return (struct text){ out, 0 };
	return (struct text){ out, domain_fold(a.domain, out) };
}

enum answer
sender_known(struct dns *dns, unsigned budget_ms,
    const struct policy *policy, const struct envelope *e, int64_t now,
    const struct verdict *v)
{
	char folded[DOMAIN_MAX];
	struct text domain = domain_of(e, folded);

	if (dns == NULL || policy == NULL || v->trusted ||
	    v->action != VERDICT_ACCEPT || domain.n == 0 ||
	    is_ours(policy, domain, now))
		return ANSWER_UNKNOWN;
	switch (sender_domain_ask(dns, domain, now_ms() + budget_ms)) {
	case SENDER_DOMAIN_MX:
	case SENDER_DOMAIN_ADDRESS:
		return ANSWER_YES;
	case SENDER_DOMAIN_NULL_MX:
	case SENDER_DOMAIN_NO_NAME:
	case SENDER_DOMAIN_NO_DATA:
		return ANSWER_NO;
	case SENDER_DOMAIN_UNKNOWN:
		break;
	}
	return ANSWER_UNKNOWN;
}
