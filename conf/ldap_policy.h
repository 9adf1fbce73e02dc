/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_policy.h - one entry of a directory as lines of relay.policy(5); what
 * ldap_map.h promises for all maps but sendmail's.
 */
#ifndef CONF_LDAP_POLICY_H
#define CONF_LDAP_POLICY_H

#include "conf/complaint.h"
#include "conf/ldap_entry.h"
#include "conf/ldap_lines.h"

/* Which part of a value of the domain attribute is the domain. */
enum ldap_part {
	LDAP_WHOLE,
	LDAP_BEHIND_AT, /* it must be an address */
	LDAP_EITHER     /* behind the last @ when there is one */
};

struct ldap_policy_rule {
	const char *domain_attribute; /* "": none */
	const char *client_attribute;
	enum ldap_part part;
	struct text cluster, host;    /* ours, for rgServer */
};

/* False: out of memory. */
bool ldap_policy_lines(const struct ldap_policy_rule *rule,
    const struct ldap_entry *e, struct ldap_lines *out,
    struct complaints *c);

#endif
