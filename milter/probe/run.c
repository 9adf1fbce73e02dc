/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/run.h"

#include <stdio.h>

#include "milter/clock.h"
#include "milter/probe/attempt.h"

static void
attempt(struct contact *contact, struct probe_score *s,
    enum probe_spelling spelling)
{
	struct probe_attempt *a = &s->attempt[s->n++];

	a->spelling = spelling;
	attempt_run(contact, a, s->test);
}

static void
run_test(struct contact *contact, const struct probe_test *t)
{
	struct probe_result *r = contact->result;
	struct probe_score *s = &r->test[r->n_tests++];

	s->test = t;
	attempt(contact, s, SPELLING_BARE);
	attempt(contact, s, SPELLING_BRACKETED);
	score_settle(s, true);
}

static struct probe_score *
run_control(struct contact *contact, char which)
{
	struct probe_result *r = contact->result;
	struct probe_score *s = &r->control[r->n_controls++];

	s->test = table_control(which);
	attempt(contact, s, SPELLING_PRINTED);
	score_settle(s, true);
	return s;
}

/* Both postmasters must exist, RFC 5321 4.5.1; one of them is enough. */
static bool
run_honest(struct contact *contact, const struct run_options *o)
{
	struct probe_names *names = &contact->result->names;
	struct probe_score *s;

	if (!o->local_given)
		snprintf(names->local, sizeof names->local, "postmaster@%s",
		    names->server);
	s = run_control(contact, 'B');
	if (s->outcome != OUTCOME_ACCEPTED && !o->local_given) {
		snprintf(names->local, sizeof names->local, "postmaster");
		attempt(contact, s, SPELLING_PRINTED);
		score_settle(s, false);
	}
	return s->outcome == OUTCOME_ACCEPTED;
}

/*
 * Like A, but from an address the server trusts, on a connection of its own:
 * what is accepted only from there is trust by design.
 */
static void
run_trusted(const struct contact *contact, const struct ip *source)
{
	struct probe_result *r = contact->result;
	struct probe_names names = r->names;
	struct contact c = { .result = r, .fallback = contact->fallback,
		.peer = contact->peer, .smtp = contact->smtp };

	c.smtp.fd = -1;
	c.peer.source = *source;
	run_control(&c, 'C');
	contact_quit(&c);
	r->names = names; /* c has seen another own address */
}

static void
run_tests(struct contact *contact, const struct run_options *o)
{
	size_t i, n = table_count();

	for (i = 0; i < n && i < PROBE_TESTS_MAX; i++) {
		if (o->progress != NULL)
			o->progress(o->context, table_at(i)->id, i + 1, n);
		run_test(contact, table_at(i));
	}
}

void
run_probes(struct probe_result *r, const struct run_options *o)
{
	struct contact contact = { .result = r, .fallback = o->fallback,
		.peer = r->peer };
	bool honest;

	contact.smtp.fd = -1;
	contact.smtp.timeout_ms = o->timeout_s * 1000;
	contact.smtp.end = clock_ms() +
	    RUN_SECONDS(o->timeout_s) * INT64_C(1000);
	run_control(&contact, 'A');
	honest = run_honest(&contact, o);
	if (o->trusted.family != IP_NONE && contact.gone == NULL)
		run_trusted(&contact, &o->trusted);
	r->n_before = r->n_controls;
	run_tests(&contact, o);
	r->gave_up = contact.gone;
	if (honest) /* tell "dislikes our tests" from "has shut us out" */
		contact_forgive(&contact);
	run_control(&contact, 'A');
	run_honest(&contact, o);
	contact_quit(&contact);
	result_judge(r);
}
