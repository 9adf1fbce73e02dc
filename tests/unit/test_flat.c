/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The flat local part by itself: where its user bytes are, and that nothing
 * counts which stood in the buffer before or stands beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/words.h"

#define SEPARATORS " \t,:;<>()"
#define OPERATORS "@%!"

static void
test_user_bytes(void **state)
{
	static const struct {
		const char *local;
		size_t first, last;
	} cases[] = {
		{ "", 0, 0 }, { "%", 1, 0 }, { "%%!", 3, 0 },
		{ OPERATORS SEPARATORS, 12, 0 }, { "u", 0, 0 },
		{ "u!", 0, 0 }, { "!u", 1, 1 }, { "!u!", 1, 1 },
		{ "%:ab,@", 2, 3 }, { "a%b", 0, 2 }, { "\"% b\"", 2, 2 },
	};
	/* before and behind: of a user, an operator, a separator */
	static const char beside[] = "u!:";
	unsigned char mark[ADDRESS_MAX];
	char buffer[ADDRESS_MAX + 1];
	struct flat f;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (k = 0; beside[k] != '\0'; k++) {
			memset(buffer, beside[k], sizeof buffer);
			f = flat_make(text_of(cases[i].local), buffer + 1,
			    mark);
			assert_int_equal(f.first, cases[i].first);
			assert_int_equal(f.last, cases[i].last);
		}
	}
}

/* The longest: no byte of a user in all of its buffer, and none beyond. */
static void
test_longest(void **state)
{
	char *local = malloc(ADDRESS_MAX), *text = malloc(ADDRESS_MAX);
	unsigned char *mark = malloc(ADDRESS_MAX);
	struct flat f;

	(void)state;
	assert_true(local != NULL && text != NULL && mark != NULL);
	memset(local, '!', ADDRESS_MAX);
	f = flat_make((struct text){ local, ADDRESS_MAX }, text, mark);
	assert_int_equal(f.n, ADDRESS_MAX);
	assert_int_equal(f.first, ADDRESS_MAX);
	assert_int_equal(f.last, 0);
	free(local);
	free(text);
	free(mark);
}

/* Only a bracket that is closed keeps colons and operators in its word. */
static void
test_literals(void **state)
{
	static const struct {
		const char *local;
		size_t end;
	} cases[] = {
		{ "[a%b]c:", 6 }, { "[a:b]", 5 }, { "[a%b", 2 }, { "[a:b", 2 },
		{ "[", 1 }, { "a[b:c]", 3 }, { "[]", 2 }, { "[a]!", 3 },
	};
	unsigned char mark[ADDRESS_MAX];
	char text[ADDRESS_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(word_end(flat_make(text_of(cases[i].local),
		    text, mark), 0), cases[i].end);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_user_bytes),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_literals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
