/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_clock.h - writes GeneralizedTime (RFC 4517 3.3.13): 20261231235959Z. */
#ifndef SOURCE_LDAP_CLOCK_H
#define SOURCE_LDAP_CLOCK_H

#include <time.h>

/* Bytes of such a text, with the NUL. */
#define LDAP_CLOCK_MAX 32

/* Into out[LDAP_CLOCK_MAX], in UTC; gives out.  conf/ldap_value.h reads it. */
const char *ldap_clock_print(time_t when, char *out);

#endif
