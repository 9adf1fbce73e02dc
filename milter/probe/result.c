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

const char *
probe_verb_text(enum probe_verb v)
{
	static const char *const text[] = { "EHLO", "MAIL", "RCPT" };

	return text[v];
}

const char *
probe_proof_text(enum probe_proof p)
{
	static const char *const text[PROOFS] = { "none", "refused",
		"bounced", "unseen", "delivered" };

	return text[p];
}

const char *
probe_door_text(enum probe_door d)
{
	static const char *const text[] = { "smtp", "milter", "map" };

	return text[d];
}

struct probe_result *
result_new(enum probe_profile profile)
{
	struct probe_result *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->profile = profile;
	r->test = calloc(table_count(profile), sizeof *r->test);
	if (r->test != NULL)
		return r;
	free(r);
	return NULL;
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
	free(r->test);
	free(r);
}

void
score_settle(struct probe_score *s, bool worst)
{
	size_t i;

	s->decides = 0;
	for (i = 1; i < s->n; i++) {
		const struct probe_attempt *best = &s->attempt[s->decides];
		const struct probe_attempt *a = &s->attempt[i];
		enum outcome o = a->outcome;

		/* of a control that hopes for "accepted", the best is it */
		if (worst ? o > best->outcome || (o == best->outcome &&
		    a->proof > best->proof) :
		    o == OUTCOME_ACCEPTED && o != best->outcome)
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

const struct probe_step *
score_step(const struct probe_score *s)
{
	const struct probe_attempt *a = score_attempt(s);

	return a != NULL && a->decides < a->n ? &a->step[a->decides] : NULL;
}

struct reply_by
score_by(const struct probe_score *s)
{
	const struct probe_step *step = score_step(s);

	return step != NULL ? reply_by(&step->reply) : (struct reply_by){ 0 };
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
		if (!same_class(&a->step[i].reply,
		    a->step[i].verb == VERB_RCPT ? t->rcpt_expect :
		    t->mail_expect))
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
		n += r->test[i].skipped == NULL && r->test[i].outcome == o;
	return n;
}

size_t
result_skipped(const struct probe_result *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_tests; i++)
		n += r->test[i].skipped != NULL;
	return n;
}

enum probe_proof
score_proof(const struct probe_score *s)
{
	const struct probe_attempt *a = score_attempt(s);

	return a != NULL ? a->proof : PROOF_NONE;
}

size_t
result_proved(const struct probe_result *r, enum probe_proof p)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_tests; i++)
		n += r->test[i].outcome == OUTCOME_ACCEPTED &&
		    score_proof(&r->test[i]) == p;
	return n;
}

size_t
result_refused_by(const struct probe_result *r, enum layer by)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_tests; i++)
		n += r->test[i].outcome == OUTCOME_REFUSED &&
		    score_by(&r->test[i]).layer == by;
	return n;
}

const struct probe_score *
result_control(const struct probe_result *r, char which, size_t from)
{
	size_t i;

	for (i = from; i < r->n_controls; i++)
		if (r->control[i].test->id[0] == which)
			return &r->control[i];
	return NULL;
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
