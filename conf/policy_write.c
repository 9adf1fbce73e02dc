/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/policy_write.h"

#include <stdio.h>

#define DAY_S (INT64_C(24) * 60 * 60)
#define UNTIL_MAX INT64_C(253402300800) /* the end of 9999-12-31 */

const char *
policy_write_error_text(enum policy_write_error e)
{
	switch (e) {
	case POLICY_WRITE_OK:
		return "no error";
	case POLICY_WRITE_SPAN:
		return "a domain and all below it are two entries";
	case POLICY_WRITE_IDENTITY:
		return "an identity or subject with blanks, control "
		    "characters or # in front";
	case POLICY_WRITE_NETWORK:
		return "a network where an address of ours belongs";
	case POLICY_WRITE_UNTIL:
		return "a date outside the years 1970 to 9999";
	case POLICY_WRITE_NOTE:
		return "a note with double quotes or control characters";
	case POLICY_WRITE_LONG:
		return "longer than a line may be";
	}
	return "unknown error";
}

const char *
policy_write_kind(enum policy_kind kind)
{
	switch (kind) {
	case POLICY_LOCAL:
		return "local";
	case POLICY_RELAY:
		return "relay";
	case POLICY_CLIENT:
		return "client";
	case POLICY_IDENTITY:
		return "auth";
	case POLICY_CERTIFICATE:
		return "cert";
	case POLICY_NAME:
		return "name";
	case POLICY_FORWARDER:
		return "forwarder";
	}
	return "?";
}

/*
 * Year, month and day of a day since 1970, Gregorian.  Years begin in March
 * here, so that the leap day is their last day.
 */
static void
date_of(unsigned days, unsigned date[3])
{
	unsigned z = days + 719468, era = z / 146097, n = z % 146097;
	unsigned year = (n - n / 1460 + n / 36524 - n / 146096) / 365;
	unsigned of_year = n - (365 * year + year / 4 - year / 100);
	unsigned m = (5 * of_year + 2) / 153;

	date[2] = of_year - (153 * m + 2) / 5 + 1;
	date[1] = m < 10 ? m + 3 : m - 9;
	date[0] = year + era * 400 + (date[1] <= 2);
}

bool
policy_write_date(int64_t until, char *out)
{
	bool whole = until % DAY_S == 0; /* the end of the day before */
	unsigned date[3], s;

	out[0] = '\0';
	if (until <= 0 || until > UNTIL_MAX)
		return false;
	date_of((unsigned)(until / DAY_S) - whole, date);
	s = (unsigned)(until % DAY_S);
	if (whole)
		snprintf(out, POLICY_DATE_MAX, "%04u-%02u-%02u",
		    date[0] % 10000, date[1] % 100, date[2] % 100);
	else
		snprintf(out, POLICY_DATE_MAX, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		    date[0] % 10000, date[1] % 100, date[2] % 100,
		    s / 3600 % 24, s / 60 % 60, s % 60);
	return true;
}

/*
 * A name that would be read as an address ("192.0.2.1" can be a domain's
 * name) gets the dot at its end that makes it a name.
 */
static void
write_domain(const struct policy_entry *e, char *out)
{
	struct network ignored;
	bool below = e->span == SPAN_BELOW;
	bool dot = !below &&
	    network_parse(e->value, &ignored) != NETWORK_BAD_ADDRESS;

	snprintf(out, POLICY_VALUE_MAX, "%s%.*s%s", below ? "." : "",
	    TEXT_ARG(e->value), dot ? "." : "");
}

static void
write_literal(const struct policy_entry *e, char *out)
{
	char ip[IP_TEXT_MAX];

	snprintf(out, POLICY_VALUE_MAX, "[%s%s]",
	    e->network.base.family == IP_V6 ? "IPv6:" : "",
	    ip_print(&e->network.base, ip));
}

static void
write_network(const struct policy_entry *e, char *out)
{
	char text[NETWORK_TEXT_MAX];

	if (e->network.bits == ip_width(e->network.base.family))
		ip_print(&e->network.base, text);
	else
		network_print(&e->network, text);
	snprintf(out, POLICY_VALUE_MAX, "%s", text);
}

