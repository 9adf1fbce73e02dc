/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_sink.h - who hears what the directory tells: the readers of the
 * directory (ldap_sync, ldap_poll) call, the store of its entries listens.
 */
#ifndef SOURCE_LDAP_SINK_H
#define SOURCE_LDAP_SINK_H

#include "conf/ldap_entry.h"

#define LDAP_UUID_BYTES 16

/* What the directory tells, in order, from one thread. */
struct ldap_sink {
	void *with;
	/*
	 * A refresh begins.  fresh: no cookie was sent, so all that is not
	 * told is gone at the end.
	 */
	bool (*begin)(void *with, bool fresh);
	/*
	 * Added or changed; uuid is LDAP_UUID_BYTES.  false: out of memory,
	 * the refresh must be given up.
	 */
	bool (*entry)(void *with, const unsigned char *uuid,
	    const struct ldap_entry *e);
	/* Unchanged and still there (in a refresh only). */
	void (*present)(void *with, const unsigned char *uuid);
	void (*gone)(void *with, const unsigned char *uuid);
	/*
	 * The refresh is complete.  mentioned_only: entries not mentioned in
	 * it are gone.  false: out of memory, as above.
	 */
	bool (*refreshed)(void *with, bool mentioned_only);
	/* The refresh ended before that: drop what was built aside. */
	void (*abandoned)(void *with);
	/*
	 * Everything that had arrived has been handed over: put it in force.
	 * Called after each batch of live changes, and right after refreshed.
	 */
	void (*flush)(void *with);
	/*
	 * The cookie that stands for all that has been put in force so far,
	 * empty when there is none.  Comes after flush.
	 */
	void (*cookie)(void *with, struct text cookie);
};

#endif
