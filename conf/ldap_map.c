/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/ldap_map.h"

#include <stdlib.h>

#include "conf/ldap_filter.h"
#include "conf/ldap_policy.h"
#include "conf/ldap_sendmail.h"
#include "conf/lines.h"

enum kind { RELAYGUARD, ASSOCIATED, MAIL_LOCAL, CUSTOM, SENDMAIL };

static const struct {
	const char *name;
	const char *domain_attribute, *client_attribute;
	enum ldap_part part;
} kinds[] = {
	[RELAYGUARD] = { "relayguard", "rgDomain", "rgNetwork", LDAP_WHOLE },
	[ASSOCIATED] = { "associatedDomain", "associatedDomain", "",
	    LDAP_WHOLE },
	[MAIL_LOCAL] = { "mailLocalAddress", "mailLocalAddress", "",
	    LDAP_BEHIND_AT },
	[CUSTOM] = { "custom", "", "", LDAP_EITHER },
	[SENDMAIL] = { "sendmail", "", "", LDAP_WHOLE },
};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* What is asked for besides, in all maps but sendmail's. */
static const char *const common[] = { "objectClass", "rgExpires", "rgAction",
	"rgEnabled", "rgServer", "description", "owner" };
#define COMMON (sizeof common / sizeof common[0])

static const char *const sendmail_attributes[] = { "objectClass",
	"sendmailMTACluster", "sendmailMTAHost", "sendmailMTAClassName",
	"sendmailMTAClassValue", "sendmailMTAClassSearch",
	"sendmailMTAClassURL", "sendmailMTAMapName", "sendmailMTAKey",
	"sendmailMTAMapValue", "sendmailMTAMapSearch", "sendmailMTAMapURL",
	NULL };

struct ldap_map {
	enum kind kind;
	char *filter;
	char *domain_attribute, *client_attribute, *cluster, *host;
	const char *attributes[COMMON + 3];
};

#define WRONG(c, ...)                                                        \
	complaint_add(c, COMPLAINT_ERROR, "ldap_map", 0, __VA_ARGS__)

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

/* The map of this name; false with c told. */
static bool
find_kind(struct text name, enum kind *kind, struct complaints *c)
{
	const char *names[KINDS + 1] = { NULL };
	char hint[WORD_HINT_MAX];
	size_t i;

	for (i = 0; i < KINDS; i++) {
		*kind = (enum kind)i;
		names[i] = kinds[i].name;
		if (text_same(name, text_of(names[i])))
			return true;
	}
	WRONG(c, "%.*s: no such map%s; there are relayguard, sendmail, "
	    "associatedDomain, mailLocalAddress and custom", TEXT_ARG(name),
	    word_hint(name, names, hint));
	return false;
}

/* Why options do not go together, or NULL. */
static const char *
objection(const struct ldap_map_options *o, enum kind kind)
{
	struct text filter = text_of(o->filter);
	struct text domain = text_of(o->domain_attribute);
	struct text client = text_of(o->client_attribute);

	if (filter.n > 0 && !ldap_filter_is_whole(filter))
		return "the filter is not one filter in parentheses, like "
		    "(objectClass=mailDomain)";
	if (kind != CUSTOM && domain.n + client.n > 0)
		return "attributes of your choice belong to the map custom";
	if (kind == CUSTOM && domain.n + client.n == 0)
		return "custom needs the name of an attribute with domains, "
		    "of one with client addresses, or both";
	if ((domain.n > 0 && !ldap_attribute_name(domain)) ||
	    (client.n > 0 && !ldap_attribute_name(client)))
		return "not the name of an attribute: it has letters, digits "
		    "and hyphens";
	if (kind == SENDMAIL && text_of(o->cluster).n + text_of(o->host).n == 0)
		return "sendmail needs the cluster's name or this host's: "
		    "entries are for one or the other";
	return NULL;
}

/* "(name=*)", when there is a name. */
static bool
add_presence(struct ldap_lines *l, const char *name)
{
	return name[0] == '\0' || (ldap_lines_add(l, TEXT("(")) &&
	    ldap_lines_add(l, text_of(name)) && ldap_lines_add(l, TEXT("=*)")));
}

