/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_message.h"

#include "milter/source/ber.h"
#include "milter/source/ldap_sink.h"

/* tags of the choices of a Sync Info Message */
#define TAG_COOKIE 0x80
#define TAG_DELETES 0xa1
#define TAG_PRESENTS 0xa2
#define TAG_SET 0xa3

/* The content of the one element that value is to be. */
static bool
open_value(struct text value, int tag, struct text *inside)
{
	return ber_take(&value, tag, inside) && value.n == 0;
}

/* A BOOLEAN DEFAULT, the default being in out; false: a bad one. */
static bool
take_boolean(struct text *rest, bool *out)
{
	struct text t;

	if (!ber_take(rest, BER_BOOLEAN, &t))
		return true;
	*out = t.n == 1 && t.at[0] != 0;
	return t.n == 1;
}

/* An optional cookie. */
static struct text
take_cookie(struct text *rest)
{
	struct text t;

	return ber_take(rest, BER_OCTETS, &t) ? t : (struct text){ NULL, 0 };
}

static bool
is_uuid(struct text t)
{
	return t.n == LDAP_UUID_BYTES;
}

bool
ldap_message_state(struct text value, struct ldap_sync_state *out)
{
	struct text in, state, uuid;

	if (!open_value(value, BER_SEQUENCE, &in) ||
	    !ber_take(&in, BER_ENUMERATED, &state) || state.n != 1 ||
	    text_byte(state.at[0]) > LDAP_IS_GONE ||
	    !ber_take(&in, BER_OCTETS, &uuid) || !is_uuid(uuid))
		return false;
	out->is = (enum ldap_sync_is)text_byte(state.at[0]);
	out->uuid = (const unsigned char *)uuid.at;
	out->cookie = take_cookie(&in);
	/* RFC 4511 4: elements that we do not know may follow */
	return ber_is_sound(in);
}

/* { cookie OPTIONAL, flag BOOLEAN DEFAULT ... } */
static bool
take_cookie_and_flag(struct text *in, struct text *cookie, bool *flag)
{
	*cookie = take_cookie(in);
	return take_boolean(in, flag);
}

bool
ldap_message_done(struct text value, struct ldap_sync_done *out)
{
	struct text in;

	out->deletes = false;
	return open_value(value, BER_SEQUENCE, &in) &&
	    take_cookie_and_flag(&in, &out->cookie, &out->deletes) &&
	    ber_is_sound(in);
}

static bool
is_set(struct text set)
{
	struct text uuid;

	while (set.n > 0)
		if (!ber_take(&set, BER_OCTETS, &uuid) || !is_uuid(uuid))
			return false;
	return true;
}

static bool
read_set(struct text in, struct ldap_sync_info *out)
{
	return take_cookie_and_flag(&in, &out->cookie, &out->deletes) &&
	    ber_take(&in, BER_SET, &out->set) && is_set(out->set) &&
	    ber_is_sound(in);
}

static bool
read_phase(struct text in, struct ldap_sync_info *out)
{
	out->done = true;
	return take_cookie_and_flag(&in, &out->cookie, &out->done) &&
	    ber_is_sound(in);
}

bool
ldap_message_info(struct text value, struct ldap_sync_info *out)
{
	struct text in;
	int tag = ber_next(&value, &in);

	*out = (struct ldap_sync_info){ .what = LDAP_INFO_COOKIE };
	if (value.n != 0)
		return false;
	switch (tag) {
	case TAG_COOKIE:
		out->cookie = in;
		return true;
	case TAG_DELETES:
		out->what = LDAP_INFO_DELETES;
		return read_phase(in, out);
	case TAG_PRESENTS:
		out->what = LDAP_INFO_PRESENTS;
		return read_phase(in, out);
	case TAG_SET:
		out->what = LDAP_INFO_SET;
		return read_set(in, out);
	default:
		return false;
	}
}

const unsigned char *
ldap_message_uuid(struct text *set)
{
	struct text uuid;

	if (!ber_take(set, BER_OCTETS, &uuid) || !is_uuid(uuid))
		return NULL;
	return (const unsigned char *)uuid.at;
}
