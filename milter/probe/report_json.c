/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/report_json.h"

#include <jansson.h>

#include "policy/escape.h"

#ifndef RELAYGUARD_VERSION
#define RELAYGUARD_VERSION "unknown"
#endif

/*
 * Jansson's setters take NULL for "the value could not be made" and fail; we
 * gather that in ok and look at it once, at the end.
 */
struct writer {
	bool ok;
	const struct report_options *options;
};

static void
put(struct writer *w, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		w->ok = false;
}

static void
add(struct writer *w, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		w->ok = false;
}

/* s is printable ASCII already: escaped when it came in, or ours. */
static void
put_text(struct writer *w, json_t *object, const char *key, const char *s)
{
	put(w, object, key, json_string(s));
}

/* An argument we sent; it may hold an operator's own bytes. */
static void
put_sent(struct writer *w, json_t *object, const char *key, const char *s)
{
	char escaped[REPORT_SENT_MAX];

	escape_text(text_of(s), escaped, sizeof escaped);
	put_text(w, object, key, escaped);
}

static json_t *
step_json(struct writer *w, const struct probe_step *s)
{
	json_t *o = json_object();

	put_text(w, o, "command", probe_verb_text(s->verb));
	put_sent(w, o, "argument", s->argument);
	put(w, o, "code", json_integer(s->reply.code));
	put_text(w, o, "dsn", s->reply.dsn);
	put_text(w, o, "text", s->reply.last);
	put_text(w, o, "outcome", outcome_text(s->outcome));
	return o;
}

static json_t *
by_json(struct writer *w, const struct probe_score *s)
{
	struct reply_by by = score_by(s);
	char text[REPORT_BY_MAX];
	json_t *o;

	if (by.layer == LAYER_NONE)
		return json_null();
	o = json_object();
	report_by(s, text);
	put_text(w, o, "layer", layer_text(by.layer));
	put_text(w, o, "text", text);
	if (by.layer == LAYER_GUARD) {
		put(w, o, "rule", json_stringn(by.rule.at, by.rule.n));
		put(w, o, "form", json_stringn(by.form.at, by.form.n));
	}
	return o;
}

static json_t *
attempt_json(struct writer *w, const struct probe_attempt *a, bool transcript)
{
	json_t *o = json_object(), *list = json_array();
	size_t i;

	put_text(w, o, "spelling", spelling_text(a->spelling));
	put_text(w, o, "outcome", outcome_text(a->outcome));
	put_text(w, o, "proof", probe_proof_text(a->proof));
	if (a->token[0] != '\0')
		put_text(w, o, "token", a->token);
	if (a->note[0] != '\0')
		put_sent(w, o, "note", a->note);
	for (i = 0; i < a->n; i++)
		add(w, list, step_json(w, &a->step[i]));
	put(w, o, "steps", list);
	if (!transcript)
		return o;
	list = json_array();
	for (i = 0; i < a->log.n; i++)
		add(w, list, json_string(a->log.line[i]));
	put(w, o, "transcript", list);
	return o;
}

static void
put_decision(struct writer *w, json_t *o, const struct probe_score *s)
{
	const struct probe_step *step = score_step(s);

	put_text(w, o, "outcome", outcome_text(s->outcome));
	put_text(w, o, "proof", probe_proof_text(score_proof(s)));
	put(w, o, "step", step == NULL ? json_null() :
	    json_string(probe_verb_text(step->verb)));
	put(w, o, "code", json_integer(step != NULL ? step->reply.code : 0));
	put_text(w, o, "dsn", step != NULL ? step->reply.dsn : "");
	put(w, o, "by", by_json(w, s));
}

static void
put_attempts(struct writer *w, json_t *o, const struct probe_score *s)
{
	bool transcript = report_shows_dialogue(s, w->options);
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < s->n; i++)
		add(w, list, attempt_json(w, &s->attempt[i], transcript));
	put(w, o, "attempts", list);
}

