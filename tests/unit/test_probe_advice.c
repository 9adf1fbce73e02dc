/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of advice: every form has one at every server, every word of a row
 * is a form, and no paragraph is too long for its line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "milter/probe/advice.h"

#define TEXT_MAX 600

static void
test_every_test_has_advice_at_every_server(void **state)
{
	const struct probe_test *t;
	size_t i;
	int m;

	(void)state;
	for (i = 0; (t = table_at(PROFILE_FULL, i)) != NULL; i++)
		for (m = 0; m < MTAS; m++) {
			const struct advice_row *row = advice_row(t,
			    (enum advice_mta)m);

			assert_non_null(row);
			assert_true(row->mta == (enum advice_mta)m ||
			    row->mta == MTA_UNKNOWN);
			/* the last resort is for rules of the future */
			if (row->mta == MTA_UNKNOWN)
				assert_string_not_equal(row->forms, "*");
		}
}

static bool
has_test(const char *rule, size_t n, bool gateway)
{
	const struct probe_test *t;
	size_t i;

	for (i = 0; (t = table_at(PROFILE_FULL, i)) != NULL; i++)
		if (strlen(t->rule) == n && memcmp(t->rule, rule, n) == 0 &&
		    table_wants_relay(t) == gateway)
			return true;
	return false;
}

/* "*", "G", or the rule of some test, behind "G/" one at a relay domain. */
static void
check_word(const char *word, size_t n)
{
	bool gateway = n > 2 && word[0] == 'G' && word[1] == '/';

	if (n == 1 && (word[0] == '*' || word[0] == 'G'))
		return;
	if (!has_test(gateway ? word + 2 : word, gateway ? n - 2 : n, gateway))
		fail_msg("no test for %.*s", (int)n, word);
}

static void
test_every_word_is_a_form(void **state)
{
	const struct advice_row *row;

	(void)state;
	for (row = advice_rows; row->forms != ADVICE_ROWS_END; row++) {
		const char *at = row->forms;

		while (*at != '\0') {
			size_t n = strcspn(at, " ");

			assert_true(n > 0);
			check_word(at, n);
			at += n + (at[n] == ' ');
		}
	}
}

/* No server has two rows for one form: the second would never be found. */
static void
test_no_row_is_shadowed(void **state)
{
	const struct advice_row *a, *b;
	char word[16];

	(void)state;
	for (a = advice_rows; a->forms != ADVICE_ROWS_END; a++)
		for (b = a + 1; b->forms != ADVICE_ROWS_END; b++) {
			const char *at = b->forms;

			while (a->mta == b->mta && *at != '\0') {
				size_t n = strcspn(at, " ");

				snprintf(word, sizeof word, " %.*s ", (int)n,
				    at);
				assert_null(strstr(a->forms, word));
				at += n + (at[n] == ' ');
			}
		}
}

static void
test_texts_fit_and_are_ascii(void **state)
{
	const struct advice_row *row;
	size_t i;

	(void)state;
	for (row = advice_rows; row->forms != ADVICE_ROWS_END; row++) {
		size_t n = strlen(row->text);

		assert_true(n > 60 && n < TEXT_MAX);
		assert_int_equal(row->text[n - 1], '.');
		for (i = 0; i < n; i++)
			assert_in_range(row->text[i], ' ', '~');
	}
	assert_true(TEXT_MAX + sizeof(struct advice_paragraph) + 40 <
	    ADVICE_LINE_MAX);
}

static const struct probe_test *
test_of(const char *id)
{
	const struct probe_test *t = table_find(id);

	assert_non_null(t);
	return t;
}

static void
test_the_most_exact_row_wins(void **state)
{
	static const struct {
		const char *id;
		enum advice_mta mta;
		const char *forms; /* how those of the row begin */
		bool general;
	} want[] = {
		{ "P08", MTA_SENDMAIL, "P08 ", false },
		{ "P08.1", MTA_SENDMAIL, "P08 ", false },
		{ "G01", MTA_SENDMAIL, "G/P08 ", false },
		{ "G15", MTA_SENDMAIL, "G", false },
		{ "G01", MTA_POSTFIX, "G", false },
		{ "S01.1", MTA_SENDMAIL, "S01 ", true },
		{ "P17", MTA_OPENSMTPD, "P08 ", true },
		{ "P17", MTA_IMS, "*", false },
		{ "G01", MTA_GUARD, "*", false },
		{ "G01", MTA_UNKNOWN, "G", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof want / sizeof want[0]; i++) {
		const struct advice_row *row = advice_row(test_of(want[i].id),
		    want[i].mta);

		assert_memory_equal(row->forms, want[i].forms,
		    strlen(want[i].forms));
		assert_int_equal(row->mta, want[i].general ? MTA_UNKNOWN :
		    want[i].mta);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_test_has_advice_at_every_server),
		cmocka_unit_test(test_every_word_is_a_form),
		cmocka_unit_test(test_no_row_is_shadowed),
		cmocka_unit_test(test_texts_fit_and_are_ascii),
		cmocka_unit_test(test_the_most_exact_row_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
