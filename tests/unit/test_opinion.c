/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mail server's second opinion, byte by byte: a place outside that is
 * written in the recipient as a word of its own is a reading that we lack.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/decide.h"

static struct policy *policy;

static int
make_policy(void **state)
{
	struct policy_builder *b = policy_builder_new(3);
	struct policy_entry e = { .kind = POLICY_LOCAL,
		.value = TEXT("guard.test") };
	unsigned id;

	(void)state;
	policy_source(b, TEXT("test"), &id);
	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	policy = policy_freeze(b);
	return policy == NULL;
}

static int
free_policy(void **state)
{
	(void)state;
	policy_free(policy);
	return 0;
}

/* Is recipient, which the server sends to address, refused by M01? */
static bool
disagrees(struct text recipient, const char *address)
{
	static struct verdict v;
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.rcpt_mailer = TEXT("esmtp"), .rcpt_address = text_of(address),
		.utf8 = true };
	struct facts facts = { .now = 5 };
	char *exact = malloc(recipient.n); /* every byte too far is seen */

	assert_non_null(exact);
	memcpy(exact, recipient.at, recipient.n);
	e.recipient = (struct text){ exact, recipient.n };
	decide_recipient(policy, &e, &facts, &v);
	free(exact);
	if (v.action == VERDICT_ACCEPT)
		return false;
	assert_string_equal(v.rule->id, "M01");
	return true;
}

static bool
is_of_name(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-';
}

/* What may stand beside the word, and what makes it part of another. */
static void
test_words(void **state)
{
	static const char quoted[] = "\"\\%!@";
	char line[64];
	int c, n;

	(void)state;
	for (c = ' '; c < 0x7f; c++) {
		if (strchr(quoted, c) != NULL)
			continue; /* those have readings or end the quotes */
		n = snprintf(line, sizeof line, "\"u=d%c+\"@guard.test", c);
		assert_int_equal(disagrees((struct text){ line, (size_t)n },
		    "u@d.example"), !is_of_name(c));
		n = snprintf(line, sizeof line, "\"+%cd\"@guard.test", c);
		assert_int_equal(disagrees((struct text){ line, (size_t)n },
		    "u@d.example"), !is_of_name(c));
	}
	/* letters of other scripts go on with a name too */
	assert_false(disagrees(TEXT("\"=d\xc3\xa4\"@guard.test"), "u@d.test"));
	assert_false(disagrees(TEXT("\"=\xc3\x80""d\"@guard.test"),
	    "u@d.test"));
	/* quoting and blanks inside are laid aside, case does not matter */
	assert_true(disagrees(TEXT("\"u=d\\\"x\"@guard.test"), "u@dx.test"));
	assert_true(disagrees(TEXT("\"u=d\\\\x\"@guard.test"), "u@dx.test"));
	assert_true(disagrees(TEXT("\"u=d x\"@guard.test"), "u@dx.test"));
	assert_true(disagrees(TEXT("\"u=DX\"@guard.test"), "u@dX.test"));
	assert_false(disagrees(TEXT("\"u=d.x\"@guard.test"), "u@dx.test"));
	assert_false(disagrees(TEXT("\"u=d\"@guard.test"), "u@dx.test"));
	/* the first label of the place, wherever it stands */
	assert_true(disagrees(TEXT("\"d\"@guard.test"), "u@d.test"));
	assert_true(disagrees(TEXT("\"dx=d\"@guard.test"), "u@d.test"));
	assert_false(disagrees(TEXT("\"xd\"@guard.test"), "u@d.test"));
	assert_false(disagrees(TEXT("xd%@guard.test"), "u@d.test"));
	assert_false(disagrees(TEXT("\"test\"@guard.test"), "u@d.test"));
	/* at the end of an argument without brackets or domain */
	assert_true(disagrees(TEXT("u\\=d"), "u@d.test"));
	assert_false(disagrees(TEXT("u\\=d"), "u@dd.test"));
}

