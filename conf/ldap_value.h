/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_value.h - what all maps of a directory share: attributes by name, what
 * is wrong with a value, and complaints that name the entry.
 */
#ifndef CONF_LDAP_VALUE_H
#define CONF_LDAP_VALUE_H

#include <stdint.h>

#include "conf/complaint.h"
#include "conf/ldap_entry.h"

/* Longest value that is used, in bytes. */
#define LDAP_VALUE_MAX 1024

/* The name without options: "description" of "description;lang-de". */
struct text ldap_base_name(struct text name);

/* Walks through all values of an attribute. */
struct ldap_walk {
	const struct ldap_entry *entry;
	struct text name;
	size_t attribute, next; /* where to look on */
	bool options;           /* the value handed out has options */
};

struct ldap_walk ldap_walk_of(const struct ldap_entry *e, const char *name);

/* The next value, wherever in the entry it stands; false at the end. */
bool ldap_walk_next(struct ldap_walk *w, struct text *value);

/*
 * Equal as caseIgnoreMatch has it (RFC 4518 2.6.1), but for letters beyond
 * ASCII: case, blanks at the ends and how many stand inside do not matter.
 */
bool ldap_value_same(struct text a, struct text b);

/* Has the attribute, with or without options, this value? */
bool ldap_has(const struct ldap_entry *e, const char *name, struct text value);

/*
 * Why nothing is made of the value, in words, or NULL: it is empty, too long,
 * has control characters or is not UTF-8.
 */
const char *ldap_value_fault(struct text value);

/*
 * Read a GeneralizedTime (RFC 4517 3.3.13), from minute and second left out to
 * fractions and offsets, into Unix time; a fraction of a second is cut off.
 * False when it is none, or not after 1970-01-01T00:00:00Z.
 */
bool ldap_time(struct text value, int64_t *out);

/* Say something of the entry: its DN stands for the file, without a line. */
__attribute__((format(printf, 4, 5))) void ldap_complain(
    const struct ldap_entry *e, struct complaints *c,
    enum complaint_level level, const char *format, ...);

/* Did a parser that said this go on without something, for want of memory? */
bool ldap_lacked_memory(const struct complaints *said);

/* What a parser said of a value, as an error about its attribute. */
void ldap_complain_of(const struct ldap_entry *e, struct complaints *c,
    const char *name, const struct complaint *said);

#endif
