/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_once.h - asks a directory once, for commands. */
#ifndef SOURCE_LDAP_ONCE_H
#define SOURCE_LDAP_ONCE_H

#include <stddef.h>

#include "milter/source/ldap_settings.h"
#include "milter/source/ldap_sink.h"

/*
 * One refresh from the first server that lets us in; afterwards the sink has
 * been told that it is complete, or abandoned.  0: it is complete; why is ""
 * or what a postmaster should know (nothing was found, there is no content
 * sync).  Otherwise a code of LDAP, and why tells.
 */
int ldap_follow_once(const struct ldap_settings *s,
    const struct ldap_sink *sink, char *why, size_t size);

#endif
