/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/attempt.h"

#include <stdio.h>

static void
note(struct probe_attempt *a, const char *text)
{
	if (a->note[0] == '\0')
		snprintf(a->note, sizeof a->note, "%s", text);
}

/* The outcome of a, when o is worse than what it has. */
static void
worsen(struct probe_attempt *a, enum outcome o, size_t step)
{
	if (a->decides < a->n && o <= a->outcome)
		return;
	a->outcome = o;
	a->decides = step;
}

static struct probe_step *
new_step(struct probe_attempt *a, enum probe_verb verb, const char *argument)
{
	struct probe_step *s = &a->step[a->n++];

	s->verb = verb;
	snprintf(s->argument, sizeof s->argument, "%s", argument);
	s->reply = (struct reply){ 0 };
	return s;
}

static struct probe_step *
ask_step(struct contact *c, struct probe_attempt *a, enum probe_verb verb,
    const char *argument, enum smtp_status *st)
{
	struct probe_step *s = new_step(a, verb, argument);
	char line[PROBE_ARGUMENT_MAX + 16];

	snprintf(line, sizeof line, "%s:%s", verb == VERB_RCPT ? "RCPT TO" :
	    "MAIL FROM", argument);
	*st = smtp_ask(&c->smtp, line, &s->reply);
	s->outcome = reply_outcome(&s->reply);
	if (*st != SMTP_OK)
		note(a, smtp_status_text(*st));
	return s;
}

/* Put parameters behind a sender, when there is room. */
static void
add_params(char out[PROBE_ARGUMENT_MAX], const char *params,
    const struct probe_names *names)
{
	char tail[PROBE_ARGUMENT_MAX];
	size_t n = strlen(out);

	spelling_fill(params, names, SPELLING_PRINTED, tail);
	if (n + strlen(tail) < PROBE_ARGUMENT_MAX)
		memcpy(out + n, tail, strlen(tail) + 1);
}

/*
 * The senders to try, in order.  When the recipient is what is tested any
 * sender will do that lets the server see it: in brackets, for servers that
 * take no other; a plain one, for servers that let nobody claim their own
 * address; the null sender, which must be accepted (RFC 5321 4.5.5), for
 * servers that ask the DNS for our reserved domain.
 */
static size_t
senders_of(const struct contact *c, const struct probe_test *t,
    enum probe_spelling spelling, char out[][PROBE_ARGUMENT_MAX])
{
	const struct probe_names *names = &c->result->names;
	size_t n = 0, i, kept = 1;

	spelling_fill(t->mail, names, spelling, out[n++]);
	if (t->trick == TRICK_RECIPIENT) {
		spelling_fill(t->mail, names, SPELLING_BRACKETED, out[n++]);
		spelling_fill("<{u}@{s}>", names, SPELLING_PRINTED, out[n++]);
		spelling_fill("<>", names, SPELLING_PRINTED, out[n++]);
	}
	for (i = 0; t->params != NULL && i < n; i++)
		add_params(out[i], t->params, names);
	for (i = 1; i < n; i++)
		if (strcmp(out[i], out[kept - 1]) != 0) {
			if (i != kept)
				memcpy(out[kept], out[i], PROBE_ARGUMENT_MAX);
			kept++;
		}
	return kept;
}

/* What it means that no sender was accepted. */
static void
sender_refused(struct probe_attempt *a, const struct probe_test *t)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		worsen(a, a->step[i].outcome, i);
	if (a->outcome == OUTCOME_REFUSED && t->trick == TRICK_RECIPIENT) {
		a->outcome = OUTCOME_UNTESTED;
		note(a, "every sender refused: recipient not judged");
	}
}

/* A sender the server takes; false when there is none, or contact is lost. */
static bool
say_mail(struct contact *c, struct probe_attempt *a, const struct probe_test *t,
    enum smtp_status *st)
{
	char sender[PROBE_SENDERS_MAX][PROBE_ARGUMENT_MAX];
	size_t n = senders_of(c, t, a->spelling, sender), i;
	struct probe_step *s;

