/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/sender_facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "milter/ask/sender_domain.h"
#include "milter/ask/spf.h"
#include "milter/clock.h"
#include "milter/log.h"
#include "policy/address.h"
#include "policy/domain.h"
#include "policy/policy.h"

/* -------------------------------------------------------------- questions */

static struct dns_options
options_of(const struct conf *conf)
{
	return (struct dns_options){
		.server = (const char *const *)conf->dns_servers.at,
		.servers = conf->dns_servers.n,
	};
}

/* They have been checked. */
static bool
read_forwarders(struct sender_questions *q, const struct conf_list *list)
{
	q->forwarders = calloc(list->n + 1, sizeof *q->forwarders);
	if (q->forwarders == NULL) {
		log_say("spf_forwarders: out of memory");
		return false;
	}
	for (; q->forwarders_n < list->n; q->forwarders_n++)
		(void)network_parse(text_of(list->at[q->forwarders_n]),
		    &q->forwarders[q->forwarders_n]);
	return true;
}

bool
sender_questions_open(struct sender_questions *q, const struct conf *conf)
{
	const struct dns_options o = options_of(conf);

	*q = (struct sender_questions){ .exists = conf->sender_domain_check,
		.spf = conf->spf == CONF_SPF_ENFORCE,
		.budget_ms = conf->budget_ms };
	if (q->exists || q->spf) {
		q->dns = dns_new(&o);
		if (q->dns == NULL) {
			log_say("dns_servers: no resolver: %s",
			    strerror(errno));
			return false;
		}
	}
	return read_forwarders(q, &conf->spf_forwarders);
}

void
sender_questions_reload(struct sender_questions *q, const struct conf *conf)
{
	const struct dns_options o = options_of(conf);

	if (q->dns != NULL && !dns_reload(q->dns, &o))
		log_say("dns_servers: the old ones stay: %s", strerror(errno));
}

void
sender_questions_close(struct sender_questions *q)
{
	dns_free(q->dns);
	free(q->forwarders);
	*q = (struct sender_questions){ 0 };
}

/* ------------------------------------------------------------------ facts */

/* One sender, while we ask. */
struct inquiry {
	const struct sender_questions *q;
	const struct envelope *e;
	struct address sender;
	int64_t deadline_ms;
};

static bool
is_ours(const struct policy *p, struct text domain, int64_t now)
{
	struct policy_entry e;

	return policy_find_domain(p, POLICY_LOCAL, domain, now, &e) ||
	    policy_find_domain(p, POLICY_RELAY, domain, now, &e);
}

/* Does his domain exist?  Ours do, and literals have none. */
static enum answer
ask_existence(const struct inquiry *i, const struct policy *p, int64_t now)
{
	char folded[DOMAIN_MAX];
	struct text domain = { folded, 0 };

	if (i->sender.class == ADDRESS_MAILBOX &&
	    !address_is_literal(i->sender.domain))
		domain.n = domain_fold(i->sender.domain, folded);
	if (domain.n == 0 || is_ours(p, domain, now))
		return ANSWER_UNKNOWN;
	switch (sender_domain_ask(i->q->dns, domain, i->deadline_ms)) {
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

static struct dns_answer *
ask_dns(void *with, struct text name, enum dns_type type, int64_t deadline_ms)
{
	return dns_ask(with, name, type, deadline_ms);
}

static bool
is_forwarder(const struct sender_questions *q, const struct ip *client)
{
	size_t i;

	for (i = 0; i < q->forwarders_n; i++)
		if (network_contains(&q->forwarders[i], client))
			return true;
	return false;
}

/* The result for one identity. */
static enum spf_result
check_identity(const struct inquiry *i, enum spf_identity identity,
    struct text sender)
{
	const struct spf_dns dns = { i->q->dns, ask_dns };
	const struct spf_question question = { .identity = identity,
		.client = i->e->client, .helo = i->e->helo, .sender = sender,
		.host = i->e->own_name, .deadline_ms = i->deadline_ms };
	struct spf_outcome outcome;

	spf_check(&dns, &question, NULL, &outcome);
	return outcome.result;
}

/* May this client send as him?  No: a fail of HELO or MAIL FROM. */
static enum answer
ask_spf(const struct inquiry *i)
{
	char sender[ADDRESS_MAX + 2];
	int n = 0;

	if (is_forwarder(i->q, &i->e->client))
		return ANSWER_UNKNOWN;
	if (i->e->helo.n > 0 && i->e->helo.at[0] != '[' &&
	    check_identity(i, SPF_HELO, (struct text){ "", 0 }) == SPF_FAIL)
		return ANSWER_NO;
	if (i->sender.class == ADDRESS_MAILBOX)
		n = snprintf(sender, sizeof sender, "%.*s@%.*s",
		    (int)i->sender.local.n, i->sender.local.at,
		    (int)i->sender.domain.n, i->sender.domain.at);
	else if (i->sender.class != ADDRESS_NULL)
		return ANSWER_UNKNOWN;
	switch (check_identity(i, SPF_MAIL_FROM,
	    (struct text){ sender, (size_t)n })) {
	case SPF_PASS:
		return ANSWER_YES;
	case SPF_FAIL:
		return ANSWER_NO;
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_SOFTFAIL:
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		break;
	}
	return ANSWER_UNKNOWN;
}

bool
sender_facts_ask(const struct sender_questions *q,
    const struct policy *policy, const struct envelope *e,
    const struct verdict *v, struct facts *facts)
{
	struct inquiry i = { .q = q, .e = e,
		.deadline_ms = clock_ms() + q->budget_ms };

	if (q->dns == NULL || policy == NULL || v->trusted ||
	    v->action != VERDICT_ACCEPT)
		return false;
	address_parse(e->sender, e->utf8, &i.sender);
	if (q->exists)
		facts->sender_domain = ask_existence(&i, policy, facts->now);
	if (q->spf && facts->sender_domain != ANSWER_NO)
		facts->spf = ask_spf(&i);
	return true;
}
