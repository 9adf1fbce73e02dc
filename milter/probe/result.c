/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *
probe_verdict_text(enum probe_verdict v)
{
	static const char *const text[] = { "closed", "relays", "inconclusive",
		"invalid" };

	return text[v];
}

struct probe_result *
result_new(void)
{
	return calloc(1, sizeof(struct probe_result));
}

static void
score_free(struct probe_score *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		transcript_free(&s->attempt[i].log);
}

void
result_free(struct probe_result *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->n_controls; i++)
		score_free(&r->control[i]);
	for (i = 0; i < r->n_tests; i++)
		score_free(&r->test[i]);
	free(r);
}

void
score_settle(struct probe_score *s, bool worst)
{
	size_t i;

	s->decides = 0;
	for (i = 1; i < s->n; i++) {
		enum outcome best = s->attempt[s->decides].outcome;
		enum outcome o = s->attempt[i].outcome;

		/* of a control that hopes for "accepted", the best is it */
		if (worst ? o > best : o == OUTCOME_ACCEPTED && o != best)
			s->decides = i;
	}
	s->outcome = s->n > 0 ? s->attempt[s->decides].outcome :
	    OUTCOME_UNTESTED;
}

const struct probe_attempt *
score_attempt(const struct probe_score *s)
{
	return s->n > 0 ? &s->attempt[s->decides] : NULL;
}

static bool
same_class(const struct reply *r, const char *expect)
{
	return r->code / 100 == (unsigned)(expect[0] - '0');
}

static bool
attempt_as_paper(const struct probe_attempt *a, const struct probe_test *t)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (!same_class(&a->step[i].reply, a->step[i].rcpt ?
		    t->rcpt_expect : t->mail_expect))
			return false;
	return a->n > 0;
}

bool
score_as_paper(const struct probe_score *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!attempt_as_paper(&s->attempt[i], s->test))
			return false;
	return s->n > 0;
}

size_t
result_total(const struct probe_result *r, enum outcome o)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_tests; i++)
		n += r->test[i].outcome == o;
	return n;
}

void
result_reason(struct probe_result *r, const char *format, ...)
{
	va_list ap;

	if (r->n_reasons >= PROBE_REASONS_MAX)
		return;
	va_start(ap, format);
	vsnprintf(r->reason[r->n_reasons++], sizeof r->reason[0], format, ap);
	va_end(ap);
}

/* The first control with this letter from index from on. */
static const struct probe_score *
find_control(const struct probe_result *r, char which, size_t from)
{
	size_t i;

	for (i = from; i < r->n_controls; i++)
		if (r->control[i].test->id[0] == which)
			return &r->control[i];
	return NULL;
}

static bool
control_is(const struct probe_score *s, enum outcome o)
{
	return s != NULL && s->outcome == o;
}

/* The reply or the mishap behind a score, in words. */
static void
describe(const struct probe_score *s, char *out, size_t cap)
{
	const struct probe_attempt *a = s != NULL ? score_attempt(s) : NULL;

	if (a == NULL)
		snprintf(out, cap, "not tried");
	else if (a->decides < a->n && a->step[a->decides].reply.code != 0)
		snprintf(out, cap, "%s: %u %.120s", outcome_text(s->outcome),
		    a->step[a->decides].reply.code,
		    a->step[a->decides].reply.last);
	else
		snprintf(out, cap, "%s: %.120s", outcome_text(s->outcome),
		    a->note);
}

/* The ids of the tests that relayed, in one line. */
static void
reason_relayed(struct probe_result *r)
{
	char ids[PROBE_TESTS_MAX * 8] = "";
	size_t i, n = 0;

	for (i = 0; i < r->n_tests; i++)
		if (r->test[i].outcome == OUTCOME_ACCEPTED)
			n += (size_t)snprintf(ids + n, sizeof ids - n, " %.6s",
			    r->test[i].test->id);
	result_reason(r, "relayed:%s", ids);
}

static bool
judge_relays(struct probe_result *r)
{
	const struct probe_score *a = find_control(r, 'A', 0);
	const struct probe_score *after = find_control(r, 'A', r->n_before);
	bool plain = control_is(a, OUTCOME_ACCEPTED) ||
	    control_is(after, OUTCOME_ACCEPTED);
	size_t n = result_total(r, OUTCOME_ACCEPTED);

	if (!plain && n == 0)
		return false;
	if (n > 0)
		reason_relayed(r);
	if (plain)
		result_reason(r, "relays plain foreign mail: the server is "
		    "open, or it trusts the source (sendmail: classes w and R, "
		    "access map, PTR name of the source; Postfix: mynetworks)");
	if (!control_is(find_control(r, 'B', 0), OUTCOME_ACCEPTED))
		result_reason(r, "the honest recipient was not accepted, so "
		    "the refusals prove nothing");
	return true;
}

/* Without a recipient it accepts, a server that refuses proves nothing. */
static bool
judge_invalid(struct probe_result *r)
{
	const struct probe_score *b = find_control(r, 'B', 0);
	const struct probe_score *after = find_control(r, 'B', r->n_before);
	char why[PROBE_NOTE_MAX];

	if (result_total(r, OUTCOME_UNTESTED) == r->n_tests) {
		describe(b, why, sizeof why);
		result_reason(r, "nothing could be tested (%s)", why);
	} else if (!control_is(b, OUTCOME_ACCEPTED)) {
		describe(b, why, sizeof why);
		result_reason(r, "an honest recipient is not accepted (%s); "
		    "see --local-user", why);
	} else if (!control_is(after, OUTCOME_ACCEPTED)) {
		describe(after, why, sizeof why);
		result_reason(r, "an honest recipient is no longer accepted "
		    "after the tests (%s): the server may have shut us out",
		    why);
	}
	return r->n_reasons > 0;
}

static bool
judge_inconclusive(struct probe_result *r)
{
	const struct probe_score *a[2] = { find_control(r, 'A', 0),
		find_control(r, 'A', r->n_before) };
	size_t bad = r->n_tests - result_total(r, OUTCOME_REFUSED), i;
	char why[PROBE_NOTE_MAX];

	if (bad > 0)
		result_reason(r, "%zu of %zu tests have no clear answer%s%s",
		    bad, r->n_tests, r->gave_up != NULL ? "; gave up: " : "",
		    r->gave_up != NULL ? r->gave_up : "");
	for (i = 0; i < 2; i++) {
		if (control_is(a[i], OUTCOME_REFUSED))
			continue;
		describe(a[i], why, sizeof why);
		result_reason(r, "plain foreign mail was not refused %s the "
		    "tests (%s)", i == 0 ? "before" : "after", why);
	}
	return r->n_reasons > 0;
}

void
result_judge(struct probe_result *r)
{
	if (judge_relays(r))
		r->verdict = PROBE_RELAYS;
	else if (judge_invalid(r))
		r->verdict = PROBE_INVALID;
	else if (judge_inconclusive(r))
		r->verdict = PROBE_INCONCLUSIVE;
	else
		r->verdict = PROBE_CLOSED;
}
