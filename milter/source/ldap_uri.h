/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_uri.h - what the URI of a server tells of the way to it. */
#ifndef SOURCE_LDAP_URI_H
#define SOURCE_LDAP_URI_H

#include "milter/source/ldap_settings.h"

/* ldaps://, TLS from the first byte on? */
bool ldap_uri_is_secure(const char *uri);

/* ldapi://, a socket of this machine? */
bool ldap_uri_is_socket(const char *uri);

/* Would a password go over the network to this server for all to read? */
bool ldap_uri_is_clear(const struct ldap_settings *s, const char *uri);
#define LDAP_CLEAR_WORDS "the password goes over the network as it is, for " \
	"others to read: use ldaps:// or ldap_starttls"

#endif
