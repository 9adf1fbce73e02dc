/* SPDX-License-Identifier: BSD-2-Clause */
/* What the self-test makes of a mail server's replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/probe/reply.h"

struct reply_case {
	const char *lines[4];
	enum reply_line kind; /* of the last line */
	unsigned code;
	const char *dsn;
	enum outcome outcome;
};

static const struct reply_case replies[] = {
	{ { "250 2.1.5 ok" }, REPLY_DONE, 250, "2.1.5", OUTCOME_ACCEPTED },
	{ { "251 forwarded" }, REPLY_DONE, 251, "", OUTCOME_ACCEPTED },
	{ { "252" }, REPLY_DONE, 252, "", OUTCOME_ACCEPTED },
	{ { "250 ok, id 5305300" }, REPLY_DONE, 250, "", OUTCOME_ACCEPTED },
	{ { "550 5.7.1 no" }, REPLY_DONE, 550, "5.7.1", OUTCOME_REFUSED },
	{ { "550-530 go away", "250 oh well" }, REPLY_DONE, 250, "",
	    OUTCOME_ACCEPTED },
	{ { "250-ok", "550-5.7.1 no", "550 5.7.1 no" }, REPLY_DONE, 550,
	    "5.7.1", OUTCOME_REFUSED },
	{ { "250-more" }, REPLY_MORE, 250, "", OUTCOME_ACCEPTED },
	{ { "450 4.7.1 later" }, REPLY_DONE, 450, "4.7.1", OUTCOME_DEFERRED },
	{ { "421 4.3.2 bye" }, REPLY_DONE, 421, "4.3.2", OUTCOME_UNANSWERED },
	{ { "354 go on" }, REPLY_DONE, 354, "", OUTCOME_UNANSWERED },
	{ { "550 5.7.12345 x" }, REPLY_DONE, 550, "", OUTCOME_REFUSED },
	{ { "550 5.7 x" }, REPLY_DONE, 550, "", OUTCOME_REFUSED },
	{ { " 250 ok" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "2500 ok" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "150 ok" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "650 ok" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "25" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "HTTP/1.1 400" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
};

static void
reply_codes_stand_in_the_last_line(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof replies / sizeof replies[0]; i++) {
		const struct reply_case *c = &replies[i];
		struct reply r = { 0 };
		enum reply_line kind = REPLY_GARBAGE;

		for (k = 0; k < 4 && c->lines[k] != NULL; k++) {
			/* exact size, so that the sanitizer sees overreads */
			size_t n = strlen(c->lines[k]);
			char *copy = malloc(n > 0 ? n : 1);

			assert_non_null(copy);
			memcpy(copy, c->lines[k], n);
			kind = reply_take(&r, (struct text){ copy, n });
			free(copy);
		}
		if (kind != c->kind || r.code != c->code ||
		    strcmp(r.dsn, c->dsn) != 0 ||
		    reply_outcome(&r) != c->outcome)
			fail_msg("reply '%s': %d %u '%s' %s", c->lines[0],
			    (int)kind, r.code, r.dsn,
			    outcome_text(reply_outcome(&r)));
	}
}

static void
reply_of_endless_lines_is_garbage(void **state)
{
	struct reply r = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < REPLY_LINES_MAX; i++)
		assert_int_equal(reply_take(&r, TEXT("250-x")), REPLY_MORE);
	assert_int_equal(reply_take(&r, TEXT("250 x")), REPLY_GARBAGE);
}

static void
reply_is_escaped(void **state)
{
	struct reply r = { 0 };

	(void)state;
	assert_int_equal(reply_take(&r, TEXT("550 \033[31m\xff")), REPLY_DONE);
	assert_string_equal(r.last, "\\x1b[31m\\xff");
}

