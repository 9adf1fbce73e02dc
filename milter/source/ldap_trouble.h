/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_trouble.h - what went wrong with the directory, in words for a
 * postmaster who has never run one.
 */
#ifndef SOURCE_LDAP_TROUBLE_H
#define SOURCE_LDAP_TROUBLE_H

#include <stddef.h>

#include "milter/source/ldap_settings.h"

#define LDAP_TROUBLE_MAX 512

struct ldap_trouble {
	int code; /* of LDAP (RFC 4511 appendix A) or libldap; 0: none */
	char text[LDAP_TROUBLE_MAX];
};

/* What we were about. */
enum ldap_step {
	LDAP_STEP_CONNECT,
	LDAP_STEP_STARTTLS,
	LDAP_STEP_BIND,
	LDAP_STEP_SEARCH
};

/* A trouble of our own; code is not 0. */
__attribute__((format(printf, 3, 4))) void ldap_trouble_say(
    struct ldap_trouble *t, int code, const char *format, ...);

/*
 * The trouble with this result code; said: what the server added, "" or NULL
 * for nothing.  The text begins with the URI.
 */
void ldap_trouble_explain(struct ldap_trouble *t, int code,
    enum ldap_step step, const struct ldap_settings *s, const char *uri,
    const char *said);

/* Is there a value?  Options that are not given are NULL or "". */
static inline bool
ldap_is_set(const char *option)
{
	return option != NULL && option[0] != '\0';
}

#endif
