/* SPDX-License-Identifier: BSD-2-Clause */
/* conf_ldap.h - do the options ldap_... go together? */
#ifndef CONF_CONF_LDAP_H
#define CONF_CONF_LDAP_H

#include "conf/conf.h"

/*
 * An error in c, naming the option, for each that lacks another or does not go
 * with it; none at all without ldap_uri.  file: where the options stand.
 */
void conf_ldap_check(const struct conf_ldap *l, const char *file,
    struct complaints *c);

#endif
