/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar byte by byte: every byte in every place, every error with its
 * position, the borders of UTF-8, lengths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/domain.h"
#include "tests/unit/parsed.h"

static void
test_bytes_unquoted(void **state)
{
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		/* RFC 5321 4.1.2 Atom; \v is a quoted-pair; u@v@h */
		bool good = is_one_of(c, LETTERS DIGITS "!#$%&'*+-/=?^_`{|}~."
		    "\\@");
		enum address_error error = good ? ADDRESS_OK :
		    c < 0x20 || c == 0x7f ? ADDRESS_CONTROL :
		    c > 0x7f ? ADDRESS_EIGHT_BIT :
		    c == '"' ? ADDRESS_QUOTES : ADDRESS_BAD_LOCAL;

		parse(around("u", c, "v@h.test"), false);
		assert_int_equal(a.error, error);
		assert_int_equal(a.class, good ? ADDRESS_MAILBOX :
		    ADDRESS_MALFORMED);
		assert_int_equal(a.error_at, good ? 0 : 1);
		assert_int_equal(a.extra_ats, c == '@');
	}
}

static void
test_bytes_quoted(void **state)
{
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		bool good = c >= 0x20 && c < 0x7f && c != '"';

		parse(around("<\"u", c, "v\"@h.test>"), false);
		assert_int_equal(a.class, good ? ADDRESS_MAILBOX :
		    ADDRESS_MALFORMED);
		parse(around("<\"u\\", c, "v\"@h.test>"), false);
		assert_int_equal(a.class, good || c == '"' ? ADDRESS_MAILBOX :
		    ADDRESS_MALFORMED);
		assert_int_equal(a.extra_ats, 0);
	}
}

static void
test_bytes_of_domains(void **state)
{
	char folded[DOMAIN_MAX];
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		struct text name = around("x", c, "y");
		bool good = is_one_of(c, LETTERS DIGITS "-_.") || c > 0x7f;

		assert_int_equal(domain_fold(name, folded), good ? 3 : 0);
		if (good)
			assert_int_equal(folded[1],
			    is_one_of(c, LETTERS) ? (char)(c | 0x20) : (char)c);
		good = c >= 0x20 && c < 0x7f && !is_one_of(c, "[]\\, @");
		parse(around("u@[x", c, "y]"), false);
		/* what stands before an extra at-sign is no local part */
		assert_int_equal(a.class, good ? ADDRESS_MAILBOX :
		    ADDRESS_MALFORMED);
	}
	assert_int_equal(domain_fold((struct text){ NULL, 0 }, folded), 0);
	assert_int_equal(domain_fold(TEXT("a"), folded), 1);
	assert_false(domain_is_under(TEXT("a"), TEXT("b")));
	assert_true(domain_is_under(TEXT("a"), TEXT("a")));
	assert_true(domain_is_under(TEXT("b.a"), TEXT("a")));
}

