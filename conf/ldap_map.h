/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_map.h - how the entries of a directory become policy: which ones to ask
 * for, and the lines that each of them makes.  Without any connection: entries
 * in, lines and complaints out.
 *
 *	relayguard        rgDomain, rgNetwork (relayguard.schema)
 *	associatedDomain  domainRelatedObject, dNSDomain
 *	mailLocalAddress  inetLocalMailRecipient: what stands behind the @
 *	custom            attributes of your choice; of addresses the domain
 *	sendmail          sendmail's own schema, see ldap_sendmail.h
 *
 * In all but the last, rgExpires, rgAction, rgEnabled and rgServer of an entry
 * hold (class rgPolicyAux), and description and owner become the note.
 */
#ifndef CONF_LDAP_MAP_H
#define CONF_LDAP_MAP_H

#include "conf/complaint.h"
#include "conf/ldap_entry.h"
#include "conf/ldap_lines.h"

struct ldap_map;

/* NULL is the same as "". */
struct ldap_map_options {
	const char *name;             /* of the list above */
	const char *filter;           /* "": the map's own */
	const char *domain_attribute; /* custom only; "": none */
	const char *client_attribute;
	const char *cluster, *host;   /* our names: rgServer, sendmail */
};

/*
 * All text is copied.  NULL with an error in c when the options do not go
 * together, or when out of memory.
 */
struct ldap_map *ldap_map_new(const struct ldap_map_options *o,
    struct complaints *c);
void ldap_map_free(struct ldap_map *m);

/* The search filter (RFC 4515). */
const char *ldap_map_filter(const struct ldap_map *m);

/* The attributes to ask the server for, NULL-terminated. */
const char *const *ldap_map_attributes(const struct ldap_map *m);

/* Is there a map of this name? */
bool ldap_map_exists(struct text name);

bool ldap_map_is_sendmail(const struct ldap_map *m);

/*
 * Append the lines this entry makes to out, each ended by LF: of
 * relay.policy(5), relay, client and forwarder, with deny, until= and note=, or
 * those of ldap_sendmail.h.
 *
 * Mistakes are errors in c with the DN as file and line 0, naming attribute
 * and value; such a value makes no line.  A wrong rgExpires, rgEnabled or
 * rgServer, an rgRoamingClient without rgExpires, or a wrong rgAction makes
 * the whole entry void; but one whose rgAction is REJECT goes on denying,
 * without end.  rgAction LOG makes no line and a note.  False: out of memory.
 */
bool ldap_map_lines(const struct ldap_map *m, const struct ldap_entry *e,
    struct ldap_lines *out, struct complaints *c);

#endif
