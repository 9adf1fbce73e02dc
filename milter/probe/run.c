/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/run.h"

#include <stdio.h>
#include <time.h>

#include "milter/clock.h"
#include "milter/probe/attempt.h"
#include "milter/probe/door.h"
#include "milter/probe/verdict.h"

static void
attempt(struct contact *contact, struct probe_score *s,
    enum probe_spelling spelling)
{
	struct probe_attempt *a = &s->attempt[s->n++];

	a->spelling = spelling;
	attempt_run(contact, a, s->test);
}

/* Does the relay domain pass, for a plain address? */
static bool
relays_to_domain(const struct probe_result *r)
{
	const struct probe_score *s = result_control(r, 'R', 0);

	return s != NULL && s->outcome == OUTCOME_ACCEPTED;
}

/* Does every name in braces stand for something here? */
static bool
has_names(const struct probe_result *r, const struct probe_test *t)
{
	char out[PROBE_ARGUMENT_MAX];
	size_t i;

	for (i = 0; t->rcpt[i] != NULL; i++)
		if (!spelling_fill(t->rcpt[i], &r->names, SPELLING_PRINTED,
		    out))
			return false;
	return true;
}

/* Why t does not apply to this server; NULL when it does. */
static const char *
no_use(const struct probe_result *r, const struct run_options *o,
    const struct probe_test *t)
{
	if (!o->local_given && strstr(t->mail, "{local}") != NULL)
		return "no --local-user given"; /* P19 is about postmaster */
	if (table_wants_relay(t) && r->names.relay[0] == '\0')
		return "no --relay-domain given";
	if (table_wants_relay(t) && !relays_to_domain(r))
		return "the server does not relay to the --relay-domain";
	if (!has_names(r, t))
		return "the server's name is in no domain";
	if (t->params != NULL && strstr(t->params, "SMTPUTF8") != NULL &&
	    (r->extensions & REPLY_SMTPUTF8) == 0)
		return "the server does not offer SMTPUTF8";
	return NULL;
}

static void
run_test(struct contact *contact, const struct run_options *o,
    const struct probe_test *t)
{
	struct probe_result *r = contact->result;
	struct probe_score *s = &r->test[r->n_tests++];

	s->test = t;
	s->outcome = OUTCOME_UNTESTED;
	s->skipped = no_use(r, o, t);
	if (s->skipped != NULL)
		return;
	if (table_is_paper(t)) {
		attempt(contact, s, SPELLING_BARE);
		attempt(contact, s, SPELLING_BRACKETED);
	} else {
		attempt(contact, s, SPELLING_PRINTED);
	}
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

/* A door belongs to one contact: it knows who the client is. */
static void
use_door(struct contact *contact, struct door *door)
{
	struct probe_result *r = contact->result;

	if (r->door == DOOR_SMTP)
		return;
	door_init(door, r->door, r->socket, &r->names);
	contact->smtp.door = &door->smtp;
}

/*
 * Like A, but from another address, on a connection of its own.  From one that
 * the server trusts, what is accepted only there is trust by design.
 */
static void
run_from(const struct contact *contact, char which, const struct ip *source)
{
	struct probe_result *r = contact->result;
	struct probe_names names = r->names;
	struct contact c = { .result = r, .fallback = contact->fallback,
		.peer = contact->peer, .smtp = contact->smtp,
		.prover = contact->prover };
	struct door door;

	if (source->family == IP_NONE || contact->gone != NULL)
		return;
	use_door(&c, &door);
	c.smtp.stream.fd = -1;
	c.smtp.stream.tls = NULL;
	c.peer.source = *source;
	run_control(&c, which);
	contact_quit(&c);
	r->names = names; /* c has seen another own address */
}

static void
run_before(struct contact *contact, const struct run_options *o, bool *honest)
{
	struct probe_result *r = contact->result;
	size_t i;

	if (run_control(contact, 'A')->outcome == OUTCOME_ACCEPTED)
		for (i = 0; i < TARGET_OTHERS; i++)
			run_from(contact, 'S', &o->stranger[i]);
	*honest = run_honest(contact, o);
	if (r->door == DOOR_MILTER)
		r->extensions |= REPLY_SMTPUTF8; /* we are the server */
	run_from(contact, 'C', &o->trusted);
	/* a guard leaves it to the mail server who lives there */
	if (r->door == DOOR_SMTP)
		run_control(contact, 'N');
	if (r->names.relay[0] != '\0')
		run_control(contact, 'R');
	r->n_before = r->n_controls;
}

static void
run_tests(struct contact *contact, const struct run_options *o)
{
	enum probe_profile p = contact->result->profile;
	size_t i, n = table_count(p);

	for (i = 0; i < n; i++) {
		const struct probe_test *t = table_at(p, i);

		if (o->progress != NULL)
			o->progress(o->context, t->id, i + 1, n);
		run_test(contact, o, t);
	}
}

/* How long the whole run may take. */
static int
run_seconds(const struct probe_result *r, const struct run_options *o)
{
	int n = (int)table_count(r->profile) * PROBE_ATTEMPTS_MAX;

	if (o->total_s > 0)
		return o->total_s;
	return RUN_SECONDS(o->timeout_s) + (o->rate > 0 ? n / o->rate : 0);
}

void
run_probes(struct probe_result *r, const struct run_options *o)
{
	struct contact contact = { .result = r, .fallback = o->fallback,
		.peer = r->peer, .prover = o->prover };
	struct door door;
	int64_t start = clock_ms();
	bool honest;

	use_door(&contact, &door);
	contact.smtp.stream.fd = -1;
	contact.smtp.tls = o->tls;
	contact.smtp.stream.timeout_ms = o->timeout_s * 1000;
	contact.smtp.stream.end = start + run_seconds(r, o) * INT64_C(1000);
	contact.pause_ms = o->rate > 0 ? 1000 / o->rate : 0;
	r->began = time(NULL);
	run_before(&contact, o, &honest);
	run_tests(&contact, o);
	r->gave_up = contact.gone;
	if (honest) /* tell "dislikes our tests" from "has shut us out" */
		contact_forgive(&contact);
	run_control(&contact, 'A');
	run_honest(&contact, o);
	contact_quit(&contact);
	if (o->prover != NULL)
		prove_collect(o->prover, r, contact.smtp.stream.end);
	r->took_ms = clock_ms() - start;
	verdict_judge(r);
}
