/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_certificate.h - why a server's certificate was not taken.  libldap on
 * GnuTLS says "(unknown error code)" whatever is wrong with it.
 */
#ifndef SOURCE_LDAP_CERTIFICATE_H
#define SOURCE_LDAP_CERTIFICATE_H

#include <time.h>

#include "milter/source/ldap_trouble.h"
#include "policy/text.h"

struct ldap_certificate {
	time_t from, until; /* valid from (included) to when */
	struct text names;  /* GeneralNames it is for, in DER; empty: none */
};

/* Read a certificate in DER (RFC 5280 4.1); false when it is none. */
bool ldap_certificate_read(struct text der, struct ldap_certificate *out);

/* Is it for this host, a name or an address? */
bool ldap_certificate_is_for(const struct ldap_certificate *c,
    const char *host);

/*
 * Say in t why the certificate that host has shown was refused; t's code
 * stays.  ca_file: NULL if there is none.
 */
void ldap_certificate_explain(struct text der, const char *uri,
    const char *host, const char *ca_file, struct ldap_trouble *t);

#endif
