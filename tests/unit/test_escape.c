/* SPDX-License-Identifier: BSD-2-Clause */
/* Escaping against the obvious way, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/escape.h"

/* One byte escaped: itself from blank to tilde, but not the backslash. */
static void
escape_byte(unsigned char c, char out[5])
{
	if (c >= ' ' && c <= '~' && c != '\\')
		snprintf(out, 5, "%c", c);
	else
		snprintf(out, 5, "\\x%02x", c);
}

static void
test_every_byte(void **state)
{
	char want[5], got[5], back[4];
	unsigned c;

	(void)state;
	for (c = 0; c < 256; c++) {
		char byte = (char)c;

		escape_byte((unsigned char)c, want);
		assert_int_equal(escape_text((struct text){ &byte, 1 }, got,
		    sizeof got), strlen(want));
		assert_string_equal(got, want);
		assert_int_equal(unescape_text(text_of(got), back), 1);
		assert_int_equal(back[0], byte);
	}
}

/* All of it, or the longest run of whole escapes that leaves room for "...". */
static void
escape_slowly(struct text in, size_t cap, char *out)
{
	char one[5], all[64] = "", cut[64] = "";
	size_t i;

	for (i = 0; i < in.n; i++) {
		escape_byte((unsigned char)in.at[i], one);
		strcat(all, one);
		if (strlen(all) + 3 < cap)
			strcpy(cut, all);
	}
	if (strlen(all) < cap)
		strcpy(out, all);
	else
		sprintf(out, "%s%s", cut, cap > 3 ? "..." : "");
}

/* Texts of up to six bytes, plain and not, into every size there is. */
static void
test_cutting(void **state)
{
	char in[6], want[72], *got;
	size_t n, cap, i;
	unsigned bits;

	(void)state;
	for (bits = 0; bits < 1u << 6; bits++) {
		for (i = 0; i < sizeof in; i++)
			in[i] = (bits >> i & 1) != 0 ? '\n' : (char)('a' + i);
		for (n = 0; n <= sizeof in; n++) {
			for (cap = 1; cap <= 6 * 4 + 2; cap++) {
				struct text t = { in, n };

				escape_slowly(t, cap, want);
				got = malloc(cap);
				assert_non_null(got);
				assert_int_equal(escape_text(t, got, cap),
				    strlen(want));
				assert_string_equal(got, want);
				free(got);
			}
		}
	}
	in[0] = 'x';
	assert_int_equal(escape_text(TEXT("abc"), in, 0), 0);
	assert_int_equal(in[0], 'x'); /* no room, not even for the NUL */
}

static void
becomes(const char *escaped, const char *want)
{
	size_t n = strlen(escaped);
	char *exact = malloc(n > 0 ? n : 1); /* in place: never longer */

	assert_non_null(exact);
	memcpy(exact, escaped, n);
	n = unescape_text((struct text){ exact, n }, exact);
	assert_true(text_equal((struct text){ exact, n }, text_of(want)));
	free(exact);
}

static void
test_way_back(void **state)
{
	char out[4];

	(void)state;
	becomes("", "");
	becomes("\\x41\\x62c", "Abc");
	becomes("\\x4A\\x4a", "JJ");
	becomes("\\x5cx41", "\\x41"); /* once, not again */
	becomes("\\x4", "\\x4");
	becomes("ab\\x4", "ab\\x4");
	becomes("\\x", "\\x");
	becomes("\\", "\\");
	becomes("\\X41", "\\X41");
	becomes("xx41", "xx41");
	becomes("\\xg0\\x0g\\x/0\\x:0\\x@0\\x`0", "\\xg0\\x0g\\x/0\\x:0\\x@0\\x`0");
	assert_int_equal(unescape_text((struct text){ "\\x0\0", 4 }, out), 4);
	assert_memory_equal(out, "\\x0\0", 4);
	assert_int_equal(unescape_text(TEXT("\\xff"), out), 1);
	assert_int_equal((unsigned char)out[0], 0xff);
	assert_int_equal(unescape_text(TEXT("\\x00"), out), 1);
	assert_int_equal(out[0], '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_cutting),
		cmocka_unit_test(test_way_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
