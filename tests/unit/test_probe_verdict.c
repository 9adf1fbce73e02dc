/* SPDX-License-Identifier: BSD-2-Clause */
/* From outcomes to a verdict, and to the text of the report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/probe/report.h"
#include "milter/probe/verdict.h"

/* ---- the verdict ---- */

static void
put_score(struct probe_score *s, const struct probe_test *t, enum outcome o)
{
	static const unsigned code[OUTCOMES] = { 550, 450, 0, 354, 250 };

	s->test = t;
	s->n = 1;
	s->outcome = s->attempt[0].outcome = o;
	s->attempt[0].n = 1;
	s->attempt[0].step[0].verb = VERB_RCPT;
	s->attempt[0].step[0].reply.code = code[o];
}

/*
 * Outcomes by their initials: of the controls A and B before, B and A after,
 * and of the tests, the last of which stands for all the others.
 */
static enum probe_verdict
verdict_of(const char *controls, const char *rest)
{
	static const char initials[] = "rdunA"; /* in the order of the enum */
	static const char which[] = "ABBA";
	struct probe_result *r = result_new(PROFILE_PAPER);
	enum probe_verdict v;
	size_t i;

	assert_non_null(r);
	for (i = 0; i < 4; i++)
		put_score(&r->control[i], table_control(which[i]),
		    (enum outcome)(strchr(initials, controls[i]) - initials));
	r->n_controls = 4;
	r->n_before = 2;
	for (i = 0; i < table_count(PROFILE_PAPER); i++) {
		put_score(&r->test[i], table_at(PROFILE_PAPER, i),
		    (enum outcome)(strchr(initials, *rest) - initials));
		if (rest[1] != '\0')
			rest++;
	}
	r->n_tests = table_count(PROFILE_PAPER);
	verdict_judge(r);
	v = r->verdict;
	assert_true((v == PROBE_CLOSED) == (r->n_reasons == 0));
	result_free(r);
	return v;
}

/* A is accepted; so are the other strangers, or not. */
static enum probe_verdict
verdict_of_strangers(enum outcome first, enum outcome second)
{
	struct probe_result *r = result_new(PROFILE_PAPER);
	enum probe_verdict v;

	assert_non_null(r);
	put_score(&r->control[0], table_control('A'), OUTCOME_ACCEPTED);
	put_score(&r->control[1], table_control('S'), first);
	put_score(&r->control[2], table_control('S'), second);
	put_score(&r->control[3], table_control('B'), OUTCOME_ACCEPTED);
	r->n_controls = r->n_before = 4;
	verdict_judge(r);
	v = r->verdict;
	result_free(r);
	return v;
}

static void
verdict_needs_a_stranger(void **state)
{
	(void)state;
	assert_int_equal(verdict_of_strangers(OUTCOME_ACCEPTED,
	    OUTCOME_ACCEPTED), PROBE_RELAYS);
	assert_int_equal(verdict_of_strangers(OUTCOME_REFUSED,
	    OUTCOME_REFUSED), PROBE_INVALID);
	assert_int_equal(verdict_of_strangers(OUTCOME_ACCEPTED,
	    OUTCOME_REFUSED), PROBE_INVALID);
	assert_int_equal(verdict_of_strangers(OUTCOME_UNANSWERED,
	    OUTCOME_DEFERRED), PROBE_RELAYS);
}

/* Accepted, which proves nothing where any local name is, or a message was. */
static void
verdict_needs_proof_of_a_catch_all(void **state)
{
	struct probe_result *r = result_new(PROFILE_PAPER);
	struct probe_score *at = &r->test[0], *away = &r->test[1];

	(void)state;
	assert_non_null(r);
	put_score(&r->control[0], table_control('N'), OUTCOME_ACCEPTED);
	r->n_controls = 1;
	put_score(at, table_find("P08"), OUTCOME_ACCEPTED);
	put_score(away, table_find("P15"), OUTCOME_ACCEPTED);
	assert_int_equal(verdict_sign(r, at), SIGN_OPEN);
	assert_int_equal(verdict_sign(r, away), SIGN_RELAYS);
	at->attempt[0].proof = PROOF_DELIVERED;
	assert_int_equal(verdict_sign(r, at), SIGN_RELAYS);
	away->attempt[0].proof = PROOF_UNSEEN;
	assert_int_equal(verdict_sign(r, away), SIGN_OPEN);
	away->attempt[0].proof = PROOF_BOUNCED;
	assert_int_equal(verdict_sign(r, away), SIGN_NONE);
	away->attempt[0].proof = PROOF_REFUSED;
	assert_int_equal(verdict_sign(r, away), SIGN_NONE);
	result_free(r);
}

