/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host names, addresses and networks on any bytes; what is printed reads back
 * as the same, folding twice is folding once.
 */
#include "policy/domain.h"
#include "policy/escape.h"
#include "policy/network.h"
#include "tests/fuzz/exact.h"

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

static void
check_domain(struct text s)
{
	char once[DOMAIN_MAX], twice[DOMAIN_MAX];
	size_t n = domain_fold(s, once);

	if (n == 0)
		return;
	expect(domain_fold((struct text){ once, n }, twice) == n);
	expect(memcmp(once, twice, n) == 0);
	expect(domain_is_under((struct text){ once, n },
	    (struct text){ once, n }));
}

static void
check_network(struct text s)
{
	char printed[NETWORK_TEXT_MAX];
	struct network net, again;
	struct ip ip;

	if (network_parse(s, &net) == NETWORK_OK) {
		network_print(&net, printed);
		expect(network_parse(text_of(printed), &again) == NETWORK_OK);
		expect(again.bits == net.bits &&
		    ip_equal(&again.base, &net.base));
		expect(network_contains(&net, &net.base));
	}
	if (ip_parse(s, &ip)) {
		struct ip back;

		expect(ip_parse(text_of(ip_print(&ip, printed)), &back));
		expect(ip_equal(&ip, &back));
	}
}

static void
check_escape(struct text s)
{
	size_t cap = s.n * 4 + 1, n;
	char *escaped = malloc(cap), *back = malloc(cap);

	if (escaped == NULL || back == NULL)
		abort();
	n = escape_text(s, escaped, cap);
	expect(n < cap && escaped[n] == '\0');
	n = unescape_text((struct text){ escaped, n }, back);
	expect(text_equal((struct text){ back, n }, s));
	free(escaped);
	free(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text s = exact_copy(data, size);

	check_domain(s);
	check_network(s);
	check_escape(s);
	exact_free(s);
	return 0;
}
