/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_certificate.h - why a server's certificate was not taken.  libldap on
 * GnuTLS says "(unknown error code)" for all but a wrong name.
 */
#ifndef SOURCE_LDAP_CERTIFICATE_H
#define SOURCE_LDAP_CERTIFICATE_H

#include <time.h>

#include "milter/source/ldap_trouble.h"
#include "policy/text.h"

/*
 * From when (included) to when a certificate in DER (RFC 5280 4.1) is valid;
 * false when it is none.
 */
bool ldap_certificate_times(struct text der, time_t *from, time_t *until);

/* Say in t why this certificate was refused; t's code stays. */
void ldap_certificate_explain(struct text der, const char *uri,
    const char *ca_file, struct ldap_trouble *t);

#endif
