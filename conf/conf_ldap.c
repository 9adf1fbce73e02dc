/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/conf_ldap.h"

#include "policy/text.h"

static bool
any_uri(const struct conf_ldap *l, struct text scheme)
{
	unsigned i;

	for (i = 0; i < l->uri.n; i++)
		if (text_begins(text_of(l->uri.at[i]), scheme))
			return true;
	return false;
}

void
conf_ldap_check(const struct conf_ldap *l, const char *file,
    struct complaints *c)
{
	bool custom = l->map == CONF_MAP_CUSTOM;
	bool attributes = l->domain_attribute[0] != '\0' ||
	    l->client_attribute[0] != '\0';
	const struct {
		bool wrong;
		const char *text;
	} checks[] = {
		{ l->base[0] == '\0', "ldap_base: not given; ldap_uri needs "
		    "it" },
		{ l->bind_dn[0] != '\0' && l->password_file[0] == '\0',
		    "ldap_password_file: not given; ldap_bind_dn needs it" },
		{ l->bind_dn[0] == '\0' && l->password_file[0] != '\0',
		    "ldap_bind_dn: not given; ldap_password_file needs it" },
		{ l->starttls && (any_uri(l, TEXT("ldaps:")) ||
		    any_uri(l, TEXT("ldapi:"))),
		    "ldap_starttls: is for ldap:// only, not for ldaps:// or "
		    "ldapi://" },
		{ (l->cert_file[0] == '\0') != (l->key_file[0] == '\0'),
		    "ldap_cert_file and ldap_key_file: only together" },
		{ custom && !attributes, "ldap_map custom: needs "
		    "ldap_domain_attribute or ldap_client_attribute" },
		{ custom && l->filter[0] == '\0', "ldap_map custom: needs "
		    "ldap_filter" },
		{ !custom && attributes, "ldap_domain_attribute and "
		    "ldap_client_attribute: are for ldap_map custom" },
		{ l->map == CONF_MAP_SENDMAIL && l->filter[0] != '\0',
		    "ldap_filter: ldap_map sendmail has its own" },
	};
	size_t i;

	for (i = 0; l->uri.n > 0 && i < sizeof checks / sizeof checks[0]; i++)
		if (checks[i].wrong)
			complaint_add(c, COMPLAINT_ERROR, file, 0, "%s",
			    checks[i].text);
}