	for (i = 0; i < n; i++) {
		s = ask_step(c, a, VERB_MAIL, sender[i], st);
		a->mail = a->n - 1;
		if (*st != SMTP_OK || s->outcome == OUTCOME_UNANSWERED) {
			worsen(a, t->trick == TRICK_RECIPIENT ?
			    OUTCOME_UNTESTED : s->outcome, a->n - 1);
			return false;
		}
		if (s->outcome != OUTCOME_ACCEPTED)
			continue;
		if (i > 0)
			snprintf(a->note, sizeof a->note, "sender %.60s not "
			    "accepted (%u), %.60s is", sender[0],
			    a->step[0].reply.code, sender[i]);
		else if (t->trick == TRICK_SENDER_ONLY)
			snprintf(a->note, sizeof a->note, "sender accepted; "
			    "the paper expects %s", t->mail_expect);
		return true;
	}
	a->mail = 0;
	sender_refused(a, t);
	return false;
}

static enum smtp_status
say_recipients(struct contact *c, struct probe_attempt *a,
    const struct probe_test *t)
{
	char argument[PROBE_ARGUMENT_MAX];
	enum smtp_status st = SMTP_OK;
	size_t i;

	for (i = 0; t->rcpt[i] != NULL && st == SMTP_OK; i++) {
		struct probe_step *s;

		spelling_fill(t->rcpt[i], &c->result->names, a->spelling,
		    argument);
		s = ask_step(c, a, VERB_RCPT, argument, &st);
		worsen(a, s->outcome, a->n - 1);
	}
	return st;
}

/* RSET; true when the server is ready for a new transaction. */
static bool
be_ready(struct contact *c, struct probe_attempt *a, enum smtp_status *st)
{
	struct reply reply;

	*st = smtp_ask(&c->smtp, "RSET", &reply);
	if (*st == SMTP_OK && reply.code / 100 == 2)
		return true;
	a->outcome = OUTCOME_UNTESTED;
	if (*st == SMTP_OK) {
		/* an old transaction may be open: only a new start helps */
		smtp_close(&c->smtp);
		*st = SMTP_CLOSED;
		note(a, "RSET refused");
	}
	note(a, smtp_status_text(*st));
	return false;
}

static enum smtp_status
converse(struct contact *c, struct probe_attempt *a, const struct probe_test *t)
{
	enum smtp_status st;

	if (!be_ready(c, a, &st) || !say_mail(c, a, t, &st))
		return st;
	st = say_recipients(c, a, t);
	if (st == SMTP_OK && a->outcome == OUTCOME_ACCEPTED &&
	    c->prover != NULL && prove_wants(t))
		st = prove_send(c->prover, &c->smtp, &c->result->names, t, a);
	return st;
}

/* Greet with what the test claims; false when it ends there. */
static bool
say_claim(struct contact *c, struct probe_attempt *a,
    const struct probe_test *t)
{
	char claim[PROBE_ARGUMENT_MAX];
	struct probe_step *s;
	struct reply reply = { 0 };
	enum smtp_status st;

	spelling_fill(t->helo, &c->result->names, SPELLING_PRINTED, claim);
	st = contact_claim(c, claim, &reply);
	s = new_step(a, VERB_EHLO, claim);
	s->reply = reply;
	s->outcome = reply_outcome(&s->reply);
	if (st != SMTP_OK)
		note(a, smtp_status_text(st));
	if (st == SMTP_OK && s->outcome == OUTCOME_ACCEPTED)
		return true;
	worsen(a, s->outcome, a->n - 1);
	return false;
}

static void
clear_steps(struct probe_attempt *a)
{
	a->n = 0;
	a->mail = a->decides = PROBE_STEPS_MAX; /* none */
	a->outcome = OUTCOME_UNTESTED;
	a->note[0] = a->token[0] = '\0';
	a->proof = PROOF_NONE;
}

/* False: cut short, and another connection may do better. */
static bool
try_once(struct contact *c, struct probe_attempt *a,
    const struct probe_test *t)
{
	bool fresh = !smtp_is_open(&c->smtp);
	enum smtp_status st;

	clear_steps(a);
	if (t->helo != NULL) {
		if (!say_claim(c, a, t))
			return true;
	} else if (!contact_open(c)) {
		note(a, c->gone);
		return true;
	}
	st = converse(c, a, t);
	contact_count(c, st);
	/* lost or not, an accepted recipient is a fact */
	return fresh || st != SMTP_CLOSED || a->outcome == OUTCOME_ACCEPTED;
}

void
attempt_run(struct contact *c, struct probe_attempt *a,
    const struct probe_test *t)
{
	contact_pace(c);
	c->smtp.log = &a->log;
	if (!try_once(c, a, t))
		try_once(c, a, t);
	c->smtp.log = NULL;
}
