/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/sendmail_key.h"

/* The value of one group, or -1: decimal to 255, or hexadecimal to ffff. */
static int
group_value(struct text s, bool hex)
{
	int value = 0, digit;
	size_t i;

	if (s.n == 0 || s.n > (hex ? 4u : 3u) ||
	    (!hex && s.n > 1 && s.at[0] == '0'))
		return -1;
	for (i = 0; i < s.n; i++) {
		char c = text_lower(s.at[i]);

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (hex && c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else
			return -1;
		value = value * (hex ? 16 : 10) + digit;
	}
	return hex || value <= 255 ? value : -1;
}

/* Leading groups as a network; false when one of them is no group. */
static bool
read_groups(struct text s, enum ip_family family, struct network *out)
{
	bool hex = family == IP_V6;
	unsigned width = ip_width(family), at = 0;

	*out = (struct network){ .base.family = family };
	while (s.n > 0) {
		size_t end = text_find(s, hex ? ':' : '.');
		int value = group_value(text_cut(s, 0, end), hex);

		if (value < 0 || out->bits >= width || end + 1 == s.n)
			return false;
		if (hex)
			out->base.byte[at++] = (uint8_t)(value >> 8);
		out->base.byte[at++] = (uint8_t)(value & 255);
		out->bits += hex ? 16 : 8;
		s = text_cut(s, end < s.n ? end + 1 : end, s.n);
	}
	return true;
}

#define HEX_DIGITS "0123456789abcdefABCDEF"

static bool
is_made_of(struct text s, const char *bytes)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.at[i] == '\0' || strchr(bytes, s.at[i]) == NULL)
			return false;
	return s.n > 0;
}

static bool
ends_in_double_colon(struct text s)
{
	return s.n >= 2 && s.at[s.n - 1] == ':' && s.at[s.n - 2] == ':';
}

/* s is what follows "IPv6:"; no dotted quad, that would be IPv4 to us. */
static bool
read_v6(struct text s, struct key *out)
{
	if (s.n > 0 && (!is_made_of(s, HEX_DIGITS ":.") ||
	    (text_find(s, ':') == s.n && text_find(s, '.') < s.n)))
		return false;
	if (s.n == 0 || !ip_parse(s, &out->network.base)) {
		if (!read_groups(s, IP_V6, &out->network))
			return false;
		out->widest = out->network;
		return true;
	}
	out->network.bits = ip_width(out->network.base.family);
	out->widest = out->network;
	if (ends_in_double_colon(s) &&
	    !read_groups(text_cut(s, 0, s.n - 2), IP_V6, &out->widest))
		out->widest = out->network;
	return true;
}

/* Does s look as if an address were meant? */
static bool
is_address_like(struct text s)
{
	if (text_equal(s, TEXT(".")))
		return false;
	return is_made_of(s, "0123456789.") ||
	    (is_made_of(s, HEX_DIGITS ":.") && text_find(s, ':') < s.n);
}

void
sendmail_key_parse(struct text s, struct key *out)
{
	struct text host = text_cut(s, 0, text_find(s, '/'));
	bool six = text_begins(s, TEXT("IPv6:"));

	*out = (struct key){ .form = KEY_NAME };
	if (!six && !is_address_like(host))
		return;
	out->form = host.n < s.n ? KEY_MASK : KEY_BAD;
	if (out->form == KEY_MASK)
		return;
	if (six && read_v6(text_cut(s, 5, s.n), out))
		out->form = KEY_NETWORK;
	if (!six && text_find(s, ':') == s.n &&
	    read_groups(s, IP_V4, &out->network)) {
		out->widest = out->network;
		out->form = KEY_NETWORK;
	}
}
