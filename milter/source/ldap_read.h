/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_read.h - an entry out of a message, without copying its bytes. */
#ifndef SOURCE_LDAP_READ_H
#define SOURCE_LDAP_READ_H

#include "conf/ldap_entry.h"

struct ldap;
struct ldapmsg;

/* Keeps its memory from one entry to the next; starts as { 0 }. */
struct ldap_reader {
	struct ldap_attribute *attribute;
	size_t attributes, attributes_cap;
	struct text *value;
	size_t values, values_cap;
};

/*
 * Read the entry of a message; out is good until the next call and as long as
 * the message.  0, or a code of LDAP: out of memory, or no entry.
 */
int ldap_read_entry(struct ldap_reader *r, struct ldap *ld,
    struct ldapmsg *message, struct ldap_entry *out);

void ldap_reader_free(struct ldap_reader *r);

#endif
