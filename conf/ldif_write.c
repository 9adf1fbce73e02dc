/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "conf/ldif.h"
#include "conf/policy_write.h"

#define DAY_S (INT64_C(24) * 60 * 60)

/* May the value stand as it is (RFC 2849: SAFE-STRING)? */
static bool
is_safe(struct text s)
{
	size_t i;

	if (s.n > 0 && (strchr(" :<", s.at[0]) != NULL ||
	    s.at[s.n - 1] == ' '))
		return false;
	for (i = 0; i < s.n; i++)
		if (text_byte(s.at[i]) < 0x20 || text_byte(s.at[i]) > 0x7e)
			return false;
	return true;
}

static bool
add_base64(struct ldap_lines *out, struct text s)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char four[4];
	size_t i, j;
	unsigned bits;

	for (i = 0; i < s.n; i += 3) {
		bits = 0;
		for (j = 0; j < 3; j++)
			bits = bits << 8 |
			    (i + j < s.n ? text_byte(s.at[i + j]) : 0);
		for (j = 0; j < 4; j++)
			four[j] = i + j > s.n ? '=' :
			    letters[bits >> (18 - 6 * j) & 63];
		if (!ldap_lines_add(out, (struct text){ four, 4 }))
			return false;
	}
	return true;
}

bool
ldif_add(struct ldap_lines *out, const char *name, struct text value)
{
	if (!ldap_lines_add(out, text_of(name)))
		return false;
	if (is_safe(value))
		return ldap_lines_add(out, TEXT(": ")) &&
		    ldap_lines_add(out, value) &&
		    ldap_lines_add(out, TEXT("\n"));
	return ldap_lines_add(out, TEXT(":: ")) && add_base64(out, value) &&
	    ldap_lines_add(out, TEXT("\n"));
}

/* Why the schema cannot say it, or NULL. */
static const char *
objection(const struct policy_entry *e)
{
	size_t i;

	if (e->kind != POLICY_RELAY && !policy_is_network(e->kind))
		return "the directory has domains and clients only";
	if (e->kind == POLICY_FORWARDER && e->action == POLICY_DENY)
		return "the directory has nothing like deny forwarder";
	if (e->only.n > 0)
		return "the directory has nothing like only=";
	if (e->kind == POLICY_RELAY && e->span == SPAN_BOTH)
		return "a domain and all below it are two entries";
	for (i = 0; i < e->value.n; i++)
		if (text_byte(e->value.at[i]) > 0x7e)
			return "a name beyond ASCII; write it as xn--...";
	return NULL;
}

/*
 * "20311231235959Z" into out[POLICY_DATE_MAX]: the date without its
 * punctuation.  One that is the end of a day is the first second of the next,
 * which has the same date as its own end.  False: beyond the year 9999.
 */
static bool
time_text(int64_t until, char *out)
{
	char date[POLICY_DATE_MAX];
	size_t i, n = 0;

	if (until % DAY_S == 0)
		until += DAY_S;
	if (!policy_write_date(until, date))
		return false;
	for (i = 0; date[i] != '\0'; i++)
		if (strchr("-:T", date[i]) == NULL)
			out[n++] = date[i];
	snprintf(out + n, POLICY_DATE_MAX - n, "%s",
	    until % DAY_S == 0 ? "000000Z" : "");
	return true;
}

static bool
add_dn(struct ldap_lines *out, const char *name, const char *value,
    const char *base)
{
	struct ldap_lines dn = { 0 };
	bool good = ldap_lines_add(&dn, text_of(name)) &&
	    ldap_lines_add(&dn, TEXT("=")) &&
	    ldap_lines_add(&dn, text_of(value)) &&
	    ldap_lines_add(&dn, TEXT(",")) &&
	    ldap_lines_add(&dn, text_of(base)) &&
	    ldif_add(out, "dn", (struct text){ dn.at, dn.n });

	ldap_lines_free(&dn);
	return good;
}

static bool
add_entry(struct ldap_lines *out, const struct policy_entry *e,
    const char *base, const char *expires)
{
	bool relay = e->kind == POLICY_RELAY;
	bool forwarder = e->kind == POLICY_FORWARDER;
	const char *name = relay ? "rgDomain" : "rgNetwork";
	char value[POLICY_VALUE_MAX];
	bool good;

	policy_write_value(e, value);
	/* the network may be one of clients, too */
	good = add_dn(out, forwarder ? "rgAction=FORWARDER+rgNetwork" : name,
	    value, base) &&
	    ldif_add(out, "objectClass", relay ? TEXT("rgRelayDomain") :
	    TEXT("rgClientNetwork")) && ldif_add(out, name, text_of(value));
	if (good && e->action == POLICY_DENY)
		good = ldif_add(out, "rgAction", TEXT("REJECT"));
	if (good && forwarder)
		good = ldif_add(out, "rgAction", TEXT("FORWARDER"));
	if (good && e->until != 0)
		good = ldif_add(out, "rgExpires", text_of(expires));
	if (good && e->note.n > 0)
		good = ldif_add(out, "description", e->note);
	return good && ldap_lines_add(out, TEXT("\n"));
}

bool
ldif_policy(struct ldap_lines *out, const struct policy_entry *e,
    const char *base, const char **why)
{
	char expires[POLICY_DATE_MAX];
	size_t before = out->n;

	*why = objection(e);
	if (*why == NULL && e->until != 0 && !time_text(e->until, expires))
		*why = "a date beyond the year 9999";
	if (*why != NULL)
		return true;
	if (add_entry(out, e, base, expires))
		return true;
	out->n = before;
	return false;
}
