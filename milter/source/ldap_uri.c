/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_uri.h"

#include <string.h>
#include <strings.h>

#include "milter/source/ldap_trouble.h"

bool
ldap_uri_is_secure(const char *uri)
{
	return strncasecmp(uri, "ldaps:", 6) == 0;
}

bool
ldap_uri_is_socket(const char *uri)
{
	return strncasecmp(uri, "ldapi:", 6) == 0;
}

static bool
is_loopback(const char *uri)
{
	static const char *const hosts[] = { "127.", "[::1]", "localhost" };
	const char *host = strstr(uri, "://");
	size_t i;

	for (i = 0; host != NULL && i < sizeof hosts / sizeof *hosts; i++)
		if (strncasecmp(host + 3, hosts[i], strlen(hosts[i])) == 0)
			return true;
	return false;
}

bool
ldap_uri_is_clear(const struct ldap_settings *s, const char *uri)
{
	return ldap_is_set(s->bind_dn) && !s->starttls &&
	    !ldap_uri_is_secure(uri) && !ldap_uri_is_socket(uri) &&
	    !is_loopback(uri);
}
