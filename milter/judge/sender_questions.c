/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/sender_questions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "milter/log.h"

static void
free_switches(struct sender_switches *s)
{
	if (s == NULL)
		return;
	free(s->forwarders);
	free(s->authserv_id);
	free(s);
}

/* They have been checked. */
static bool
read_forwarders(struct sender_switches *s, const struct conf_list *list)
{
	s->forwarders = calloc(list->n + 1, sizeof *s->forwarders);
	if (s->forwarders == NULL)
		return false;
	for (; s->forwarders_n < list->n; s->forwarders_n++)
		(void)network_parse(text_of(list->at[s->forwarders_n]),
		    &s->forwarders[s->forwarders_n]);
	return true;
}

static bool
are_off(const struct rule_modes *m, const char *const *ids)
{
	while (*ids != NULL && rule_modes_off(m, text_of(*ids)))
		ids++;
	return *ids == NULL;
}

/*
 * No answer is worth waiting for that no rule looks at; of SPF the header of
 * the mail tells it nevertheless.
 */
static void
leave_out(struct sender_switches *s, const struct conf *conf)
{
	static const char *const existence[] = { "P02", "S06", "S07", NULL };
	static const char *const spf[] = { "S05", "S08", "S09", NULL };
	struct rule_modes modes;

	conf_rule_modes(conf, &modes);
	s->rules_off = s->exists && are_off(&modes, existence);
	s->exists = s->exists && !s->rules_off;
	if (s->spf == CONF_SPF_ENFORCE && are_off(&modes, spf))
		s->spf = CONF_SPF_MARK;
}

/* Without a resolver yet; NULL when out of memory. */
static struct sender_switches *
read_switches(struct sender_questions *q, const struct conf *conf)
{
	struct sender_switches *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	*s = (struct sender_switches){ .of = q, .users = 1,
		.exists = conf->sender_domain_check, .spf = conf->spf,
		.budget_ms = conf->budget_ms,
		.authserv_id = strdup(conf->authserv_id) };
	leave_out(s, conf);
	if (s->authserv_id != NULL &&
	    read_forwarders(s, &conf->spf_forwarders))
		return s;
	free_switches(s);
	return NULL;
}

/* A resolver that asks whom conf says, if anything is asked at all. */
static bool
use_resolver(struct sender_questions *q, struct sender_switches *s,
    const struct conf *conf)
{
	const struct dns_options o = {
		.server = (const char *const *)conf->dns_servers.at,
		.servers = conf->dns_servers.n,
	};

	if (!s->exists && s->spf == CONF_SPF_OFF)
		return true;
	if (q->dns != NULL) {
		if (!dns_reload(q->dns, &o))
			return false;
	} else {
		q->dns = dns_new(&o);
	}
	s->dns = q->dns;
	return s->dns != NULL;
}

/* What conf says; NULL with a word in the log. */
static struct sender_switches *
make_switches(struct sender_questions *q, const struct conf *conf)
{
	struct sender_switches *s = read_switches(q, conf);

	if (s == NULL) {
		log_say("questions about senders: out of memory");
		return NULL;
	}
	if (use_resolver(q, s, conf))
		return s;
	log_say("dns_servers: no resolver: %s", strerror(errno));
	free_switches(s);
	return NULL;
}

bool
sender_questions_open(struct sender_questions *q, const struct conf *conf)
{
	*q = (struct sender_questions){ .dns = NULL };
	pthread_mutex_init(&q->lock, NULL);
	q->switches = make_switches(q, conf);
	return q->switches != NULL;
}

void
sender_questions_reload(struct sender_questions *q, const struct conf *conf)
{
	struct sender_switches *s = make_switches(q, conf), *old;

	if (s == NULL) {
		log_say("questions about senders: the old ones stay");
		return;
	}
	pthread_mutex_lock(&q->lock);
	old = q->switches;
	q->switches = s;
	pthread_mutex_unlock(&q->lock);
	sender_switches_give(old);
}

void
sender_questions_close(struct sender_questions *q)
{
	sender_switches_give(q->switches);
	dns_free(q->dns);
	pthread_mutex_destroy(&q->lock);
	q->switches = NULL;
	q->dns = NULL;
}

struct sender_switches *
sender_switches_take(struct sender_questions *q)
{
	struct sender_switches *s;

	pthread_mutex_lock(&q->lock);
	s = q->switches;
	if (s != NULL)
		s->users++;
	pthread_mutex_unlock(&q->lock);
	return s;
}

void
sender_switches_give(struct sender_switches *s)
{
	struct sender_questions *q;
	bool last;

	if (s == NULL)
		return;
	q = s->of;
	pthread_mutex_lock(&q->lock);
	last = --s->users == 0;
	pthread_mutex_unlock(&q->lock);
	if (last)
		free_switches(s);
}

bool
sender_questions_mark(struct sender_questions *q)
{
	struct sender_switches *s = sender_switches_take(q);
	bool mark = s != NULL && s->spf != CONF_SPF_OFF;

	sender_switches_give(s);
	return mark;
}
