/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_sendmail.h - sendmail's own data in a directory: classes R and w
 * (sendmailMTAClass) and the access map (sendmailMTAMapObject), resolved as
 * sendmail 8.17 does with RELAY_DOMAIN_FILE(`@LDAP') and
 * FEATURE(`access_db',`LDAP').
 *
 * An entry counts when its sendmailMTACluster is our cluster or its
 * sendmailMTAHost is our host; with neither it is for nobody.  What such
 * entries say of a class adds up.  A key of the access map counts only when a
 * single entry has it (the map's -1): where one for the cluster and one for
 * the host answer, sendmail finds nothing, and goes on with shorter keys.
 *
 * The lines of one entry, in between, are
 *	class R VALUE
 *	class w VALUE
 *	access KEY<TAB>VALUE
 */
#ifndef CONF_LDAP_SENDMAIL_H
#define CONF_LDAP_SENDMAIL_H

#include <stdint.h>

#include "conf/complaint.h"
#include "conf/ldap_entry.h"
#include "conf/ldap_lines.h"
#include "policy/policy.h"

/* Whose data is ours: ${sendmailMTACluster} and $j; "" when there is none. */
struct ldap_sendmail_owner {
	struct text cluster, host;
};

/*
 * The filter that asks for all of it, appended to out without a NUL; false
 * when out of memory.
 */
bool ldap_sendmail_filter(struct ldap_sendmail_owner us,
    struct ldap_lines *out);

/*
 * Append the lines that this entry makes: none when it is not for us.  What
 * opens the relay (a top-level domain, a whole address family) and values and
 * keys that cannot be used are errors in c.  Of the access map such a value, or
 * one that sendmailMTAMapSearch or -URL would tell (a note: not followed),
 * makes a line all the same that grants nothing, so that no shorter key grants
 * what this one may forbid.  False: out of memory.
 */
bool ldap_sendmail_lines(const struct ldap_entry *e,
    struct ldap_sendmail_owner us, struct ldap_lines *out,
    struct complaints *c);

/* What one entry made; number, not 0, is how the caller knows it. */
struct ldap_sendmail_record {
	uint32_t number;
	struct text dn;
	struct text lines;
};

/* Two sources of the builder (policy_source, policy_directory). */
struct ldap_sendmail_sources {
	unsigned classes, access;
};

/*
 * Add what all entries together say to b, as sendmail's files with the same
 * content would, and keep the access map with it.  The line of each entry of
 * the policy is the number of the record it comes from; in c the DN stands for
 * the file, without a line.  A key that several records have becomes a note
 * for each of them; there are no errors but in memory and other limits: then
 * the result is false.
 */
bool ldap_sendmail_add(const struct ldap_sendmail_record *record, size_t n,
    struct ldap_sendmail_sources to, struct policy_builder *b,
    struct complaints *c);

#endif
