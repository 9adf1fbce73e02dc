/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/report_json_parts.h"

#include "policy/escape.h"

void
json_put(struct json_writer *w, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		w->ok = false;
}

void
json_add(struct json_writer *w, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		w->ok = false;
}

void
json_put_text(struct json_writer *w, json_t *object, const char *key,
    const char *s)
{
	json_put(w, object, key, json_string(s));
}

void
json_put_sent(struct json_writer *w, json_t *object, const char *key,
    const char *s)
{
	char escaped[REPORT_SENT_MAX];

	escape_text(text_of(s), escaped, sizeof escaped);
	json_put_text(w, object, key, escaped);
}

static json_t *
step_json(struct json_writer *w, const struct probe_step *s)
{
	json_t *o = json_object();

	json_put_text(w, o, "command", probe_verb_text(s->verb));
	json_put_sent(w, o, "argument", s->argument);
	json_put(w, o, "code", json_integer(s->reply.code));
	json_put_text(w, o, "dsn", s->reply.dsn);
	json_put_text(w, o, "text", s->reply.last);
	json_put_text(w, o, "outcome", outcome_text(s->outcome));
	return o;
}

static json_t *
by_json(struct json_writer *w, const struct probe_score *s)
{
	struct reply_by by = score_by(s);
	char text[REPORT_BY_MAX];
	json_t *o;

	if (by.layer == LAYER_NONE)
		return json_null();
	o = json_object();
	report_by(s, text);
	json_put_text(w, o, "layer", layer_text(by.layer));
	json_put_text(w, o, "text", text);
	if (by.layer == LAYER_GUARD) {
		json_put(w, o, "rule", json_stringn(by.rule.at, by.rule.n));
		json_put(w, o, "form", json_stringn(by.form.at, by.form.n));
	}
	return o;
}

static json_t *
attempt_json(struct json_writer *w, const struct probe_attempt *a,
    bool transcript)
{
	json_t *o = json_object(), *list = json_array();
	size_t i;

	json_put_text(w, o, "spelling", spelling_text(a->spelling));
	json_put_text(w, o, "outcome", outcome_text(a->outcome));
	if (a->note[0] != '\0')
		json_put_sent(w, o, "note", a->note);
	json_put_text(w, o, "proof", probe_proof_text(a->proof));
	if (a->token[0] != '\0')
		json_put_text(w, o, "token", a->token);
	for (i = 0; i < a->n; i++)
		json_add(w, list, step_json(w, &a->step[i]));
	json_put(w, o, "steps", list);
	if (!transcript)
		return o;
	list = json_array();
	for (i = 0; i < a->log.n; i++)
		json_add(w, list, json_string(a->log.line[i]));
	json_put(w, o, "transcript", list);
	return o;
}

static void
put_decision(struct json_writer *w, json_t *o, const struct probe_score *s)
{
	const struct probe_step *step = score_step(s);

	json_put_text(w, o, "outcome", outcome_text(s->outcome));
	json_put_text(w, o, "proof", probe_proof_text(score_proof(s)));
	json_put(w, o, "step", step == NULL ? json_null() :
	    json_string(probe_verb_text(step->verb)));
	json_put(w, o, "code",
	    json_integer(step != NULL ? step->reply.code : 0));
	json_put_text(w, o, "dsn", step != NULL ? step->reply.dsn : "");
	json_put(w, o, "by", by_json(w, s));
}

static void
put_attempts(struct json_writer *w, json_t *o, const struct probe_score *s)
{
	bool transcript = report_shows_dialogue(s, w->options);
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < s->n; i++)
		json_add(w, list, attempt_json(w, &s->attempt[i], transcript));
	json_put(w, o, "attempts", list);
}

json_t *
json_of_test(struct json_writer *w, const struct probe_score *s)
{
	json_t *o = json_object(), *expected = json_object();
	char sent[REPORT_SENT_MAX];

	report_sent(s, sent);
	json_put_text(w, o, "id", s->test->id);
	json_put_text(w, o, "form", table_form(s->test));
	json_put_text(w, o, "what", s->test->what);
	json_put_text(w, o, "rule", s->test->rule);
	json_put_text(w, o, "sent", sent);
	json_put(w, o, "skipped", s->skipped == NULL ? json_null() :
	    json_string(s->skipped));
	json_put_text(w, o, "grade",
	    report_grade_text(report_grade(w->result, s)));
	put_decision(w, o, s);
	json_put_text(w, expected, "mail", s->test->mail_expect);
	json_put(w, expected, "rcpt", s->test->trick == TRICK_SENDER_ONLY ?
	    json_null() : json_string(s->test->rcpt_expect));
	json_put(w, o, "paper", expected);
	json_put(w, o, "as_paper", json_boolean(score_as_paper(s)));
	put_attempts(w, o, s);
	return o;
}

json_t *
json_of_control(struct json_writer *w, const struct probe_score *s,
    bool before)
{
	json_t *o = json_object();

	json_put_text(w, o, "id", s->test->id);
	json_put_text(w, o, "when", before ? "before" : "after");
	json_put_text(w, o, "what", s->test->what);
	put_decision(w, o, s);
	put_attempts(w, o, s);
	return o;
}

