/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_follow.h - keeps up with a directory: connects, fails over, falls back
 * to polling, and tells a sink what there is and what changes, from a thread of
 * its own.  Whatever happens to the servers, what has been told stays told; a
 * refresh that does not reach its end is abandoned.
 */
#ifndef SOURCE_LDAP_FOLLOW_H
#define SOURCE_LDAP_FOLLOW_H

#include "milter/source/ldap_health.h"
#include "milter/source/ldap_once.h"
#include "milter/source/ldap_settings.h"
#include "milter/source/ldap_sink.h"

struct ldap_follower;

/* Start to follow; NULL: no memory or thread.  s and sink's with outlive it. */
struct ldap_follower *ldap_follow_start(const struct ldap_settings *s,
    const struct ldap_sink *sink);

/*
 * Have everything told again, from any thread: over the connection there is,
 * with what was told before in force until it is complete.
 */
void ldap_follow_refresh(struct ldap_follower *f);

/*
 * End it and free f; the sink is not called any more.  It takes no longer than
 * connecting may (timeout_seconds), whatever the server does.
 */
void ldap_follow_stop(struct ldap_follower *f);

/* How it stands, from any thread. */
void ldap_follow_health(struct ldap_follower *f, struct ldap_health *out);

#endif