/* Which places a server can name: a host behind the last at-sign. */
static void
test_places(void **state)
{
	static const char one[] = "azAZ09";
	char address[16], recipient[32];
	size_t i;
	int n;

	(void)state;
	for (i = 0; i + 1 < sizeof one; i++) {
		snprintf(address, sizeof address, "u@%c", one[i]);
		n = snprintf(recipient, sizeof recipient,
		    "\"u=%c\"@guard.test", one[i]);
		assert_true(disagrees((struct text){ recipient, (size_t)n },
		    address));
	}
	assert_true(disagrees(TEXT("\"u=d\"@guard.test"), "@d.test"));
	assert_true(disagrees(TEXT("\"u=d\"@guard.test"), "x@y@d.test"));
	assert_true(disagrees(TEXT("\"u=\xc3\xa4\"@guard.test"),
	    "u@\xc3\xa4.test"));
	assert_true(disagrees(TEXT("\"u=-d\"@guard.test"), "u@-d"));
	assert_false(disagrees(TEXT("\"u=d\"@guard.test"), "d.test"));
	assert_false(disagrees(TEXT("\"u=d\"@guard.test"), "u@"));
	assert_false(disagrees(TEXT("\"u=/\"@guard.test"), "u@/"));
	assert_false(disagrees(TEXT("\"u={\"@guard.test"), "u@{"));
	assert_false(disagrees(TEXT("\"u=:\"@guard.test"), "u@:"));
	assert_false(disagrees(TEXT("\"u=d\"@guard.test"), "u@guard.test"));
}

/* Only what can be misread can hide a reading. */
static void
test_tricky(void **state)
{
	static const char *const tricky[] = { "d%", "d!", "\"d\"", "d\\=",
		"=d\xc3\xa4=", "\xc3\x80=d", "\\=d" };
	static const char plain[] = "#$&'*+-/=?^_`{|}~.";
	char line[64];
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof tricky / sizeof tricky[0]; i++) {
		n = snprintf(line, sizeof line, "+=d=%s@guard.test", tricky[i]);
		if (tricky[i][0] == '"')
			n = snprintf(line, sizeof line, "%s@guard.test",
			    tricky[i]);
		assert_true(disagrees((struct text){ line, (size_t)n },
		    "u@d.test"));
	}
	for (i = 0; i + 1 < sizeof plain; i++) {
		n = snprintf(line, sizeof line, "+=d=%c@guard.test", plain[i]);
		assert_false(disagrees((struct text){ line, (size_t)n },
		    "u@d.test"));
	}
	assert_true(disagrees(TEXT("!d@guard.test"), "u@d.test"));
	assert_true(disagrees(TEXT("@guard.test:d@guard.test"), "u@d.test"));
	assert_true(disagrees(TEXT("@guard.test:u@guard.test"), "u@guard"));
}

/* What is delivered here, and what is no mail at all, leads nowhere. */
static void
test_mailers(void **state)
{
	static struct verdict v;
	static const char *const mailers[] = { "", "local", "error", "esmtp" };
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.recipient = TEXT("<\"u=d\"@guard.test>"),
		.rcpt_address = TEXT("u@d.test") };
	struct facts facts = { .now = 5 };
	char line[REASON_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		e.rcpt_mailer = text_of(mailers[i]);
		decide_recipient(policy, &e, &facts, &v);
		assert_int_equal(v.action, i < 3 ? VERDICT_ACCEPT :
		    VERDICT_REFUSE);
	}
	assert_string_equal(reason_print(&v.reason[2], policy, line),
	    "the mail server resolves it to d.test");
	/* the administrator's mapping passes, and can be seen in the chain */
	e.recipient = TEXT("<info@guard.test>");
	decide_recipient(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	assert_int_equal(v.n, 3);
	assert_int_equal(v.reason[2].kind, REASON_MTA);
	/* not a place that no host can be */
	e.rcpt_address = TEXT("u@\x7f");
	decide_recipient(policy, &e, &facts, &v);
	assert_int_equal(v.n, 2);
	e.rcpt_address = TEXT("u@\x80");
	decide_recipient(policy, &e, &facts, &v);
	assert_int_equal(v.n, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_tricky),
		cmocka_unit_test(test_mailers),
	};

	return cmocka_run_group_tests(tests, make_policy, free_policy);
}
