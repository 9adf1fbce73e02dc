/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_visit.h - one connection to one server, for as long as it is of use: by
 * content sync if the server has it, else by one poll.
 */
#ifndef SOURCE_LDAP_VISIT_H
#define SOURCE_LDAP_VISIT_H

#include "milter/source/ldap_cookie.h"
#include "milter/source/ldap_health.h"
#include "milter/source/ldap_poll.h"
#include "milter/source/ldap_thread.h"
#include "milter/source/ldap_watch.h"

/* What is kept from one visit to the next; all 0 before ldap_visitor_init. */
struct ldap_visitor {
	struct ldap_settings set;
	struct ldap_sink sink;
	struct ldap_bell bell; /* stops everything; its lock guards wish */
	bool wish;             /* somebody asks for a refresh */
	struct ldap_plug plug;
	struct ldap_watch *watch;
	struct ldap_vitals vitals;
	struct ldap_trouble why; /* of the last visit */

	const char *uri; /* of the visit */
	bool connected_before;
	struct ldap_cookie cookie;
	long long refresh_ms; /* when the next one without a cookie is due */
	struct ldap_poll poll;
	const char *polled;   /* URI of the last poll, if that went well */
	long long full_ms;    /* when the next full poll is due */
};

enum ldap_visit {
	LDAP_VISIT_FAILED, /* before anything was in force; why tells */
	LDAP_VISIT_LOST,   /* after it was live; why tells */
	LDAP_VISIT_POLLED  /* well; come again in poll_seconds */
};

/* false: no thread to be had; it is to be released nevertheless. */
bool ldap_visitor_init(struct ldap_visitor *v, const struct ldap_settings *s,
    const struct ldap_sink *sink);
void ldap_visitor_release(struct ldap_visitor *v);

/* Ends when the server does, or when the bell has stopped and the plug is
 * pulled. */
enum ldap_visit ldap_visit(struct ldap_visitor *v, const char *uri);

/* Between two polls: is a full one due, or wished for? */
bool ldap_visit_wants_refresh(struct ldap_visitor *v);

#endif
