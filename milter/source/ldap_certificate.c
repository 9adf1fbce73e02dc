/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_certificate.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>

#include "conf/ldap_value.h"
#include "milter/source/ber.h"
#include "milter/source/ldap_clock.h"

#define TAG_VERSION 0xa0
#define TAG_EXTENSIONS 0xa3
#define TAG_OID 0x06
#define TAG_UTC_TIME 0x17
#define TAG_TIME 0x18
/* of a GeneralName, RFC 5280 4.2.1.6 */
#define TAG_DNS_NAME 0x82
#define TAG_IP_ADDRESS 0x87

#define NAMES_MAX 200 /* bytes of a list of names for people */

/*
 * RFC 5280 4.1.2.5: years to 2049 have two digits, the others four.  0 for a
 * time that cannot be read, or is before 1970.
 */
static bool
take_time(struct text *rest, time_t *out)
{
	char full[32];
	struct text t;
	int tag = ber_next(rest, &t);
	int64_t seconds;

	if (tag != TAG_TIME && tag != TAG_UTC_TIME)
		return false;
	if (tag == TAG_UTC_TIME && t.n > 0) {
		snprintf(full, sizeof full, "%s%.*s", t.at[0] < '5' ? "20" :
		    "19", (int)(t.n < 20 ? t.n : 20), t.at);
		t = text_of(full);
	}
	*out = ldap_time(t, &seconds) ? (time_t)seconds : 0;
	return true;
}

/* The names in one extension, if it is the one for them. */
static bool
take_names(struct text extension, struct text *out)
{
	struct text oid, critical, value;

	if (!ber_take(&extension, TAG_OID, &oid) ||
	    !text_equal(oid, TEXT("\x55\x1d\x11"))) /* 2.5.29.17 */
		return false;
	ber_take(&extension, BER_BOOLEAN, &critical);
	return ber_take(&extension, BER_OCTETS, &value) &&
	    ber_take(&value, BER_SEQUENCE, out);
}

/* What stands behind the validity. */
static void
find_names(struct text in, struct text *out)
{
	struct text field, extensions, extension;
	int tag;

	while ((tag = ber_next(&in, &field)) >= 0 && tag != TAG_EXTENSIONS)
		continue;
	if (tag < 0 || !ber_take(&field, BER_SEQUENCE, &extensions))
		return;
	while (ber_take(&extensions, BER_SEQUENCE, &extension))
		if (take_names(extension, out))
			return;
}

bool
ldap_certificate_read(struct text der, struct ldap_certificate *out)
{
	struct text certificate, in, skipped, validity;

	out->names = (struct text){ NULL, 0 };
	if (!ber_take(&der, BER_SEQUENCE, &certificate) ||
	    !ber_take(&certificate, BER_SEQUENCE, &in))
		return false;
	ber_take(&in, TAG_VERSION, &skipped);
	if (!ber_take(&in, BER_INTEGER, &skipped) ||
	    !ber_take(&in, BER_SEQUENCE, &skipped) || /* algorithm */
	    !ber_take(&in, BER_SEQUENCE, &skipped) || /* issuer */
	    !ber_take(&in, BER_SEQUENCE, &validity) ||
	    !take_time(&validity, &out->from) ||
	    !take_time(&validity, &out->until))
		return false;
	find_names(in, &out->names);
	return true;
}

/* The next name as people write it, in out; false at the end. */
static bool
next_name(struct text *names, char *out, size_t size)
{
	struct text name;
	int tag;

	while ((tag = ber_next(names, &name)) >= 0) {
		if (tag == TAG_DNS_NAME && name.n < size) {
			memcpy(out, name.at, name.n);
			out[name.n] = '\0';
			return true;
		}
		if (tag == TAG_IP_ADDRESS && (name.n == 4 || name.n == 16) &&
		    inet_ntop(name.n == 4 ? AF_INET : AF_INET6, name.at, out,
		    (socklen_t)size) != NULL)
			return true;
	}
	return false;
}

/* RFC 6125 6.4.3: "*" stands for the leftmost label */
static bool
matches(struct text name, struct text host)
{
	size_t dot = text_find(host, '.');

	if (text_same(name, host))
		return true;
	return text_begins(name, TEXT("*.")) && dot > 0 && dot < host.n &&
	    text_same(text_cut(name, 1, name.n), text_cut(host, dot, host.n));
}

bool
ldap_certificate_is_for(const struct ldap_certificate *c, const char *host)
{
	struct text names = c->names;
	char name[256];

	while (next_name(&names, name, sizeof name))
		if (matches(text_of(name), text_of(host)))
			return true;
	return false;
}

/* All names, as far as there is room. */
static void
list_names(const struct ldap_certificate *c, char *out, size_t size)
{
	struct text names = c->names;
	char name[256];
	size_t n = 0;

	out[0] = '\0';
	while (n < size && next_name(&names, name, sizeof name))
		n += (size_t)snprintf(out + n, size - n, "%s%s",
		    n > 0 ? ", " : "", name);
}

static void
explain_name(const struct ldap_certificate *c, const char *uri,
    const char *host, struct ldap_trouble *t)
{
	char names[NAMES_MAX];

	list_names(c, names, sizeof names);
	ldap_trouble_say(t, t->code, "%s: the server's certificate is for "
	    "another name: %s, not %s%s", uri, names, host,
	    strcmp(host, "localhost") == 0 ? ", for which libldap takes this "
	    "machine's own name" : "");
}

void
ldap_certificate_explain(struct text der, const char *uri, const char *host,
    const char *ca_file, struct ldap_trouble *t)
{
	struct ldap_certificate c;
	time_t now = time(NULL);
	char when[LDAP_CLOCK_MAX];

	if (!ldap_certificate_read(der, &c))
		ldap_trouble_say(t, t->code, "%s: what the server shows is no "
		    "certificate", uri);
	else if (now >= c.until)
		ldap_trouble_say(t, t->code, "%s: the server's certificate "
		    "has expired, at %s", uri,
		    ldap_clock_print(c.until, when));
	else if (now < c.from)
		ldap_trouble_say(t, t->code, "%s: the server's certificate is "
		    "valid only from %s on: is a clock wrong?", uri,
		    ldap_clock_print(c.from, when));
	else if (c.names.n > 0 && (!ldap_certificate_is_for(&c, host) ||
	    strcmp(host, "localhost") == 0))
		explain_name(&c, uri, host, t);
	else
		ldap_trouble_say(t, t->code, "%s: the server's certificate is "
		    "not trusted: no authority in %s has signed it", uri,
		    ca_file != NULL ? ca_file : "the system's list, which is "
		    "missing (set ldap_ca_file)");
}
