/* SPDX-License-Identifier: BSD-2-Clause */
/* What may be the value of an entry, and how it is stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/packed.h"

static enum policy_error
pack(enum policy_kind kind, struct text value, struct packed *out)
{
	struct policy_entry e = { .kind = kind, .value = value };

	return packed_value(&e, out);
}

static void
test_identities(void **state)
{
	static const char *const good[] = { "*", "*@a", "*@a.b@c", "a", "a@b",
		"@", "@a", "/" };
	static const char *const bad[] = { "", "*@", "**", "*a", "*ab", "a*",
		"a*b", "*@*", "*@a*", "a@*", "*a@b", "**@a", "x@a*" };
	struct packed p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(pack(POLICY_IDENTITY, text_of(good[i]), &p),
		    POLICY_OK);
		assert_true(text_equal((struct text){ p.byte, p.n },
		    text_of(good[i])));
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(pack(POLICY_IDENTITY, text_of(bad[i]), &p),
		    POLICY_BAD_IDENTITY);
}

static void
test_subjects(void **state)
{
	static const char *const bad[] = { "", "/", "a", "ab", "CN=a", "*" };
	char line[PACKED_MAX + 1];
	struct packed p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(pack(POLICY_CERTIFICATE, text_of(bad[i]), &p),
		    POLICY_BAD_SUBJECT);
	assert_int_equal(pack(POLICY_CERTIFICATE, TEXT("/a"), &p), POLICY_OK);
	assert_true(text_equal((struct text){ p.byte, p.n }, TEXT("/a")));
	memset(line, 'a', sizeof line);
	for (i = 0; i < 2; i++) {
		line[0] = "/a"[i];
		assert_int_equal(pack(POLICY_CERTIFICATE,
		    (struct text){ line, PACKED_MAX }, &p), i == 0 ?
		    POLICY_OK : POLICY_BAD_SUBJECT);
		assert_int_equal(pack(POLICY_CERTIFICATE,
		    (struct text){ line, PACKED_MAX + 1 }, &p),
		    POLICY_BAD_SUBJECT);
	}
}

/* The length of the prefix, then the address, and no byte more. */
static void
test_networks(void **state)
{
	struct policy_entry e = { .kind = POLICY_CLIENT };
	struct packed p;

	(void)state;
	assert_int_equal(network_parse(TEXT("10.1.0.0/16"), &e.network),
	    NETWORK_OK);
	assert_int_equal(packed_value(&e, &p), POLICY_OK);
	assert_true(text_equal((struct text){ p.byte, p.n },
	    (struct text){ "\x10\x0a\x01\0\0", 5 }));
	assert_int_equal(network_parse(TEXT("2001:db8::1"), &e.network),
	    NETWORK_OK);
	assert_int_equal(packed_value(&e, &p), POLICY_OK);
	assert_true(text_equal((struct text){ p.byte, p.n },
	    (struct text){ "\x80\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1",
	    17 }));
	e.network.bits = 0;
	assert_int_equal(packed_value(&e, &p), POLICY_WHOLE_NET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
