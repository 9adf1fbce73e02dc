/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_password.h - the password to log in to the directory, from its file. */
#ifndef SOURCE_LDAP_PASSWORD_H
#define SOURCE_LDAP_PASSWORD_H

#include <stddef.h>

#include "milter/source/ldap_trouble.h"

/* Longest password, in bytes. */
#define LDAP_PASSWORD_MAX 1024

/*
 * Read the file at path, without the line's end, into out[LDAP_PASSWORD_MAX];
 * its length is returned, the caller wipes it.  0 with why said: it cannot be
 * read, others than owner and group may read it, or it holds no password or
 * more than that.
 */
size_t ldap_password_read(const char *path, char *out,
    struct ldap_trouble *why);

#endif