/* What a server takes, by test, when nothing else is known. */
static void
verdict_tells_where_it_would_go(void **state)
{
	static const struct {
		const char *id;
		enum verdict_sign sign;
	} signs[] = { { "P08", SIGN_RELAYS }, { "G01", SIGN_TWO_HOPS },
		{ "G11", SIGN_TWO_HOPS }, { "G07", SIGN_TWO_HOPS },
		{ "G16", SIGN_TWO_HOPS }, { "G04", SIGN_RELAYS },
		{ "G26", SIGN_RELAYS }, { "P01.31", SIGN_BESIDE } };
	struct probe_result *r = result_new(PROFILE_PAPER);
	size_t i;

	(void)state;
	assert_non_null(r);
	for (i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		put_score(&r->test[0], table_find(signs[i].id),
		    OUTCOME_ACCEPTED);
		if (verdict_sign(r, &r->test[0]) != signs[i].sign)
			fail_msg("%s", signs[i].id);
	}
	result_free(r);
}

static void
verdict_needs_valid_controls(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("rAAr", "r"), PROBE_CLOSED);
	assert_int_equal(verdict_of("rAAr", "rrAr"), PROBE_RELAYS);
	assert_int_equal(verdict_of("AAAr", "r"), PROBE_RELAYS);
	assert_int_equal(verdict_of("rAAA", "r"), PROBE_RELAYS);
	assert_int_equal(verdict_of("AAAA", "A"), PROBE_RELAYS);
	/* a relay is a fact, whatever the controls say */
	assert_int_equal(verdict_of("rrrr", "Ar"), PROBE_RELAYS);
	assert_int_equal(verdict_of("rAAr", "dr"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("rAAr", "ur"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("rAAr", "nr"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("dAAr", "r"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("rAAd", "r"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("rrrr", "r"), PROBE_INVALID);
	assert_int_equal(verdict_of("rdAr", "r"), PROBE_INVALID);
	assert_int_equal(verdict_of("rArr", "r"), PROBE_INVALID);
	assert_int_equal(verdict_of("rAur", "ru"), PROBE_INVALID);
	assert_int_equal(verdict_of("uuuu", "u"), PROBE_INVALID);
	assert_int_equal(verdict_of("rAAr", "u"), PROBE_INVALID);
	assert_int_equal(verdict_of("dddd", "d"), PROBE_INVALID);
}

static void
worst_spelling_counts(void **state)
{
	static struct probe_score s;
	enum outcome o;

	(void)state;
	s.n = 2;
	for (o = OUTCOME_REFUSED; o <= OUTCOME_ACCEPTED; o++) {
		s.attempt[0].outcome = OUTCOME_REFUSED;
		s.attempt[1].outcome = o;
		score_settle(&s, true);
		assert_int_equal(s.outcome, o);
		s.attempt[0].outcome = OUTCOME_ACCEPTED;
		score_settle(&s, true);
		assert_int_equal(s.outcome, OUTCOME_ACCEPTED);
	}
	/* of the two postmasters the one that is accepted */
	s.attempt[0].outcome = OUTCOME_UNTESTED;
	s.attempt[1].outcome = OUTCOME_ACCEPTED;
	score_settle(&s, false);
	assert_int_equal(s.outcome, OUTCOME_ACCEPTED);
	s.attempt[1].outcome = OUTCOME_REFUSED;
	score_settle(&s, false);
	assert_int_equal(s.outcome, OUTCOME_UNTESTED);
}

/* ---- transcript and report ---- */

static void
transcript_is_bounded(void **state)
{
	struct transcript t = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < TRANSCRIPT_LINES_MAX + 300; i++)
		transcript_add(&t, "<<<", TEXT("250-\033x\\"));
	assert_true(t.cut);
	assert_true(t.n >= TRANSCRIPT_LINES_MAX);
	assert_true(t.n < TRANSCRIPT_LINES_MAX + 300);
	assert_string_equal(t.line[0], "<<< 250-\\x1bx\\x5c");
	transcript_free(&t);
	assert_int_equal(t.n, 0);
	transcript_add(NULL, "<<<", TEXT("nowhere"));
}

/* Every row of the text report, without one control byte in it. */
static void
report_prints_every_test(void **state)
{
	struct report_options o = { .width = 80 };
	struct probe_result *r = result_new(PROFILE_PAPER);
	char *text = NULL;
	size_t size = 0, i;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_non_null(r);
	assert_non_null(f);
	for (i = 0; i < table_count(PROFILE_PAPER); i++)
		put_score(&r->test[i], table_at(PROFILE_PAPER, i),
		    OUTCOME_DEFERRED);
	strcpy(r->test[8].attempt[0].step[0].argument, "a\033b");
	r->n_tests = table_count(PROFILE_PAPER);
	verdict_judge(r);
	assert_int_equal(report_print(FORMAT_TEXT, r, &o, f), 0);
	fclose(f);
	for (i = 0; i < table_count(PROFILE_PAPER); i++)
		assert_non_null(strstr(text, table_at(PROFILE_PAPER, i)->id));
	assert_non_null(strstr(text, "20 tests: 20 deferred"));
	assert_non_null(strstr(text, "a\\x1bb"));
	assert_null(strchr(text, '\033'));
	free(text);
	result_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_needs_a_stranger),
		cmocka_unit_test(verdict_needs_proof_of_a_catch_all),
		cmocka_unit_test(verdict_tells_where_it_would_go),
		cmocka_unit_test(verdict_needs_valid_controls),
		cmocka_unit_test(worst_spelling_counts),
		cmocka_unit_test(transcript_is_bounded),
		cmocka_unit_test(report_prints_every_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
