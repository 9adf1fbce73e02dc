/* SPDX-License-Identifier: BSD-2-Clause */
/* conf_ldap.h - the options ldap_... as a whole. */
#ifndef CONF_CONF_LDAP_H
#define CONF_CONF_LDAP_H

#include <stdint.h>

#include "conf/conf.h"

/*
 * An error in c, naming the option, for each that lacks another or does not go
 * with it; none at all without ldap_uri.  file: where the options stand.
 */
void conf_ldap_check(const struct conf_ldap *l, const char *file,
    struct complaints *c);

/*
 * A number for all options ldap_... of conf together, or for those alone that
 * say what is asked, of whatever server: with another number, another answer.
 */
uint64_t conf_ldap_hash(const struct conf *conf, bool search);

#endif
