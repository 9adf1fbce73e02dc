/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_health.h"

#include <stdio.h>
#include <string.h>

#include "milter/clock.h"
#include "milter/log.h"
#include "milter/source/ldap_thread.h"

const char *
ldap_state_name(enum ldap_state state)
{
	static const char *const names[] = { "init", "refresh", "live",
		"stale", "poll" };

	return names[state];
}

void
ldap_vitals_init(struct ldap_vitals *v)
{
	*v = (struct ldap_vitals){ .lock = PTHREAD_MUTEX_INITIALIZER };
	v->now.state = LDAP_STATE_INIT;
	v->now.since = time(NULL);
	v->fine_ms = clock_ms();
}

void
ldap_vitals_look(struct ldap_vitals *v, struct ldap_health *out)
{
	pthread_mutex_lock(&v->lock);
	*out = v->now;
	pthread_mutex_unlock(&v->lock);
}

static void
set_state(struct ldap_health *h, enum ldap_state state)
{
	if (h->state != state)
		h->since = time(NULL);
	h->state = state;
}

static void
set_uri(struct ldap_health *h, const char *uri)
{
	snprintf(h->uri, sizeof h->uri, "%s", uri);
}

void
ldap_vitals_connected(struct ldap_vitals *v, const char *uri, bool again)
{
	pthread_mutex_lock(&v->lock);
	set_uri(&v->now, uri);
	v->now.reconnects += again;
	pthread_mutex_unlock(&v->lock);
}

void
ldap_vitals_behind(struct ldap_vitals *v)
{
	pthread_mutex_lock(&v->lock);
	if (v->now.state != LDAP_STATE_STALE)
		set_state(&v->now, LDAP_STATE_REFRESH);
	pthread_mutex_unlock(&v->lock);
}

void
ldap_vitals_fine(struct ldap_vitals *v, enum ldap_state way)
{
	bool news;

	pthread_mutex_lock(&v->lock);
	/* a refresh now and then is no news, a trouble that is over is */
	news = v->now.live_at == 0 || v->now.trouble[0] != '\0' ||
	    v->now.state == LDAP_STATE_STALE;
	set_state(&v->now, way);
	v->now.live_at = time(NULL);
	v->now.trouble[0] = '\0';
	v->fine_ms = clock_ms();
	pthread_mutex_unlock(&v->lock);
	if (news) /* this thread alone writes uri */
		log_say("LDAP: the policy of %s is in force, %s", v->now.uri,
		    way == LDAP_STATE_LIVE ? "each change as it is made" :
		    "asked for changes now and then");
}

void
ldap_vitals_count(struct ldap_vitals *v, unsigned long refreshes,
    unsigned long messages)
{
	pthread_mutex_lock(&v->lock);
	v->now.refreshes += refreshes;
	v->now.messages += messages;
	pthread_mutex_unlock(&v->lock);
}

void
ldap_vitals_trouble(struct ldap_vitals *v, const char *uri,
    const struct ldap_trouble *t)
{
	bool news;

	pthread_mutex_lock(&v->lock);
	news = strcmp(v->now.trouble, t->text) != 0;
	set_uri(&v->now, uri);
	snprintf(v->now.trouble, sizeof v->now.trouble, "%s", t->text);
	pthread_mutex_unlock(&v->lock);
	if (news)
		log_say("LDAP: %s", t->text);
}

void
ldap_vitals_check(struct ldap_vitals *v, unsigned stale_seconds)
{
	long long ms;
	bool news;

	pthread_mutex_lock(&v->lock);
	ms = clock_ms() - v->fine_ms;
	news = v->now.state != LDAP_STATE_STALE &&
	    ms >= stale_seconds * 1000LL;
	if (news)
		set_state(&v->now, LDAP_STATE_STALE);
	pthread_mutex_unlock(&v->lock);
	if (news)
		log_say("LDAP: no directory for %lld s: the policy may be out "
		    "of date; last trouble: %s", ms / 1000,
		    v->now.trouble[0] != '\0' ? v->now.trouble : "none");
}