static const struct {
	const char *argument;
	enum address_error error;
	size_t at;
} errors[] = {
	{ "", ADDRESS_EMPTY, 0 },
	{ " \t", ADDRESS_EMPTY, 0 },
	{ "<", ADDRESS_BRACKETS, 0 },
	{ "<u@h.test", ADDRESS_BRACKETS, 8 },
	{ " <u@h.test", ADDRESS_BRACKETS, 8 },
	{ "<u@h.test>x", ADDRESS_BRACKETS, 10 },
	{ "u@h.test>", ADDRESS_BAD_DOMAIN, 2 },
	{ "<@h.test>", ADDRESS_BAD_ROUTE, 1 },
	{ "@h.test", ADDRESS_BAD_ROUTE, 0 },
	{ "< @a.test>", ADDRESS_BAD_ROUTE, 2 },
	{ "@a.test:", ADDRESS_EMPTY, 8 },
	{ "<@a.test:>", ADDRESS_EMPTY, 10 },
	{ "@a.test,", ADDRESS_BAD_ROUTE, 0 },
	{ "@a.test,@", ADDRESS_BAD_ROUTE, 0 },
	{ "@a.test,ab.test:u", ADDRESS_BAD_ROUTE, 0 },
	{ "@", ADDRESS_BAD_ROUTE, 0 },
	{ "@:u@h.test", ADDRESS_BAD_ROUTE, 0 },
	{ "@a.test:@h.test", ADDRESS_EMPTY, 8 },
	{ "@a.test:u(@h.test", ADDRESS_BAD_LOCAL, 9 },
	{ "<@a.test:\"u@h.test>", ADDRESS_QUOTES, 9 },
	{ "<@a.test:u@h(>", ADDRESS_BAD_DOMAIN, 11 },
	{ "u@", ADDRESS_EMPTY, 2 },
	{ "<u@>", ADDRESS_EMPTY, 3 },
	{ "u@[", ADDRESS_BAD_DOMAIN, 2 },
	{ "u@[]", ADDRESS_BAD_DOMAIN, 2 },
	{ "u@[,]", ADDRESS_BAD_DOMAIN, 2 },
	{ "u@[,a]", ADDRESS_BAD_DOMAIN, 2 },
	{ "u@[a,]", ADDRESS_BAD_DOMAIN, 2 },
	{ "u@]", ADDRESS_BAD_DOMAIN, 2 },
	{ "u@a]", ADDRESS_BAD_DOMAIN, 2 },
	{ "u@[a", ADDRESS_BAD_DOMAIN, 2 },
	{ "u\\", ADDRESS_BAD_LOCAL, 1 },
	{ "\"", ADDRESS_QUOTES, 0 },
	{ "\"\\\"", ADDRESS_QUOTES, 0 },
	{ ".\"a", ADDRESS_QUOTES, 1 },
	{ "\"\\", ADDRESS_QUOTES, 0 },
	{ "\"a\"b@h.test", ADDRESS_QUOTES, 0 },
	{ "a\"b\"@h.test", ADDRESS_QUOTES, 1 },
	{ "a.\"b\"c@h.test", ADDRESS_QUOTES, 2 },
	{ "\\.\"b\"@h.test", ADDRESS_OK, 0 },
	{ "\\a\"b\"@h.test", ADDRESS_QUOTES, 2 },
	{ "\"a\"\"b\"@h.test", ADDRESS_QUOTES, 0 },
	{ "a@\"b\"@h.test", ADDRESS_OK, 0 },
	{ "a.\"b\".c@h.test", ADDRESS_OK, 0 },
	{ "a\tb@h.test", ADDRESS_CONTROL, 1 },
	{ "ab\x1f@h.test", ADDRESS_CONTROL, 2 },
	{ "u@h\x7f", ADDRESS_CONTROL, 3 },
	{ "ab\x80@h.test", ADDRESS_EIGHT_BIT, 2 },
};

static void
test_errors_and_positions(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		parse(text_of(errors[i].argument), false);
		if (a.error != errors[i].error || a.error_at != errors[i].at)
			fail_msg("%s: %s at %zu", errors[i].argument,
			    address_error_text(a.error), a.error_at);
		assert_int_equal(a.class == ADDRESS_MALFORMED,
		    a.error != ADDRESS_OK);
	}
	parse(TEXT("ab\xc3@h.test"), true);
	assert_int_equal(a.error, ADDRESS_BAD_UTF8);
	assert_int_equal(a.error_at, 2);
	parse(TEXT("ab\xc3"), true); /* cut short where the argument ends */
	assert_int_equal(a.error, ADDRESS_BAD_UTF8);
	assert_int_equal(a.error_at, 2);
	assert_string_equal(address_error_text((enum address_error)99),
	    "unknown error");
}

static void
is_split(const char *argument, enum address_class class, const char *route,
    const char *local, const char *domain, size_t extra_ats)
{
	parse(text_of(argument), false);
	assert_int_equal(a.class, class);
	assert_true(text_equal(a.route, text_of(route)));
	assert_true(text_equal(a.local, text_of(local)));
	assert_true(text_equal(a.domain, text_of(domain)));
	assert_int_equal(a.extra_ats, extra_ats);
}

