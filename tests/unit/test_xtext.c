/* SPDX-License-Identifier: BSD-2-Clause */
/* sendmail's encoding of identities, taken off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/xtext.h"

static const struct {
	const char *in, *out;
} cases[] = {
	{ "", "" }, { "a", "a" }, { "a+2Bb", "a+b" }, { "+3D", "=" },
	{ "+20+20", "  " }, { "+2B2B", "+2B" }, { "+", "+" }, { "+2", "+2" },
	{ "+2b", "+2b" }, { "+G0", "+G0" }, { "+0G", "+0G" }, { "++2B", "++" },
	{ "a+x", "a+x" }, { "+41+4a", "A+4a" }, { "+FF", "\xff" },
	{ "+A9+9A", "\xa9\x9a" }, { "+/0", "+/0" }, { "+0:", "+0:" },
	{ "+@0", "+@0" }, { "a+2", "a+2" }, { "+00", "" },
};

static void
test_decode(void **state)
{
	char out[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		n = xtext_decode(text_of(cases[i].in), out, sizeof out);
		if (strcmp(cases[i].in, "+00") == 0) {
			assert_int_equal(n, 1);
			assert_int_equal(out[0], '\0');
			continue;
		}
		assert_int_equal(n, strlen(cases[i].out));
		assert_memory_equal(out, cases[i].out, n);
	}
}

static void
test_room(void **state)
{
	char *out = malloc(3); /* exact, for the sanitizers */

	(void)state;
	assert_non_null(out);
	assert_int_equal(xtext_decode(TEXT("abc"), out, 3), 3);
	assert_int_equal(xtext_decode(TEXT("ab+2B"), out, 3), 3);
	assert_int_equal(xtext_decode(TEXT("abcd"), out, 3), 4);
	assert_int_equal(xtext_decode(TEXT("abcdefgh"), out, 3), 4);
	assert_int_equal(xtext_decode(TEXT(""), out, 0), 0);
	assert_int_equal(xtext_decode(TEXT("a"), out, 0), 1);
	free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
