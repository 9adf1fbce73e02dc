/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldif.h - the text form of a directory (RFC 2849): reads the entries that
 * slapcat or `ldapsearch -LLL` wrote, writes entries of relayguard.schema.
 *
 * Only entries: a file of changes (changetype:) is refused, and so are values
 * to be fetched from elsewhere (:<).  Beyond the RFC, text may hold UTF-8 as
 * it is, which ldapadd takes too.
 */
#ifndef CONF_LDIF_H
#define CONF_LDIF_H

#include "conf/complaint.h"
#include "conf/ldap_entry.h"
#include "conf/ldap_lines.h"
#include "policy/policy.h"

/*
 * Takes an entry, which is valid for the call; line is where it begins.
 * False ends the reading.
 */
typedef bool ldif_take(void *with, const struct ldap_entry *e, unsigned line);

/*
 * Hand every entry of content to take, in order; values of one attribute stand
 * together, whatever lines are between them.  Every mistake is an error in c,
 * and its entry is left out.  False when take said so, or out of memory (told
 * in c).
 */
bool ldif_read(struct text content, const char *file, ldif_take *take,
    void *with, struct complaints *c);

/* Append "name: value" or, where that cannot be, "name:: base64". */
bool ldif_add(struct ldap_lines *out, const char *name, struct text value);

/*
 * Append one entry of a policy as an entry of the directory below base (a DN),
 * ended by an empty line: class rgRelayDomain or rgClientNetwork, named by its
 * domain or network.  *why becomes NULL, or why this cannot be said in the
 * schema; then nothing is appended.  False: out of memory.
 */
bool ldif_policy(struct ldap_lines *out, const struct policy_entry *e,
    const char *base, const char **why);

#endif
