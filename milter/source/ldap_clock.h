/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_clock.h - Generalized Time (RFC 4517 3.3.13) in UTC: 20261231235959Z. */
#ifndef SOURCE_LDAP_CLOCK_H
#define SOURCE_LDAP_CLOCK_H

#include <time.h>

#include "policy/text.h"

/* Bytes of such a text, with the NUL. */
#define LDAP_CLOCK_MAX 32

/*
 * Read one with year to second; a fraction is left out.  False: another form,
 * or not in UTC.
 */
bool ldap_clock_parse(struct text t, time_t *out);

/* Into out[LDAP_CLOCK_MAX], without a fraction; gives out. */
const char *ldap_clock_print(time_t when, char *out);

#endif
