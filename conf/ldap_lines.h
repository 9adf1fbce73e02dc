/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_lines.h - lines of text that grow, made from entries of a directory. */
#ifndef CONF_LDAP_LINES_H
#define CONF_LDAP_LINES_H

#include "policy/text.h"

/* Empty: struct ldap_lines l = { 0 }. */
struct ldap_lines {
	char *at; /* n bytes, no NUL behind */
	size_t n, cap;
};

/* Append bytes; false when out of memory, then nothing has changed. */
bool ldap_lines_add(struct ldap_lines *l, struct text s);

/* Release and make empty. */
void ldap_lines_free(struct ldap_lines *l);

#endif
