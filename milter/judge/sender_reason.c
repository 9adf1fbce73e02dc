/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/sender_reason.h"

#include <stdio.h>

bool
sender_forwards(const struct sender_switches *s, const struct policy *policy,
    const struct ip *client, int64_t now, char *out)
{
	char origin[SENDER_REASON_MAX - 40];
	struct policy_entry e;
	size_t i;

	for (i = 0; i < s->forwarders_n; i++) {
		if (!network_contains(&s->forwarders[i], client))
			continue;
		snprintf(out, SENDER_REASON_MAX,
		    "the client forwards (spf_forwarders)");
		return true;
	}
	if (!policy_find_forwarder(policy, client, now, &e) ||
	    e.action == POLICY_DENY)
		return false;
	snprintf(out, SENDER_REASON_MAX, "the client forwards (%s)",
	    policy_origin(policy, &e, origin, sizeof origin));
	return true;
}

const char *
sender_reason_nothing(const struct sender_switches *s, const struct verdict *v,
    const char *forwards)
{
	if (s->dns == NULL)
		return s->rules_off ? "P02, S06, S07 and spf are off" :
		    "sender_domain_check and spf are off";
	if (v->trusted)
		return "the client is trusted";
	if (!v->stranger)
		return "the client is known";
	if (forwards != NULL)
		return forwards;
	return v->action != VERDICT_ACCEPT ? "the sender is refused anyway" :
	    NULL;
}

static bool
is_ours(const struct policy *p, struct text domain, int64_t now)
{
	struct policy_entry e;

	return policy_find_domain(p, POLICY_LOCAL, domain, now, &e) ||
	    policy_find_domain(p, POLICY_RELAY, domain, now, &e);
}

bool
sender_has_name(const struct address *sender)
{
	return sender->class == ADDRESS_MAILBOX &&
	    !address_is_literal(sender->domain);
}

const char *
sender_reason_no_domain(const struct sender_switches *s,
    const struct policy *policy, const struct address *sender,
    struct text domain, int64_t now)
{
	if (!s->exists)
		return s->rules_off ? "P02, S06 and S07 are off" :
		    "sender_domain_check is off";
	if (domain.n == 0)
		return sender_has_name(sender) ? "it is no valid name" :
		    "the sender has none";
	return is_ours(policy, domain, now) ? "it is ours" : NULL;
}
