/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_sync.h - follows a directory by content synchronization, RFC 4533,
 * refreshAndPersist: first what has changed since the cookie, then every change
 * as it is made.  Not libldap's ldap_sync_*: those lose changes, mix up the two
 * phases of a refresh and do not merge cookies.
 */
#ifndef SOURCE_LDAP_SYNC_H
#define SOURCE_LDAP_SYNC_H

#include "milter/source/ldap_cookie.h"
#include "milter/source/ldap_link.h"
#include "milter/source/ldap_read.h"
#include "milter/source/ldap_sink.h"

struct ldap_sync {
	/* set by the caller; they outlive this */
	struct ldap_link *link;
	const struct ldap_sink *sink;
	struct ldap_cookie *cookie; /* of all that has been put in force */

	/* read by the caller */
	bool live;              /* the refresh is done */
	unsigned long messages; /* heard of the server */
	unsigned long entries;  /* of these, in this refresh or since */
	unsigned long referrals;

	/* its own; all 0 at first */
	struct ldap_cookie news; /* the same, with the refresh under way */
	struct ldap_reader reader;
	int id;          /* of the search; 0: none */
	bool refreshing; /* the sink is in a refresh */
	bool fresh;      /* that began without a cookie */
	bool presents;   /* it has told what is present */
	bool changed;    /* there is something to put in force */
	bool moved;      /* the cookie is another one */
};

enum ldap_heard {
	LDAP_HEARD_NOTHING, /* within the time given */
	LDAP_HEARD_SOME,
	LDAP_HEARD_END /* of the search: why tells */
};

/*
 * Begin a refresh; fresh: without the cookie, and so it is when there is none.
 * A search under way is given up: what it would have told is part of the
 * refresh, so nothing is lost.  false with why said.
 */
bool ldap_sync_start(struct ldap_sync *y, bool fresh,
    struct ldap_trouble *why);

/*
 * Wait so long for something to be told, then hand over all that is there, up
 * to a limit, and put it in force.  At the end of the search the sink has
 * been told if a refresh was given up.
 */
enum ldap_heard ldap_sync_hear(struct ldap_sync *y, unsigned ms,
    struct ldap_trouble *why);

/* Give up the search, if one is under way; the link stays. */
void ldap_sync_end(struct ldap_sync *y);
/* The same, and free what y has of its own. */
void ldap_sync_free(struct ldap_sync *y);

/* Does this code of a refused search mean that our cookie is of no use? */
bool ldap_sync_refuses_cookie(int code);
/* Or that this server has no content sync? */
bool ldap_sync_is_missing(int code);

#endif