static void
test_parts(void **state)
{
	(void)state;
	is_split("", ADDRESS_MALFORMED, "", "", "", 0);
	is_split("<>", ADDRESS_NULL, "", "", "", 0);
	is_split(" < u > ", ADDRESS_BARE, "", "u", "", 0);
	is_split("u@h", ADDRESS_MAILBOX, "", "u", "h", 0);
	is_split("u@h.", ADDRESS_MAILBOX, "", "u", "h.", 0);
	is_split("u@@h", ADDRESS_MAILBOX, "", "u@", "h", 1);
	is_split("a@b@c@h", ADDRESS_MAILBOX, "", "a@b@c", "h", 2);
	is_split("", ADDRESS_MALFORMED, "", "", "", 0); /* nothing is left */
	is_split("\"a@b\"@h", ADDRESS_MAILBOX, "", "\"a@b\"", "h", 0);
	is_split("a\\@b@h", ADDRESS_MAILBOX, "", "a\\@b", "h", 0);
	is_split("\"a\\\"@b\"@h", ADDRESS_MAILBOX, "", "\"a\\\"@b\"", "h", 0);
	is_split("<@a,@b:u@h>", ADDRESS_MAILBOX, "@a,@b", "u", "h", 0);
	is_split("@[a:b],@c:u", ADDRESS_BARE, "@[a:b],@c", "u", "", 0);
	is_split("u@[x]", ADDRESS_MAILBOX, "", "u", "[x]", 0);
	assert_false(address_is_literal(TEXT("[")));
	assert_true(address_is_literal(TEXT("[]")));
	assert_true(address_is_literal(TEXT("[a]")));
	assert_false(address_is_literal(TEXT("a]")));
	assert_false(address_is_literal(TEXT("[a")));
	assert_false(address_is_literal((struct text){ NULL, 0 }));
}

static void
test_length(void **state)
{
	char line[ADDRESS_MAX + 3];

	(void)state;
	memset(line, 'u', sizeof line);
	parse((struct text){ line, ADDRESS_MAX }, false);
	assert_int_equal(a.class, ADDRESS_BARE);
	assert_int_equal(a.local.n, ADDRESS_MAX);
	parse((struct text){ line, ADDRESS_MAX + 1 }, false);
	assert_int_equal(a.class, ADDRESS_MALFORMED);
	assert_int_equal(a.error, ADDRESS_TOO_LONG);
	assert_int_equal(a.error_at, ADDRESS_MAX);
	line[0] = line[ADDRESS_MAX + 1] = ' '; /* blanks do not count */
	parse((struct text){ line, ADDRESS_MAX + 2 }, false);
	assert_int_equal(a.class, ADDRESS_BARE);
}

/* UTF8-char of RFC 3629 4, word by word, without ASCII and the C1 controls. */
static bool
is_utf8_char(const unsigned char *s, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t i, want = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] < 0xc2 || s[0] > 0xf4 || n != want)
		return false;
	if (s[0] == 0xc2 || s[0] == 0xe0)
		low = 0xa0;
	if (s[0] == 0xed)
		high = 0x9f;
	if (s[0] == 0xf0)
		low = 0x90;
	if (s[0] == 0xf4)
		high = 0x8f;
	for (i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if (s[i] < low || s[i] > high)
			return false;
	return true;
}

static void
check_utf8(const unsigned char *s, size_t n)
{
	char line[8];
	bool good = is_utf8_char(s, n);

	memcpy(line, s, n);
	parse((struct text){ line, n }, true);
	assert_int_equal(a.class, good ? ADDRESS_BARE : ADDRESS_MALFORMED);
	line[n] = 'x';
	parse((struct text){ line, n + 1 }, true);
	assert_int_equal(a.class, good ? ADDRESS_BARE : ADDRESS_MALFORMED);
	assert_int_equal(a.error_at, 0);
}

/* Every first byte, every second one, the borders of the others. */
static void
test_utf8(void **state)
{
	static const unsigned char tails[] = { 0x41, 0x7f, 0x80, 0x81, 0xbf,
		0xc0 };
	unsigned char s[4];
	unsigned first, second;
	size_t i, j;

	(void)state;
	for (first = 0x80; first < 256; first++) {
		s[0] = (unsigned char)first;
		check_utf8(s, 1);
		for (second = 0x80; second < 256; second++) {
			s[1] = (unsigned char)second;
			if (second < 0xc0)
				check_utf8(s, 2);
			for (i = 0; i < sizeof tails; i++) {
				s[2] = tails[i];
				if (first >= 0xe0)
					check_utf8(s, 3);
				for (j = 0; j < sizeof tails; j++) {
					s[3] = tails[j];
					if (first >= 0xf0)
						check_utf8(s, 4);
				}
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_unquoted),
		cmocka_unit_test(test_bytes_quoted),
		cmocka_unit_test(test_bytes_of_domains),
		cmocka_unit_test(test_errors_and_positions),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