const char *
policy_write_value(const struct policy_entry *e, char *out)
{
	out[0] = '\0';
	switch (e->kind) {
	case POLICY_LOCAL:
		if (e->network.base.family != IP_NONE) {
			write_literal(e, out);
			break;
		}
		/* fallthrough */
	case POLICY_RELAY:
	case POLICY_NAME:
		write_domain(e, out);
		break;
	case POLICY_CLIENT:
	case POLICY_FORWARDER:
		write_network(e, out);
		break;
	case POLICY_IDENTITY:
	case POLICY_CERTIFICATE:
		snprintf(out, POLICY_VALUE_MAX, "%.*s", TEXT_ARG(e->value));
		break;
	}
	return out;
}

/* One word of a line, without control characters? */
static bool
is_word(struct text s)
{
	struct text rest = s;

	return s.n > 0 && s.at[0] != '#' && line_is_clean(s, "", 0, NULL) &&
	    line_word(&rest).n == s.n;
}

static enum policy_write_error
check_value(const struct policy_entry *e)
{
	const struct network *net = &e->network;

	switch (e->kind) {
	case POLICY_LOCAL:
		if (net->base.family != IP_NONE)
			return net->bits == ip_width(net->base.family) ?
			    POLICY_WRITE_OK : POLICY_WRITE_NETWORK;
		/* fallthrough */
	case POLICY_RELAY:
	case POLICY_NAME:
		return e->span == SPAN_BOTH ? POLICY_WRITE_SPAN :
		    POLICY_WRITE_OK;
	case POLICY_CLIENT:
	case POLICY_FORWARDER:
		return POLICY_WRITE_OK;
	case POLICY_IDENTITY:
	case POLICY_CERTIFICATE:
		return is_word(e->value) ? POLICY_WRITE_OK :
		    POLICY_WRITE_IDENTITY;
	}
	return POLICY_WRITE_OK;
}

/* Append to out[POLICY_LINE_MAX], of which *n bytes are used; false: full. */
static bool
append(char *out, size_t *n, struct text s)
{
	if (s.n >= POLICY_LINE_MAX - *n)
		return false;
	if (s.n > 0)
		memcpy(out + *n, s.at, s.n);
	*n += s.n;
	out[*n] = '\0';
	return true;
}

static enum policy_write_error
write_until(const struct policy_entry *e, char *out, size_t *n)
{
	char date[POLICY_DATE_MAX];

	if (e->until == 0)
		return POLICY_WRITE_OK;
	if (!policy_write_date(e->until, date))
		return POLICY_WRITE_UNTIL;
	return append(out, n, TEXT(" until=")) &&
	    append(out, n, text_of(date)) ? POLICY_WRITE_OK :
	    POLICY_WRITE_LONG;
}

static enum policy_write_error
write_only(const struct policy_entry *e, char *out, size_t *n)
{
	if (e->only.n == 0)
		return POLICY_WRITE_OK;
	return append(out, n, TEXT(" only=")) && append(out, n, e->only) ?
	    POLICY_WRITE_OK : POLICY_WRITE_LONG;
}

static enum policy_write_error
write_note(const struct policy_entry *e, char *out, size_t *n)
{
	if (e->note.n == 0)
		return POLICY_WRITE_OK;
	if (e->note.n > LINE_MAX_BYTES)
		return POLICY_WRITE_LONG;
	if (text_find(e->note, '"') < e->note.n ||
	    !line_is_clean(e->note, "", 0, NULL))
		return POLICY_WRITE_NOTE;
	return append(out, n, TEXT(" note=\"")) &&
	    append(out, n, e->note) && append(out, n, TEXT("\"")) ?
	    POLICY_WRITE_OK : POLICY_WRITE_LONG;
}

enum policy_write_error
policy_write(const struct policy_entry *e, char *out)
{
	char value[POLICY_VALUE_MAX];
	enum policy_write_error error = check_value(e);
	size_t n = 0;

	out[0] = '\0';
	if (error == POLICY_WRITE_OK) {
		/* a kind and a value always fit */
		if (e->action == POLICY_DENY)
			append(out, &n, TEXT("deny "));
		append(out, &n, text_of(policy_write_kind(e->kind)));
		append(out, &n, TEXT(" "));
		append(out, &n, text_of(policy_write_value(e, value)));
		error = write_until(e, out, &n);
	}
	if (error == POLICY_WRITE_OK)
		error = write_only(e, out, &n);
	if (error == POLICY_WRITE_OK)
		error = write_note(e, out, &n);
	if (error != POLICY_WRITE_OK)
		out[0] = '\0';
	return error;
}
