/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_name.h"

#include <stdio.h>

#include "policy/domain.h"

#define LABEL_MAX 63

static const char hex[] = "0123456789ABCDEF";

static bool
labels_fit(struct text name)
{
	size_t i, label = 0;

	for (i = 0; i < name.n; i++) {
		if (name.at[i] != '.') {
			if (++label > LABEL_MAX)
				return false;
		} else {
			if (label == 0)
				return false;
			label = 0;
		}
	}
	return label > 0;
}

size_t
spf_name_fit(struct text name, char *out)
{
	name.n -= name.n > 0 && name.at[name.n - 1] == '.';
	while (name.n > DOMAIN_MAX) {
		size_t dot = text_find(name, '.');

		if (dot == name.n)
			return 0;
		name = text_cut(name, dot + 1, name.n);
	}
	if (!labels_fit(name))
		return 0;
	memcpy(out, name.at, name.n);
	return name.n;
}

size_t
spf_name_full(struct text name, char *out)
{
	size_t n;

	if (name.n > DOMAIN_MAX + 1)
		return 0;
	n = spf_name_fit(name, out);
	/* one label and a dot is still one label */
	return n + 1 < name.n || domain_is_single_label(
	    (struct text){ out, n }) ? 0 : n;
}

struct text
spf_name_dotted(const struct ip *ip, char *out)
{
	size_t i;

	if (ip->family != IP_V6)
		return text_of(ip_print(ip, out));
	for (i = 0; i < 32; i++) {
		uint8_t b = ip->byte[i / 2];

		out[2 * i] = hex[i % 2 == 0 ? b >> 4 : b & 15];
		out[2 * i + 1] = '.';
	}
	return (struct text){ out, 2 * 32 - 1 };
}

struct text
spf_name_reverse(const struct ip *ip, char *out)
{
	const uint8_t *b = ip->byte;
	size_t i;

	if (ip->family != IP_V6) {
		i = (size_t)snprintf(out, DOMAIN_MAX, "%u.%u.%u.%u.in-addr.arpa",
		    b[3], b[2], b[1], b[0]);
		return (struct text){ out, i };
	}
	for (i = 0; i < 32; i++) {
		unsigned half = b[15 - i / 2];

		half = i % 2 == 0 ? half & 15 : half >> 4;
		out[2 * i] = text_lower(hex[half]);
		out[2 * i + 1] = '.';
	}
	memcpy(out + 64, "ip6.arpa", 8);
	return (struct text){ out, 72 };
}
