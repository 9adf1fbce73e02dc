/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_filter.h - search filters as text (RFC 4515). */
#ifndef CONF_LDAP_FILTER_H
#define CONF_LDAP_FILTER_H

#include "conf/ldap_lines.h"

/* Append "(name=value)", the value escaped; false when out of memory. */
bool ldap_filter_equal(struct ldap_lines *out, const char *name,
    struct text value);

/*
 * Is this one filter with its parentheses in order?  A server may still find
 * it wrong.
 */
bool ldap_filter_is_whole(struct text filter);

/* Letters, digits, hyphens, or numbers with dots: can it name an attribute? */
bool ldap_attribute_name(struct text name);

#endif
