/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/reserved.h"

#include "policy/domain.h"

bool
reserved_domain(struct text name)
{
	static const char *const reserved[] = { "test", "example", "invalid",
		"localhost", "example.com", "example.net", "example.org" };
	size_t i;

	for (i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
		if (domain_is_under(name, text_of(reserved[i])))
			return true;
	return false;
}

bool
reserved_address(const struct ip *ip)
{
	static const char *const reserved[] = { "192.0.2.0/24",
		"198.51.100.0/24", "203.0.113.0/24", "127.0.0.0/8",
		"2001:db8::/32", "::1/128" };
	struct network n;
	size_t i;

	for (i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
		if (network_parse(text_of(reserved[i]), &n) == NETWORK_OK &&
		    network_contains(&n, ip))
			return true;
	return false;
}
