/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_cookie.h - how far we have followed a directory, RFC 4533 2.1.
 *
 * The cookie belongs to the server, but OpenLDAP's must be looked into: it
 * holds one change number (CSN) for each server of a multi-provider set, yet
 * what arrives with a change has only the number of that change.  A consumer
 * that keeps the last one alone is sent everything again at the next provider.
 *
 *	rid=000,sid=001,csn=20261124103000.000000Z#000000#001#000000;...
 */
#ifndef SOURCE_LDAP_COOKIE_H
#define SOURCE_LDAP_COOKIE_H

#include "policy/text.h"

/* Bytes of a cookie; room for 96 servers. */
#define LDAP_COOKIE_MAX 4000

struct ldap_cookie {
	char at[LDAP_COOKIE_MAX + 1]; /* NUL-terminated, and may hold NULs */
	size_t n;                     /* 0: there is none */
};

/*
 * Take over what a server told: for each server id the newest change number.
 * rid and sid are dropped: a provider that reads its own sid there does not
 * send the changes made at it.  A cookie of another form, of another server's
 * make, replaces the old one as a whole.  An empty one says nothing.  One that
 * does not fit leaves none: then the next refresh is a full one.
 */
void ldap_cookie_merge(struct ldap_cookie *have, struct text told);

static inline struct text
ldap_cookie_text(const struct ldap_cookie *c)
{
	return (struct text){ c->at, c->n };
}

#endif