static json_t *
test_json(struct writer *w, const struct probe_score *s)
{
	json_t *o = json_object(), *expected = json_object();
	char sent[REPORT_SENT_MAX];

	report_sent(s, sent);
	put_text(w, o, "id", s->test->id);
	put_text(w, o, "form", table_form(s->test));
	put_text(w, o, "what", s->test->what);
	put_text(w, o, "rule", s->test->rule);
	put_text(w, o, "sent", sent);
	put(w, o, "skipped", s->skipped == NULL ? json_null() :
	    json_string(s->skipped));
	put_decision(w, o, s);
	put_text(w, expected, "mail", s->test->mail_expect);
	put(w, expected, "rcpt", s->test->trick == TRICK_SENDER_ONLY ?
	    json_null() : json_string(s->test->rcpt_expect));
	put(w, o, "paper", expected);
	put(w, o, "as_paper", json_boolean(score_as_paper(s)));
	put_attempts(w, o, s);
	return o;
}

static json_t *
control_json(struct writer *w, const struct probe_score *s, bool before)
{
	json_t *o = json_object();

	put_text(w, o, "id", s->test->id);
	put_text(w, o, "when", before ? "before" : "after");
	put_text(w, o, "what", s->test->what);
	put_decision(w, o, s);
	put_attempts(w, o, s);
	return o;
}

static json_t *
target_json(struct writer *w, const struct probe_result *r)
{
	json_t *o = json_object();
	char ip[IP_TEXT_MAX];

	put_text(w, o, "door", probe_door_text(r->door));
	if (r->door == DOOR_SMTP) {
		put_text(w, o, "address", ip_print(&r->peer.address, ip));
		put(w, o, "port", json_integer(r->peer.port));
	} else {
		put_sent(w, o, "socket", r->socket);
	}
	put_text(w, o, "name", r->names.server);
	put_text(w, o, "literal", r->names.literal);
	put_text(w, o, "banner", r->banner);
	put(w, o, "tls", r->tls[0] != '\0' ? json_string(r->tls) :
	    json_null());
	return o;
}

static json_t *
totals_json(struct writer *w, const struct probe_result *r)
{
	json_t *o = json_object();
	int k;

	put(w, o, "tests", json_integer((json_int_t)r->n_tests));
	put(w, o, "skipped", json_integer((json_int_t)result_skipped(r)));
	for (k = 0; k < OUTCOMES; k++)
		put(w, o, outcome_text((enum outcome)k), json_integer(
		    (json_int_t)result_total(r, (enum outcome)k)));
	return o;
}

static json_t *
scores_json(struct writer *w, const struct probe_result *r, bool controls)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; controls && i < r->n_controls; i++)
		add(w, list, control_json(w, &r->control[i],
		    i < r->n_before));
	for (i = 0; !controls && i < r->n_tests; i++)
		add(w, list, test_json(w, &r->test[i]));
	return list;
}

static json_t *
document(struct writer *w, const struct probe_result *r)
{
	json_t *o = json_object(), *reasons = json_array();
	char ip[IP_TEXT_MAX];
	size_t i;

	put_text(w, o, "relayguard", RELAYGUARD_VERSION);
	put_text(w, o, "profile", profile_text(r->profile));
	put(w, o, "target", target_json(w, r));
	put_text(w, o, "source", ip_print(&r->peer.source, ip));
	put(w, o, "connections", json_integer(r->connections));
	put(w, o, "controls", scores_json(w, r, true));
	put(w, o, "tests", scores_json(w, r, false));
	put(w, o, "totals", totals_json(w, r));
	put_text(w, o, "verdict", probe_verdict_text(r->verdict));
	for (i = 0; i < r->n_reasons; i++)
		add(w, reasons, json_string(r->reason[i]));
	put(w, o, "reasons", reasons);
	put(w, o, "exit", json_integer((json_int_t)r->verdict));
	return o;
}

int
probe_report_json(const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	struct writer w = { .ok = true, .options = o };
	json_t *all = document(&w, r);

	if (json_dumpf(all, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0)
		w.ok = false;
	json_decref(all);
	fputc('\n', out);
	return w.ok && fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
