/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_ldif.h - an export of a directory (LDIF) as a source of policy, as
 * the guard would follow the directory itself.
 */
#ifndef SOURCE_POLICY_LDIF_H
#define SOURCE_POLICY_LDIF_H

#include "conf/ldap_map.h"
#include "policy/policy.h"

/*
 * Add what the entries of the file at path say; each entry of the policy names
 * the DN it comes from.  Mistakes are told in c: those of the file with their
 * line, those of an entry with its DN.  With mention, notes tell of the entries
 * and keys that the map knows and nothing comes of, too.
 */
void policy_ldif_add(const char *path, const struct ldap_map *map,
    bool mention, struct policy_builder *b, struct complaints *c);

/* The same for a text; name is what the file is called. */
void policy_ldif_add_text(struct text content, const char *name,
    const struct ldap_map *map, bool mention, struct policy_builder *b,
    struct complaints *c);

#endif
