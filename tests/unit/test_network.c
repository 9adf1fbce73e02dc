/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses and networks, bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/network.h"

/* An address whose first bits are ones, the others zeros. */
static struct ip
ones(enum ip_family family, unsigned bits)
{
	struct ip ip = { .family = family };
	unsigned i;

	for (i = 0; i < bits; i++)
		ip.byte[i / 8] |= (uint8_t)(0x80 >> i % 8);
	return ip;
}

static enum network_error
parse(const struct ip *ip, unsigned bits, struct network *net)
{
	char address[IP_TEXT_MAX], text[NETWORK_TEXT_MAX + 8];

	memset(net, 0xff, sizeof *net);
	snprintf(text, sizeof text, "%s/%u", ip_print(ip, address), bits);
	return network_parse(text_of(text), net);
}

static void
check_prefix(enum ip_family family, unsigned bits)
{
	unsigned width = ip_width(family), i;
	struct ip all = ones(family, width), base = ones(family, bits), ip;
	struct network net;

	/* exactly the bits after the prefix are none of it */
	assert_int_equal(parse(&all, bits, &net), bits < width ?
	    NETWORK_HOST_BITS : NETWORK_OK);
	assert_memory_equal(net.base.byte, base.byte, sizeof base.byte);
	assert_int_equal(parse(&base, bits, &net), NETWORK_OK);
	assert_int_equal(net.bits, bits);
	assert_int_equal(net.base.family, family);
	assert_true(network_contains(&net, &base));
	assert_true(network_contains(&net, &all));
	for (i = 0; i < width; i++) {
		ip = base;
		ip.byte[i / 8] ^= (uint8_t)(0x80 >> i % 8);
		assert_int_equal(network_contains(&net, &ip), i >= bits);
		/* one such bit is enough */
		assert_int_equal(parse(&ip, bits, &net), i >= bits ?
		    NETWORK_HOST_BITS : NETWORK_OK);
		assert_int_equal(parse(&base, bits, &net), NETWORK_OK);
	}
	ip = base;
	ip.family = family == IP_V4 ? IP_V6 : IP_V4;
	assert_false(network_contains(&net, &ip));
	ip.family = IP_NONE;
	assert_false(network_contains(&net, &ip));
}

static void
test_prefixes(void **state)
{
	unsigned bits;

	(void)state;
	for (bits = 0; bits <= 32; bits++)
		check_prefix(IP_V4, bits);
	/* up to /95 the base is no IPv4 address in disguise */
	for (bits = 1; bits <= 128; bits++)
		check_prefix(IP_V6, bits);
}

static void
test_lengths(void **state)
{
	static const struct {
		const char *text;
		enum network_error error;
	} cases[] = {
		{ "0.0.0.0/0", NETWORK_OK }, { "0.0.0.0/00", NETWORK_OK },
		{ "0.0.0.0/032", NETWORK_OK }, { "::/128", NETWORK_OK },
		{ "0.0.0.0/33", NETWORK_BAD_PREFIX },
		{ "0.0.0.0/100", NETWORK_BAD_PREFIX },
		{ "::/129", NETWORK_BAD_PREFIX },
		{ "::/999", NETWORK_BAD_PREFIX },
		{ "::/0128", NETWORK_BAD_PREFIX },
		{ "::/", NETWORK_BAD_PREFIX }, { "::/ 1", NETWORK_BAD_PREFIX },
		{ "::/1:", NETWORK_BAD_PREFIX }, { "::/1/", NETWORK_BAD_PREFIX },
		{ "::/:", NETWORK_BAD_PREFIX }, { "::/+1", NETWORK_BAD_PREFIX },
		{ "/8", NETWORK_BAD_ADDRESS }, { "", NETWORK_BAD_ADDRESS },
		{ "x/99", NETWORK_BAD_ADDRESS },
	};
	struct network net;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (network_parse(text_of(cases[i].text), &net) !=
		    cases[i].error)
			fail_msg("%s", cases[i].text);
	assert_int_equal(network_parse(TEXT("10.0.0.0/19"), &net), NETWORK_OK);
	assert_int_equal(net.bits, 19);
}

static void
test_addresses(void **state)
{
	char text[IP_TEXT_MAX], longest[IP_TEXT_MAX + 1];
	struct ip ip, other;

	(void)state;
	assert_int_equal(ip_width(IP_NONE), 0);
	assert_int_equal(ip_width(IP_V4), 32);
	assert_int_equal(ip_width(IP_V6), 128);
	memset(&ip, 0xff, sizeof ip);
	assert_false(ip_parse(TEXT("no"), &ip));
	assert_int_equal(ip.family, IP_NONE);
	assert_string_equal(ip_print(&ip, text), "unknown");
	/* the longest there is, and one byte more */
	snprintf(longest, sizeof longest,
	    "1111:2222:3333:4444:5555:6666:123.123.123.123 ");
	assert_int_equal(strlen(longest), IP_TEXT_MAX);
	assert_true(ip_parse((struct text){ longest, 45 }, &ip));
	assert_false(ip_parse((struct text){ longest, 46 }, &ip));
	/* a mapped address keeps nothing of its prefix, others all of it */
	assert_true(ip_parse(TEXT("::ffff:1.2.3.4"), &ip));
	assert_int_equal(ip.family, IP_V4);
	assert_memory_equal(ip.byte, ((uint8_t[16]){ 1, 2, 3, 4 }), 16);
	assert_true(ip_parse(TEXT("::1:ffff:1.2.3.4"), &ip));
	assert_int_equal(ip.family, IP_V6);
	assert_true(ip_parse(TEXT("::fffe:1.2.3.4"), &ip));
	assert_int_equal(ip.family, IP_V6);
	/* of an IPv4 address four bytes count, of an IPv6 one all */
	ip = (struct ip){ IP_V4, { 1, 2, 3, 4, 5 } };
	other = (struct ip){ IP_V4, { 1, 2, 3, 4, 6 } };
	assert_true(ip_equal(&ip, &other));
	other.byte[3] = 5;
	assert_false(ip_equal(&ip, &other));
	other = ip;
	other.family = ip.family = IP_V6;
	assert_true(ip_equal(&ip, &other));
	other.byte[15] = 1;
	assert_false(ip_equal(&ip, &other));
	other = ip;
	other.family = IP_V4;
	assert_false(ip_equal(&ip, &other));
	ip = (struct ip){ IP_V6, { [15] = 1 } };
	assert_true(ip_is_loopback(&ip));
	ip.byte[15] = 2;
	assert_false(ip_is_loopback(&ip));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
