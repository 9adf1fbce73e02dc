/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_import.h - `relayguard policy import`: sendmail's files as a file of
 * relay.policy(5).
 */
#ifndef SOURCE_POLICY_IMPORT_H
#define SOURCE_POLICY_IMPORT_H

#include <stdio.h>

/* Each a path, or NULL. */
struct policy_sources {
	const char *local_host_names;
	const char *relay_domains;
	const char *access;
	const char *cf; /* a sendmail.cf: classes w and R */
};

/*
 * Write the policy to to, and what of the sources is not in it to standard
 * error and to its end.  Returns an exit status: 0 all is in it, 1 some is
 * not, EX_CONFIG a source cannot be used (nothing is written then).
 */
int policy_import(const struct policy_sources *sources, FILE *to);

#endif
