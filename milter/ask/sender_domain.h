/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender_domain.h - does the domain of a sender exist: could a bounce get
 * there (RFC 5321 5.1)?  MX, without MX an address, IPv4 or IPv6.
 */
#ifndef MILTER_ASK_SENDER_DOMAIN_H
#define MILTER_ASK_SENDER_DOMAIN_H

#include "milter/ask/trace.h"

enum sender_domain {
	SENDER_DOMAIN_UNKNOWN, /* nobody could say, or not in time */
	SENDER_DOMAIN_MX,      /* exists: it has mail servers */
	SENDER_DOMAIN_ADDRESS, /* exists: it has an address and no MX */
	SENDER_DOMAIN_NULL_MX, /* says that it takes no mail (RFC 7505) */
	SENDER_DOMAIN_NO_NAME, /* no such name */
	SENDER_DOMAIN_NO_DATA  /* the name has neither MX nor address */
};

/*
 * Deadline by CLOCK_MONOTONIC in ms, for all questions together.  The domain
 * is a name; an address literal is for the caller to leave out.  trace may be
 * NULL.
 */
enum sender_domain sender_domain_ask(struct dns *d, struct text domain,
    int64_t deadline_ms, const struct trace *trace);

/* Start what sender_domain_ask() will need. */
void sender_domain_prefetch(struct dns *d, struct text domain,
    int64_t deadline_ms);

/* In words, for a reason or a record. */
const char *sender_domain_text(enum sender_domain s);

#endif
