/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_import.h - `relayguard policy import`: sendmail's files and exports of
 * a directory as a file of relay.policy(5), or as LDIF for a directory.
 */
#ifndef SOURCE_POLICY_IMPORT_H
#define SOURCE_POLICY_IMPORT_H

#include <stdio.h>

#include "conf/ldap_map.h"

/* Each a path, or NULL. */
struct policy_sources {
	const char *local_host_names;
	const char *relay_domains;
	const char *access;
	const char *cf; /* a sendmail.cf: classes w and R */
	const char *ldif; /* an export of a directory, to be read by map */
	const struct ldap_map *map;
};

/*
 * Write the policy to to, and what of the sources is not in it to standard
 * error and to its end.  base NULL: as relay.policy(5), else as entries of
 * relayguard.schema below this DN.  Returns an exit status: 0 all is in it, 1
 * some is not, EX_CONFIG a source cannot be used (nothing is written then).
 */
int policy_import(const struct policy_sources *sources, const char *base,
    FILE *to);

#endif
