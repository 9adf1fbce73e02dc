/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_snapshot.h - makes policies of what a directory has told: a base with
 * everything, and on top of it the few values that have changed since, so that
 * one change among a hundred thousand entries is in force in well under a
 * millisecond.
 */
#ifndef SOURCE_LDAP_SNAPSHOT_H
#define SOURCE_LDAP_SNAPSHOT_H

#include "conf/complaint.h"
#include "milter/source/ldap_told.h"
#include "policy/policy.h"

struct ldap_snapshot;

/*
 * name: of the source, the base DN; seed: of the policies it is to be joined
 * with; sendmail: the lines are those of ldap_sendmail.h.  NULL: no memory.
 */
struct ldap_snapshot *ldap_snapshot_new(const char *name, uint64_t seed,
    bool sendmail);
void ldap_snapshot_free(struct ldap_snapshot *s);

/* Start anew from all that has been told; false with c told why not. */
bool ldap_snapshot_all(struct ldap_snapshot *s, const struct told *t,
    struct complaints *c);

/*
 * An entry of the base has changed from the one record to the other (0: there
 * was none, there is none any more).  False: too much has changed, or it cannot
 * be done like this: ldap_snapshot_all is due.
 */
bool ldap_snapshot_change(struct ldap_snapshot *s, struct records *r,
    uint32_t from, uint32_t to);

/*
 * What it all makes, to be freed; NULL with c told.  *touched, to be freed too,
 * has the values of all lines that have come or gone since it was asked last;
 * NULL: those may be any.
 */
struct policy *ldap_snapshot_policy(struct ldap_snapshot *s,
    struct policy **touched, struct complaints *c);

#endif
