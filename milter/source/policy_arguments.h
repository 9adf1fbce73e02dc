/* SPDX-License-Identifier: BSD-2-Clause */
/* policy_arguments.h - what stands behind `relayguard policy VERB`. */
#ifndef SOURCE_POLICY_ARGUMENTS_H
#define SOURCE_POLICY_ARGUMENTS_H

#include "milter/source/policy_import.h"

enum policy_verb { POLICY_SHOW, POLICY_DIFF, POLICY_IMPORT, POLICY_CONFIRM };

/* All text is of argv; NULL or false: not given. */
struct policy_arguments {
	const char *conf, *with;
	bool json, ask; /* --json, --ldap */
	struct policy_sources sources;
	const char *base; /* --to-ldif */
	struct ldap_map_options ldap; /* name is never NULL */
};

/*
 * Read the options of a verb; operands follow from optind on.  POLICY_GO_ON,
 * or an exit status with everything said.
 */
#define POLICY_GO_ON (-1)
int policy_arguments_read(int argc, char **argv, enum policy_verb verb,
    struct policy_arguments *a);

/* Print how to call it, EX_OK; or why that was wrong, EX_USAGE. */
int policy_help(void);
int policy_usage(const char *why);

#endif
