/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_store_inside.h - what a store is made of; for ldap_store.c, which puts
 * policies in force, and ldap_store_hear.c, which listens, alone.
 */
#ifndef SOURCE_LDAP_STORE_INSIDE_H
#define SOURCE_LDAP_STORE_INSIDE_H

#include <pthread.h>
#include <time.h>

#include "milter/source/ldap_losses.h"
#include "milter/source/ldap_snapshot.h"
#include "milter/source/ldap_store.h"

#define PENDING_MAX 500     /* more changed entries: all is built anew */
#define COMPLAINTS_SAID 20  /* of one refresh */
#define HOLD_SECONDS 600    /* losses within that count together */
#define SOON_SECONDS 300    /* what ends within that is as good as gone */
#define HOLD_LEAST 10       /* fewer lost values are nobody's accident */
#define HELD_LOOK_SECONDS 2 /* how often what is held is judged anew */

/* An entry whose record is another than in force. */
struct pending {
	unsigned char uuid[RECORD_UUID];
	uint32_t was; /* in force; 0: none */
};

/* How much is lost, and what has been said to that. */
struct hold {
	bool held;
	size_t lost, of;
	time_t since, looked;
	struct losses *losses; /* in force already, since window */
	time_t window;
};

struct ldap_store {
	struct ldap_store_options o;
	pthread_mutex_t lock;
	struct told *told;  /* what the directory says */
	struct told *aside; /* a fresh refresh under way, or NULL */
	struct pending pending[PENDING_MAX];
	size_t pendings;
	bool whole; /* all is to be built anew */
	bool refreshing; /* told is in the midst of one, given up or not */
	struct ldap_snapshot *snapshot;
	struct policy *force; /* what is in force; NULL: nothing yet */
	struct hold hold;
	char *cookie;
	bool unsaved;
	int64_t saved;
	size_t wrong, wrong_aside, said;
};

/*
 * With the lock: make a policy of what has been told, judge it unless it is
 * confirmed, and put it in force or hold it.
 */
void ldap_store_put_in_force(struct ldap_store *s, bool confirmed);

/* With the lock: the same for what is held, if it is time to look again. */
void ldap_store_look_at_held(struct ldap_store *s);

#endif