static const struct {
	const char *line;
	enum layer layer;
	const char *rule, *form;
} layers[] = {
	{ "550 5.7.1 Relaying denied (P08 percent-hack)", LAYER_GUARD, "P08",
	    "percent-hack" },
	{ "553 5.1.3 Malformed (F01 malformed)", LAYER_GUARD, "F01",
	    "malformed" },
	{ "451 4.3.2 Later (M01 mta-disagrees)", LAYER_GUARD, "M01",
	    "mta-disagrees" },
	{ "550 5.7.1 (see (P17 bang-path))", LAYER_GUARD, "P17", "bang-path" },
	{ "550 5.7.1 <a>... Relaying denied", LAYER_RELAY, "", "" },
	{ "550 5.7.1 Relaying denied (P08 Percent)", LAYER_RELAY, "", "" },
	{ "550 5.7.1 Relaying denied (P0 x)", LAYER_RELAY, "", "" },
	/* others write so as well */
	{ "554 5.7.1 Blocked (S25 spamlist)", LAYER_FILTER, "", "" },
	{ "554 5.7.1 Blocked (P08 spamlist)", LAYER_FILTER, "", "" },
	{ "554 5.7.1 Blocked (S25 percent-hack)", LAYER_FILTER, "", "" },
	{ "554 5.7.1 Blocked (P08)", LAYER_FILTER, "", "" },
	{ "554 5.7.1 Blocked ()", LAYER_FILTER, "", "" },
	{ "554 5.7.1 Blocked (", LAYER_FILTER, "", "" },
	{ "550 5.7.1 Relaying denied (P08 percent-hack", LAYER_RELAY, "", "" },
	{ "550 relaying denied", LAYER_RELAY, "", "" },
	{ "554 5.7.1 <u@d>: Relay access denied", LAYER_RELAY, "", "" },
	{ "550 relay not permitted", LAYER_RELAY, "", "" },
	{ "550 5.7.1 Unable to relay", LAYER_RELAY, "", "" },
	{ "550 Restricted characters in address", LAYER_RELAY, "", "" },
	{ "550 Invalid recipient: <u@d>", LAYER_RELAY, "", "" },
	{ "524 5.2.4 Mailing list expansion problem: <u>", LAYER_MAILBOX, "",
	    "" },
	{ "550 5.1.1 User unknown", LAYER_MAILBOX, "", "" },
	{ "550 no such user here", LAYER_MAILBOX, "", "" },
	{ "553 5.1.8 Domain does not exist", LAYER_SENDER, "", "" },
	{ "450 4.1.8 no DNS", LAYER_SENDER, "", "" },
	{ "553 5.5.4 Real domain name required for sender address",
	    LAYER_SENDER, "", "" },
	{ "553 5.1.3 Invalid route address", LAYER_PARSER, "", "" },
	{ "501 5.1.3 Bad address", LAYER_PARSER, "", "" },
	{ "555 5.5.4 x parameter unrecognized", LAYER_PARSER, "", "" },
	{ "550 5.7.1 <|x>... Cannot mail directly to programs",
	    LAYER_MAILBOX, "", "" },
	{ "553 what", LAYER_PARSER, "", "" },
	{ "550 5.7.1 Command rejected", LAYER_FILTER, "", "" },
	{ "450 4.7.1 Greylisted", LAYER_FILTER, "", "" },
	{ "451 later", LAYER_FILTER, "", "" },
	{ "554 no", LAYER_UNKNOWN, "", "" },
	{ "250 2.1.5 ok (P08 percent-hack)", LAYER_NONE, "", "" },
};

static void
reply_tells_who_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof layers / sizeof layers[0]; i++) {
		struct reply r = { 0 };
		struct reply_by by;

		reply_take(&r, text_of(layers[i].line));
		by = reply_by(&r);
		if (by.layer != layers[i].layer ||
		    !text_equal(by.rule, text_of(layers[i].rule)) ||
		    !text_equal(by.form, text_of(layers[i].form)))
			fail_msg("'%s': %s", layers[i].line,
			    layer_text(by.layer));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_codes_stand_in_the_last_line),
		cmocka_unit_test(reply_of_endless_lines_is_garbage),
		cmocka_unit_test(reply_is_escaped),
		cmocka_unit_test(reply_tells_who_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