/* The map's own filter: what has one of its attributes. */
static bool
own_filter(const struct ldap_map *m, struct ldap_lines *l)
{
	struct ldap_sendmail_owner us = { text_of(m->cluster),
		text_of(m->host) };

	if (m->kind == SENDMAIL)
		return ldap_sendmail_filter(us, l);
	if (m->kind == RELAYGUARD) /* every server has an index for classes */
		return ldap_lines_add(l, TEXT("(|(objectClass=rgRelayDomain)"
		    "(objectClass=rgClientNetwork)"
		    "(objectClass=rgRoamingClient)(objectClass=rgPolicyAux))"));
	return ldap_lines_add(l, TEXT("(|")) &&
	    add_presence(l, m->domain_attribute) &&
	    add_presence(l, m->client_attribute) &&
	    ldap_lines_add(l, TEXT(")"));
}

/* Fill in m->filter. */
static bool
set_filter(struct ldap_map *m, const char *given)
{
	struct ldap_lines l = { 0 };
	bool good = given[0] != '\0' ? ldap_lines_add(&l, text_of(given)) :
	    own_filter(m, &l);

	if (good && ldap_lines_add(&l, (struct text){ "", 1 })) {
		m->filter = l.at;
		return true;
	}
	ldap_lines_free(&l);
	return false;
}

static void
set_attributes(struct ldap_map *m)
{
	size_t n = COMMON;

	memcpy(m->attributes, common, sizeof common);
	if (m->domain_attribute[0] != '\0')
		m->attributes[n++] = m->domain_attribute;
	if (m->client_attribute[0] != '\0')
		m->attributes[n++] = m->client_attribute;
	m->attributes[n] = NULL;
}

/* Copy the options; false when out of memory. */
static bool
copy_options(struct ldap_map *m, const struct ldap_map_options *o)
{
	bool custom = m->kind == CUSTOM;

	m->domain_attribute = strdup(custom ? or_empty(o->domain_attribute) :
	    kinds[m->kind].domain_attribute);
	m->client_attribute = strdup(custom ? or_empty(o->client_attribute) :
	    kinds[m->kind].client_attribute);
	m->cluster = strdup(or_empty(o->cluster));
	m->host = strdup(or_empty(o->host));
	return m->domain_attribute != NULL && m->client_attribute != NULL &&
	    m->cluster != NULL && m->host != NULL;
}

struct ldap_map *
ldap_map_new(const struct ldap_map_options *o, struct complaints *c)
{
	const char *why;
	struct ldap_map *m;
	enum kind kind;

	if (!find_kind(text_of(o->name), &kind, c))
		return NULL;
	why = objection(o, kind);
	if (why != NULL) {
		WRONG(c, "%s", why);
		return NULL;
	}
	m = calloc(1, sizeof *m);
	if (m != NULL) {
		m->kind = kind;
		if (copy_options(m, o) && set_filter(m, or_empty(o->filter))) {
			set_attributes(m);
			return m;
		}
	}
	ldap_map_free(m);
	WRONG(c, "out of memory");
	return NULL;
}

void
ldap_map_free(struct ldap_map *m)
{
	if (m == NULL)
		return;
	free(m->filter);
	free(m->domain_attribute);
	free(m->client_attribute);
	free(m->cluster);
	free(m->host);
	free(m);
}

const char *
ldap_map_filter(const struct ldap_map *m)
{
	return m->filter;
}

const char *const *
ldap_map_attributes(const struct ldap_map *m)
{
	return m->kind == SENDMAIL ? sendmail_attributes : m->attributes;
}

bool
ldap_map_exists(struct text name)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (text_same(name, text_of(kinds[i].name)))
			return true;
	return false;
}

bool
ldap_map_is_sendmail(const struct ldap_map *m)
{
	return m->kind == SENDMAIL;
}

bool
ldap_map_lines(const struct ldap_map *m, const struct ldap_entry *e,
    struct ldap_lines *out, struct complaints *c)
{
	struct text cluster = text_of(m->cluster), host = text_of(m->host);
	struct ldap_policy_rule rule = { m->domain_attribute,
		m->client_attribute, kinds[m->kind].part, cluster, host };

	if (m->kind == SENDMAIL)
		return ldap_sendmail_lines(e, (struct ldap_sendmail_owner){
		    cluster, host }, out, c);
	return ldap_policy_lines(&rule, e, out, c);
}
