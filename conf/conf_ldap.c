/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/conf_ldap.h"

#include "conf/conf_option.h"
#include "policy/hash.h"

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

/* What is asked, whoever answers. */
static bool
is_search(struct text name)
{
	static const char *const names[] = { "ldap_base", "ldap_map",
		"ldap_filter", "ldap_domain_attribute",
		"ldap_client_attribute", "ldap_cluster", "ldap_host",
		"ldap_bind_dn" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_equal(name, text_of(names[i])))
			return true;
	return false;
}

static uint64_t
hash_option(uint64_t h, const struct conf *conf, const struct option *o)
{
	const char *at = (const char *)conf + o->at;
	const struct conf_list *list;
	unsigned i;

	h = hash_text(h, text_of(o->name));
	switch (o->kind) {
	case OPTION_TEXT:
		return hash_text(h, text_of(*(char *const *)(const void *)at));
	case OPTION_LIST:
		list = (const struct conf_list *)(const void *)at;
		for (i = 0; i < list->n; i++)
			h = hash_text(h, text_of(list->at[i]));
		return h;
	case OPTION_BOOL:
		return hash_text(h, (struct text){ at, sizeof(bool) });
	case OPTION_CHOICE:
	case OPTION_NUMBER:
		break;
	}
	return hash_text(h, (struct text){ at, sizeof(unsigned) });
}

uint64_t
conf_ldap_hash(const struct conf *conf, bool search)
{
	const struct option *o;
	uint64_t h = 0;

	for (o = option_table; o < option_table + OPTIONS; o++)
		if (search ? is_search(text_of(o->name)) :
		    text_begins(text_of(o->name), TEXT("ldap_")))
			h = hash_option(h, conf, o);
	return h;
}
