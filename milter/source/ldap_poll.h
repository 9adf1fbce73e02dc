/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_poll.h - reads a directory that has no content sync, again and again:
 * all of it by paged results (RFC 2696), which is a refresh without a cookie,
 * and in between what has been modified since, by modifyTimestamp.  What was
 * deleted, or does not match the filter any more, is found by the former alone.
 */
#ifndef SOURCE_LDAP_POLL_H
#define SOURCE_LDAP_POLL_H

#include "milter/source/ldap_link.h"
#include "milter/source/ldap_read.h"
#include "milter/source/ldap_sink.h"

struct ldap_poll {
	/* set by the caller before each call */
	struct ldap_link *link;
	const struct ldap_sink *sink;

	/* read by the caller */
	unsigned long entries; /* that were told by the last call */

	/* its own; all 0 at first */
	struct ldap_reader reader;
	time_t newest;       /* modifyTimestamp heard of */
	long long newest_ms; /* when the call that heard of it was over */
	time_t from;         /* ask for changes from then on ... */
	bool behind;         /* ... not including it */
	bool known;          /* there is any */
};

/* Tell everything, as a refresh without a cookie; false with why said. */
bool ldap_poll_all(struct ldap_poll *p, struct ldap_trouble *why);

/*
 * Tell what may have changed since the last call, as live changes.  Some is
 * told twice.  false with why said: then the next call tells it again.
 */
bool ldap_poll_changes(struct ldap_poll *p, struct ldap_trouble *why);

/* May ldap_poll_changes be called?  Only if anything has been heard of. */
static inline bool
ldap_poll_has_begun(const struct ldap_poll *p)
{
	return p->known;
}

void ldap_poll_free(struct ldap_poll *p);

#endif
