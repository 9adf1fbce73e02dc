/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The formats over results made by hand: what no server can bring about, and
 * names of tests that would break a format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "milter/probe/report_parts.h"
#include "milter/probe/verdict.h"

static const struct probe_test odd = {
	.id = "P08", .rule = "P08", .what = "a # SKIP <b> & \"c\" ]]> \\ d",
	.trick = TRICK_RECIPIENT, .mail = "<{u}@{s}>",
	.mail_expect = "250 2.1.0", .rcpt = { "<{u}%{d}@{h}>" },
	.rcpt_expect = "550 5.7.1",
};

static void
set_score(struct probe_score *s, const struct probe_test *t, unsigned code)
{
	struct probe_step *step = &s->attempt[0].step[0];

	s->test = t;
	s->n = s->attempt[0].n = 1;
	s->attempt[0].mail = 1;
	step->verb = VERB_RCPT;
	step->reply.code = code;
	step->outcome = s->attempt[0].outcome = s->outcome =
	    reply_outcome(&step->reply);
}

/* One test that ended with this code, of a server where N did so. */
static struct probe_result *
make_result(unsigned code, unsigned nobody)
{
	struct probe_result *r = result_new(PROFILE_PAPER);

	assert_non_null(r);
	r->n_tests = 1;
	set_score(&r->test[0], &odd, code);
	r->n_controls = r->n_before = 1;
	set_score(&r->control[0], table_control('N'), nobody);
	verdict_judge(r);
	return r;
}

static char *
print(enum report_format f, const struct probe_result *r)
{
	struct report_options o = { .dialogue = DIALOGUE_ALL };
	size_t n;
	char *text;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	assert_int_equal(report_print(f, r, &o, out), 0);
	fclose(out);
	return text;
}

static void
assert_prints(enum report_format f, const struct probe_result *r,
    const char *want)
{
	char *text = print(f, r);

	if (strstr(text, want) == NULL)
		fail_msg("no %s in\n%s", want, text);
	free(text);
}

static void
test_names_are_escaped(void **state)
{
	struct probe_result *r = make_result(550, 550);

	(void)state;
	assert_prints(FORMAT_TAP, r, "\nok 1 - P08 percent-hack: "
	    "a \\# SKIP <b> & \"c\" ]]> \\\\ d\n");
	assert_prints(FORMAT_JUNIT, r, "name=\"P08 "
	    "a # SKIP &lt;b&gt; &amp; &quot;c&quot; ]]&gt; \\ d\"");
	assert_prints(FORMAT_HTML, r,
	    "a # SKIP &lt;b&gt; &amp; &quot;c&quot; ]]&gt; \\ d");
	assert_prints(FORMAT_JSON, r,
	    "\"a # SKIP <b> & \\\"c\\\" ]]> \\\\ d\"");
	result_free(r);
}

static void
test_skipped_in_tap(void **state)
{
	struct probe_result *r = make_result(550, 550);

	(void)state;
	r->test[0].skipped = "no # here";
	r->test[0].outcome = OUTCOME_UNTESTED;
	assert_prints(FORMAT_TAP, r, " \\\\ d # SKIP no \\# here\n");
	assert_prints(FORMAT_JUNIT, r, "skipped=\"1\"");
	result_free(r);
}

static void
assert_grade(unsigned code, unsigned nobody, enum probe_proof proof,
    enum report_grade want)
{
	struct probe_result *r = make_result(code, nobody);

	r->test[0].attempt[0].proof = proof;
	assert_int_equal(report_grade(r, &r->test[0]), want);
	assert_int_equal(report_graded(r, want), 1);
	result_free(r);
}

static void
test_grades(void **state)
{
	(void)state;
	assert_grade(550, 550, PROOF_NONE, GRADE_CLOSED);
	assert_grade(450, 550, PROOF_NONE, GRADE_UNCLEAR);
	assert_grade(421, 550, PROOF_NONE, GRADE_UNCLEAR);
	assert_grade(250, 550, PROOF_NONE, GRADE_RELAYS);
	/* takes any name at its own domain */
	assert_grade(250, 250, PROOF_NONE, GRADE_UNCLEAR);
	assert_grade(250, 250, PROOF_DELIVERED, GRADE_RELAYS);
	assert_grade(250, 550, PROOF_UNSEEN, GRADE_UNCLEAR);
	assert_grade(250, 550, PROOF_REFUSED, GRADE_CLOSED);
	assert_grade(250, 550, PROOF_BOUNCED, GRADE_CLOSED);
}

static void
test_time(void **state)
{
	char out[REPORT_TIME_MAX];

	(void)state;
	report_time(0, out);
	assert_string_equal(out, "");
	report_time(1000000000, out);
	assert_string_equal(out, "2001-09-09T01:46:40Z");
	report_time(INT64_MAX, out); /* no such year */
	assert_string_equal(out, "");
}

static void
test_full_disk(void **state)
{
	struct report_options o = { .dialogue = DIALOGUE_ALL };
	struct probe_result *r = make_result(550, 550);
	int f;

	(void)state;
	for (f = FORMAT_TEXT; f <= FORMAT_NAGIOS; f++) {
		FILE *out = fopen("/dev/full", "w");

		assert_non_null(out);
		assert_int_equal(report_print((enum report_format)f, r, &o,
		    out), -1);
		fclose(out);
	}
	result_free(r);
}

static void
test_formats_by_name(void **state)
{
	enum report_format f = FORMAT_TEXT;

	(void)state;
	assert_true(report_find("nagios", &f));
	assert_int_equal(f, FORMAT_NAGIOS);
	assert_false(report_find("xml", &f));
	assert_false(report_find("", &f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_escaped),
		cmocka_unit_test(test_skipped_in_tap),
		cmocka_unit_test(test_grades),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_formats_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
