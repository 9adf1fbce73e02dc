/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/network.h"

#include <arpa/inet.h>
#include <stdio.h>

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
	0xff };

unsigned
ip_width(enum ip_family family)
{
	return family == IP_V4 ? 32 : family == IP_V6 ? 128 : 0;
}

static void
unmap(struct ip *ip)
{
	if (memcmp(ip->byte, mapped_prefix, sizeof mapped_prefix) != 0)
		return;
	memmove(ip->byte, ip->byte + 12, 4);
	memset(ip->byte + 4, 0, 12);
	ip->family = IP_V4;
}

bool
ip_parse(struct text s, struct ip *out)
{
	char copy[IP_TEXT_MAX];

	*out = (struct ip){ .family = IP_NONE };
	if (text_begins(s, TEXT("IPv6:")))
		s = text_cut(s, 5, s.n);
	if (s.n == 0 || s.n >= sizeof copy || memchr(s.at, '\0', s.n) != NULL)
		return false;
	memcpy(copy, s.at, s.n);
	copy[s.n] = '\0';
	if (inet_pton(AF_INET, copy, out->byte) == 1) {
		out->family = IP_V4;
	} else if (inet_pton(AF_INET6, copy, out->byte) == 1) {
		out->family = IP_V6;
		unmap(out);
	}
	return out->family != IP_NONE;
}

bool
ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family != IP_NONE && a->family == b->family &&
	    memcmp(a->byte, b->byte, ip_width(a->family) / 8) == 0;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const struct ip four = { IP_V4, { 127, 0, 0, 1 } };
	static const struct ip six = { IP_V6, { [15] = 1 } };

	return ip_equal(ip, &four) || ip_equal(ip, &six);
}

const char *
ip_print(const struct ip *ip, char *out)
{
	int family = ip->family == IP_V4 ? AF_INET : AF_INET6;

	if (ip->family == IP_NONE ||
	    inet_ntop(family, ip->byte, out, IP_TEXT_MAX) == NULL)
		memcpy(out, "unknown", sizeof "unknown");
	return out;
}

/* Clear every bit after the first bits ones; true if any was set. */
static bool
clear_host_bits(struct ip *ip, unsigned bits)
{
	unsigned i, width = ip_width(ip->family);
	bool any = false;

	for (i = bits; i < width; i++) {
		uint8_t mask = (uint8_t)(0x80u >> (i % 8));

		if ((ip->byte[i / 8] & mask) != 0)
			any = true;
		ip->byte[i / 8] &= (uint8_t)~mask;
	}
	return any;
}

/* One to three decimal digits, at most max; the width otherwise refused. */
static bool
parse_bits(struct text s, unsigned max, unsigned *out)
{
	size_t i;
	unsigned n = 0;

	if (s.n == 0 || s.n > 3)
		return false;
	for (i = 0; i < s.n; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		n = n * 10 + (unsigned)(s.at[i] - '0');
	}
	*out = n;
	return n <= max;
}

enum network_error
network_parse(struct text s, struct network *out)
{
	size_t slash = text_find(s, '/');

	if (!ip_parse(text_cut(s, 0, slash), &out->base))
		return NETWORK_BAD_ADDRESS;
	out->bits = ip_width(out->base.family);
	if (slash < s.n && !parse_bits(text_cut(s, slash + 1, s.n), out->bits,
	    &out->bits))
		return NETWORK_BAD_PREFIX;
	return clear_host_bits(&out->base, out->bits) ? NETWORK_HOST_BITS :
	    NETWORK_OK;
}

const char *
network_error_text(enum network_error e)
{
	switch (e) {
	case NETWORK_OK:
		return "no error";
	case NETWORK_BAD_ADDRESS:
		return "not an IP address";
	case NETWORK_BAD_PREFIX:
		return "prefix length not between 0 and 32 (IPv4) or 128 (IPv6)";
	case NETWORK_HOST_BITS:
		return "bits set after the prefix length";
	}
	return "unknown error";
}

bool
network_contains(const struct network *net, const struct ip *ip)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (ip->family == IP_NONE || ip->family != net->base.family)
		return false;
	if (memcmp(net->base.byte, ip->byte, whole) != 0)
		return false;
	return rest == 0 ||
	    (net->base.byte[whole] ^ ip->byte[whole]) >> (8 - rest) == 0;
}

const char *
network_print(const struct network *net, char *out)
{
	char ip[IP_TEXT_MAX];

	snprintf(out, NETWORK_TEXT_MAX, "%s/%u", ip_print(&net->base, ip),
	    net->bits);
	return out;
}
