/* SPDX-License-Identifier: BSD-2-Clause */
/* The intervals: edges that are shared, families, order of equals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/network_table.h"

#define NETWORKS_MAX 4

/* A table of networks, parted by blanks; the number of each is 10 + place. */
static struct network_table *
table(enum ip_family family, const char *networks)
{
	struct network_item items[NETWORKS_MAX];
	struct text rest = text_of(networks);
	size_t n = 0, end;

	while (rest.n > 0) {
		end = text_find(rest, ' ');
		assert_int_equal(network_parse(text_cut(rest, 0, end),
		    &items[n].network), NETWORK_OK);
		items[n].innermost = false;
		items[n].id = 10 + (uint32_t)n;
		n++;
		rest = text_trim(text_cut(rest, end, rest.n));
	}
	return network_table_new(family, items, n);
}

static size_t
bytes(enum ip_family family, const char *networks)
{
	struct network_table *t = table(family, networks);
	size_t n;

	assert_non_null(t);
	n = network_table_bytes(t);
	network_table_free(t);
	return n;
}

/* An edge that two networks share is there once, on whichever side. */
static void
test_shared_edges(void **state)
{
	size_t apart = bytes(IP_V4, "10.0.0.0/8 10.1.0.0/16");
	size_t apart6 = bytes(IP_V6, "2001:db8::/32 2001:db8:1::/48");
	const size_t one = 2 * sizeof(uint32_t), one6 = 16 + sizeof(uint32_t);

	(void)state;
	assert_int_equal(bytes(IP_V4, "10.0.0.0/8 10.0.0.0/16"), apart - one);
	assert_int_equal(bytes(IP_V4, "10.0.0.0/8 10.255.0.0/16"),
	    apart - one);
	assert_int_equal(bytes(IP_V4, "10.0.0.0/8 11.0.0.0/8"), apart - one);
	assert_int_equal(bytes(IP_V4, "10.0.0.0/8 12.0.0.0/8"), apart);
	/* what begins at the first address or ends at the last has one less */
	assert_int_equal(bytes(IP_V4, "0.0.0.0/8 12.0.0.0/8"), apart - one);
	assert_int_equal(bytes(IP_V4, "10.0.0.0/8 255.0.0.0/8"), apart - one);
	assert_int_equal(bytes(IP_V6, "2001:db8::/32 2001:db8::/48"),
	    apart6 - one6);
	assert_int_equal(bytes(IP_V6, "2001:db8::/32 ff00::/8"),
	    apart6 - one6);
	assert_int_equal(bytes(IP_V6, ""), bytes(IP_V4, ""));
}

/* A small table does not pay for the index of a large one. */
static void
test_size(void **state)
{
	static struct network_item items[5000];
	struct network_table *t;
	static const struct {
		const char *networks;
		size_t n, cells;
	} small[] = {
		{ "10.0.0.0/8", 1, 17 }, { "10.0.0.0/8 12.0.0.0/8", 2, 33 },
		{ "10.0.0.0/8 12.0.0.0/8 14.0.0.0/8", 3, 65 },
		{ "10.0.0.0/8 12.0.0.0/8 14.0.0.0/8 16.0.0.0/8", 4, 65 },
	};
	size_t many, none = bytes(IP_V4, "");
	unsigned i;

	(void)state;
	/* 8 bytes for each network and each start, 4 for each cell */
	for (i = 0; i < sizeof small / sizeof small[0]; i++)
		assert_int_equal(bytes(IP_V4, small[i].networks), none +
		    (small[i].n * 3 + 1) * 8 + small[i].cells * 4);
	for (i = 0; i < 5000; i++) {
		items[i] = (struct network_item){ .id = i };
		items[i].network.base = (struct ip){ IP_V4, { 10,
			(uint8_t)(i / 256), (uint8_t)(i % 256), 0 } };
		items[i].network.bits = 24;
	}
	t = network_table_new(IP_V4, items, 5000);
	assert_non_null(t);
	many = network_table_bytes(t);
	network_table_free(t);
	assert_int_equal(many, none + (5000 * 2 + 2) * 8 + 65537 * 4);
}

/* The numbers of all networks that hold this address, innermost first. */
static void
holds(const struct network_table *t, const char *address, const char *want)
{
	char got[64] = "";
	uint32_t cursor = 0, id;
	size_t n = 0;
	struct ip ip;

	ip_parse(text_of(address), &ip);
	while (network_table_next(t, &ip, &cursor, &id) && n < 40)
		n += (size_t)snprintf(got + n, sizeof got - n, "%u ", id);
	assert_string_equal(got, want);
	/* and then no more, however often it is asked */
	assert_false(network_table_next(t, &ip, &cursor, &id));
}

static void
test_nests(void **state)
{
	struct network_table *t = table(IP_V4,
	    "0.0.0.0/0 10.0.0.0/8 10.0.0.0/16 10.0.255.255/32");

	(void)state;
	holds(t, "0.0.0.0", "10 ");
	holds(t, "9.255.255.255", "10 ");
	holds(t, "10.0.0.0", "12 11 10 ");
	holds(t, "10.0.255.254", "12 11 10 ");
	holds(t, "10.0.255.255", "13 12 11 10 ");
	holds(t, "10.1.0.0", "11 10 ");
	holds(t, "10.255.255.255", "11 10 ");
	holds(t, "11.0.0.0", "10 ");
	holds(t, "255.255.255.255", "10 ");
	holds(t, "::1", "");
	holds(t, "unknown", "");
	network_table_free(t);
	t = table(IP_V6, "::/0 2001:db8::/32 2001:db8::/128 ffff::/16");
	holds(t, "::", "10 ");
	holds(t, "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "10 ");
	holds(t, "2001:db8::", "12 11 10 ");
	holds(t, "2001:db8::1", "11 10 ");
	holds(t, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "11 10 ");
	holds(t, "2001:db9::", "10 ");
	holds(t, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "13 10 ");
	holds(t, "32.1.13.184", "");
	network_table_free(t);
	t = table(IP_V4, "");
	holds(t, "10.0.0.0", "");
	network_table_free(t);
	holds(NULL, "10.0.0.0", "");
	assert_int_equal(network_table_bytes(NULL), 0);
}

/* Equal networks: the innermost is first, else the lower number. */
static void
test_equals(void **state)
{
	struct network_item items[3];
	struct network_table *t;
	unsigned turn, i;

	(void)state;
	for (turn = 0; turn < 12; turn++) {
		for (i = 0; i < 3; i++) {
			unsigned at = turn / 2 % 3;

			at = turn % 2 == 0 ? (at + i) % 3 : (at + 3 - i) % 3;
			network_parse(TEXT("192.0.2.0/24"), &items[at].network);
			items[at].id = i;
			items[at].innermost = turn >= 6 && i == 2;
		}
		t = network_table_new(IP_V4, items, 3);
		holds(t, "192.0.2.77", turn >= 6 ? "2 0 1 " : "0 1 2 ");
		holds(t, "192.0.3.0", "");
		network_table_free(t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared_edges),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_nests),
		cmocka_unit_test(test_equals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
