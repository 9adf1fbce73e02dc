/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/bench/entries.h"

#include <stdio.h>

#include "policy/domain.h"
#include "tests/bench/mix.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* splitmix64's mixer: a different number for every number. */
static uint64_t
scatter(uint64_t x)
{
	x = (x + 1) * 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

void
entries_domain(unsigned i, struct policy_entry *entry, char *out)
{
	static const char *const top[] = { "com", "org", "net", "de", "co.kr",
	    "kr", "co.uk", "jp", "edu", "info" };
	uint64_t random = scatter(i);
	size_t n = 0, length = 4 + random % 12;

	if (random >> 32 & 1)
		n = (size_t)snprintf(out, 8, "d%u.", (unsigned)(random >> 60));
	for (; length > 0; length--, random = scatter(random))
		out[n++] = (char)('a' + random % 26);
	n += (size_t)snprintf(out + n, 32, "%x.%s", i, top[i % LENGTH(top)]);
	*entry = (struct policy_entry){ .kind = POLICY_RELAY,
	    .action = POLICY_GRANT, .span = i % 2 ? SPAN_BELOW : SPAN_SELF,
	    .value = { out, n }, .line = i + 1 };
}

/*
 * Number i of the 2^bits networks that begin with the given byte's bits: an
 * odd factor permutes the numbers below a power of two.
 */
static void
spread(unsigned i, unsigned free_bits, unsigned bits, struct network *net)
{
	uint64_t value = i * UINT64_C(0x9e3779b97f4a7c15);
	unsigned bit;

	net->bits = bits;
	for (bit = 0; bit < free_bits; bit++) {
		unsigned at = bits - 1 - bit;

		if (value >> bit & 1)
			net->base.byte[at / 8] |= (uint8_t)(0x80 >> at % 8);
	}
}

void
entries_network(unsigned i, struct policy_entry *entry)
{
	/* how the prefixes of real lists are spread, roughly, of 16 */
	static const unsigned four[16] = { 24, 24, 24, 24, 24, 24, 32, 32, 32,
	    32, 28, 28, 27, 26, 22, 20 };
	static const unsigned six[8] = { 48, 48, 56, 64, 64, 128, 128, 40 };
	struct network *net = &entry->network;

	*entry = (struct policy_entry){ .kind = POLICY_CLIENT,
	    .action = POLICY_GRANT, .line = i + 1 };
	if (i % 5 < 4) {
		unsigned n = i / 5 * 4 + i % 5, bits = four[n % 16];

		/* there are few short prefixes: number them without gaps */
		if (bits < 24)
			n /= 16;
		/* the upper half of the IPv4 space stays free for mix.h */
		net->base.family = IP_V4;
		spread(n, bits - 1, bits, net);
	} else {
		unsigned n = i / 5, bits = six[n % 8];

		/* 2a00::/16 */
		net->base.family = IP_V6;
		spread(n, bits < 64 ? bits - 16 : 48, bits, net);
		net->base.byte[0] = 0x2a;
		net->base.byte[1] = 0;
	}
}

void
entries_mix(unsigned i, struct policy_entry *entry)
{
	static const struct policy_entry own[ENTRIES_MIX] = {
		{ .kind = POLICY_LOCAL, .span = SPAN_SELF,
		    .value = TEXT(MIX_LOCAL) },
		{ .kind = POLICY_LOCAL, .span = SPAN_BELOW,
		    .value = TEXT(MIX_LOCAL) },
		{ .kind = POLICY_RELAY, .span = SPAN_SELF,
		    .value = TEXT(MIX_RELAY) },
	};

	*entry = own[i];
}
