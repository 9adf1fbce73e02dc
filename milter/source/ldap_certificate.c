/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_certificate.h"

#include <stdio.h>

#include "milter/source/ber.h"
#include "milter/source/ldap_clock.h"

#define TAG_VERSION 0xa0
#define TAG_UTC_TIME 0x17
#define TAG_TIME 0x18

/* RFC 5280 4.1.2.5: years to 2049 have two digits, the others four */
static bool
take_time(struct text *rest, time_t *out)
{
	char four[32];
	struct text t;
	int tag = ber_next(rest, &t);

	if (tag == TAG_TIME)
		return ldap_clock_parse(t, out);
	if (tag != TAG_UTC_TIME || t.n != 13)
		return false;
	snprintf(four, sizeof four, "%s%.*s", t.at[0] < '5' ? "20" : "19", 13,
	    t.at);
	return ldap_clock_parse(text_of(four), out);
}

bool
ldap_certificate_times(struct text der, time_t *from, time_t *until)
{
	struct text certificate, in, skipped, validity;

	if (!ber_take(&der, BER_SEQUENCE, &certificate) ||
	    !ber_take(&certificate, BER_SEQUENCE, &in))
		return false;
	ber_take(&in, TAG_VERSION, &skipped);
	return ber_take(&in, BER_INTEGER, &skipped) &&
	    ber_take(&in, BER_SEQUENCE, &skipped) && /* algorithm */
	    ber_take(&in, BER_SEQUENCE, &skipped) && /* issuer */
	    ber_take(&in, BER_SEQUENCE, &validity) &&
	    take_time(&validity, from) && take_time(&validity, until);
}

void
ldap_certificate_explain(struct text der, const char *uri,
    const char *ca_file, struct ldap_trouble *t)
{
	time_t from, until, now = time(NULL);
	char when[LDAP_CLOCK_MAX];

	if (!ldap_certificate_times(der, &from, &until))
		ldap_trouble_say(t, t->code, "%s: what the server shows is no "
		    "certificate", uri);
	else if (now >= until)
		ldap_trouble_say(t, t->code, "%s: the server's certificate "
		    "has expired, at %s", uri, ldap_clock_print(until, when));
	else if (now < from)
		ldap_trouble_say(t, t->code, "%s: the server's certificate is "
		    "valid only from %s on: is a clock wrong?", uri,
		    ldap_clock_print(from, when));
	else
		ldap_trouble_say(t, t->code, "%s: the server's certificate is "
		    "not trusted: no authority in %s has signed it", uri,
		    ca_file != NULL ? ca_file : "the system's list, which is "
		    "missing (set ldap_ca_file)");
}
