/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_entry.h - one entry of a directory, as an LDAP server or an LDIF file
 * gave it: a name and attributes with their values, bytes as they came.
 */
#ifndef CONF_LDAP_ENTRY_H
#define CONF_LDAP_ENTRY_H

#include "policy/text.h"

struct ldap_attribute {
	struct text name; /* with its options, if any: "description;lang-de" */
	const struct text *value;
	size_t n;
};

/* Everything is borrowed for the call it is handed to. */
struct ldap_entry {
	struct text dn;
	const struct ldap_attribute *attribute;
	size_t n;
};

#endif
