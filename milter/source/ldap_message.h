/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_message.h - what content sync adds to LDAP, RFC 4533 2: the values of
 * its controls and of its intermediate message.  Nothing is copied: the slices
 * point into the value, which is not written to.  Whatever does not keep to the
 * RFC is refused as a whole.
 */
#ifndef SOURCE_LDAP_MESSAGE_H
#define SOURCE_LDAP_MESSAGE_H

#include "policy/text.h"

/* Sync State Control, with an entry (2.2) */
enum ldap_sync_is {
	LDAP_IS_PRESENT,
	LDAP_IS_ADDED,
	LDAP_IS_CHANGED,
	LDAP_IS_GONE
};
struct ldap_sync_state {
	enum ldap_sync_is is;
	const unsigned char *uuid; /* 16 bytes */
	struct text cookie;        /* empty: none */
};

/* Sync Done Control, with the end of a refresh (2.4) */
struct ldap_sync_done {
	struct text cookie;
	bool deletes; /* entries not mentioned are still there */
};

/* Sync Info Message (2.5) */
enum ldap_sync_what {
	LDAP_INFO_COOKIE,
	LDAP_INFO_DELETES,  /* end of a phase that told all that is gone */
	LDAP_INFO_PRESENTS, /* end of a phase that told all that is there */
	LDAP_INFO_SET       /* of UUIDs */
};
struct ldap_sync_info {
	enum ldap_sync_what what;
	struct text cookie;
	bool done;       /* with the two phases: the refresh is over */
	bool deletes;    /* with a set: these are gone, else present */
	struct text set; /* for ldap_message_uuid */
};

/* Read one; false: not such a value, out is then not to be used. */
bool ldap_message_state(struct text value, struct ldap_sync_state *out);
bool ldap_message_done(struct text value, struct ldap_sync_done *out);
bool ldap_message_info(struct text value, struct ldap_sync_info *out);

/* The next UUID (16 bytes) of an info's set, cut off it; NULL at the end. */
const unsigned char *ldap_message_uuid(struct text *set);

#endif
