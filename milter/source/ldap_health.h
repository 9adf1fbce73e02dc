/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_health.h - how it stands with the directory, for status and the log.
 * One thread writes, any may look.
 */
#ifndef SOURCE_LDAP_HEALTH_H
#define SOURCE_LDAP_HEALTH_H

#include <pthread.h>
#include <time.h>

#include "milter/source/ldap_trouble.h"

enum ldap_state {
	LDAP_STATE_INIT,    /* nothing has been told yet */
	LDAP_STATE_REFRESH, /* connecting again, or hearing what has changed */
	LDAP_STATE_LIVE,    /* every change is heard as it is made */
	LDAP_STATE_STALE,   /* neither for longer than stale_seconds */
	LDAP_STATE_POLL     /* asked again and again */
};

struct ldap_health {
	enum ldap_state state;
	time_t since;   /* in this state */
	time_t live_at; /* last known to be up to date; 0: never */
	char uri[256];  /* connected, or tried last */
	char trouble[LDAP_TROUBLE_MAX]; /* "": none */
	unsigned long refreshes, messages, reconnects;
};

struct ldap_vitals {
	pthread_mutex_t lock;
	struct ldap_health now;
	long long fine_ms; /* when it was last up to date, by the clock of
	                      clock_ms; the start at first */
};

/* "refresh", "live", ... */
const char *ldap_state_name(enum ldap_state state);

void ldap_vitals_init(struct ldap_vitals *v);
void ldap_vitals_look(struct ldap_vitals *v, struct ldap_health *out);

/* Connected to this server, once more if again. */
void ldap_vitals_connected(struct ldap_vitals *v, const char *uri, bool again);

/* A refresh has begun, or is to begin; a policy that is stale stays so. */
void ldap_vitals_behind(struct ldap_vitals *v);

/* Up to date now, by this way (LIVE or POLL); says so when it was not. */
void ldap_vitals_fine(struct ldap_vitals *v, enum ldap_state way);

/* A refresh is done; n more messages were heard. */
void ldap_vitals_count(struct ldap_vitals *v, unsigned long refreshes,
    unsigned long messages);

/* Note a trouble and say it, unless it was said last. */
void ldap_vitals_trouble(struct ldap_vitals *v, const char *uri,
    const struct ldap_trouble *t);

/* Longer than that without: say so once. */
void ldap_vitals_check(struct ldap_vitals *v, unsigned stale_seconds);

#endif
