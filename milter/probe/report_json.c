/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/advice.h"
#include "milter/probe/compare.h"
#include "milter/probe/report_json_parts.h"

#ifndef RELAYGUARD_VERSION
#define RELAYGUARD_VERSION "unknown"
#endif

static json_t *
target_json(struct json_writer *w)
{
	const struct probe_result *r = w->result;
	json_t *o = json_object();
	char ip[IP_TEXT_MAX];

	json_put_text(w, o, "door", probe_door_text(r->door));
	if (r->door == DOOR_SMTP) {
		json_put_text(w, o, "address", ip_print(&r->peer.address, ip));
		json_put(w, o, "port", json_integer(r->peer.port));
	} else {
		json_put_sent(w, o, "socket", r->socket);
	}
	json_put_text(w, o, "name", r->names.server);
	json_put_text(w, o, "literal", r->names.literal);
	json_put_text(w, o, "banner", r->banner);
	json_put(w, o, "tls", r->tls[0] != '\0' ? json_string(r->tls) :
	    json_null());
	return o;
}

/* What is known before the first answer. */
static void
put_head(struct json_writer *w, json_t *o)
{
	const struct probe_result *r = w->result;
	char ip[IP_TEXT_MAX], when[REPORT_TIME_MAX];

	report_time(r->began, when);
	json_put_text(w, o, "relayguard", RELAYGUARD_VERSION);
	json_put_text(w, o, "profile", profile_text(r->profile));
	json_put(w, o, "target", target_json(w));
	json_put_text(w, o, "source", ip_print(&r->peer.source, ip));
	json_put_text(w, o, "began", when);
	json_put(w, o, "took_ms", json_integer(r->took_ms));
	json_put(w, o, "connections", json_integer(r->connections));
}

static void
put_count(struct json_writer *w, json_t *o, const char *key, size_t n)
{
	json_put(w, o, key, json_integer((json_int_t)n));
}

/* The sums, in three ways to cut the same tests. */
static void
put_totals(struct json_writer *w, json_t *o)
{
	const struct probe_result *r = w->result;
	json_t *totals = json_object(), *grades = json_object();
	json_t *layers = json_object();
	int k;

	put_count(w, totals, "tests", r->n_tests);
	put_count(w, totals, "skipped", result_skipped(r));
	for (k = 0; k < OUTCOMES; k++)
		put_count(w, totals, outcome_text((enum outcome)k),
		    result_total(r, (enum outcome)k));
	for (k = 0; k < GRADES; k++)
		put_count(w, grades, report_grade_text((enum report_grade)k),
		    report_graded(r, (enum report_grade)k));
	for (k = LAYER_GUARD; k < LAYERS; k++)
		put_count(w, layers, layer_text((enum layer)k),
		    result_refused_by(r, (enum layer)k));
	json_put(w, o, "totals", totals);
	json_put(w, o, "grades", grades);
	json_put(w, o, "refused_by", layers);
}

static json_t *
row_json(struct json_writer *w, const struct compare_row *row)
{
	json_t *o = json_object();

	json_put_text(w, o, "id", row->id);
	json_put(w, o, "before", row->kind == COMPARE_NEW ? json_null() :
	    json_string(report_grade_text(row->before)));
	json_put(w, o, "now", row->kind == COMPARE_GONE ? json_null() :
	    json_string(report_grade_text(row->now)));
	return o;
}

static void
put_since(struct json_writer *w, json_t *all)
{
	const struct comparison *c = w->options->since;
	json_t *o = json_object();
	size_t i;
	int k;

	json_put_text(w, o, "file", c->file);
	json_put_text(w, o, "began", c->began);
	json_put_text(w, o, "verdict", c->verdict);
	json_put(w, o, "other_target", json_boolean(c->other_target));
	for (k = 0; k < COMPARE_KINDS; k++) {
		json_t *list = json_array();

		for (i = 0; i < c->n; i++)
			if (c->row[i].differs &&
			    c->row[i].kind == (enum compare_kind)k)
				json_add(w, list, row_json(w, &c->row[i]));
		json_put(w, o, compare_kind_text((enum compare_kind)k), list);
	}
	json_put(w, all, "since", o);
}

static void
put_advice(struct json_writer *w, json_t *all)
{
	const struct advice *a = w->options->advice;
	json_t *o = json_object(), *list = json_array();
	size_t i;

	for (i = 0; i < a->n; i++) {
		const struct advice_paragraph *p = &a->paragraph[i];
		json_t *one = json_object();

		json_put_text(w, one, "forms", p->forms);
		json_put_text(w, one, "ids", p->ids);
		put_count(w, one, "tests", p->n);
		json_put_text(w, one, "text", p->row->text);
		json_add(w, list, one);
	}
	json_put_text(w, o, "server", advice_mta_text(a->mta));
	json_put_text(w, o, "how", a->how);
	json_put(w, o, "paragraphs", list);
	json_put(w, all, "advice", o);
}

static void
put_verdict(struct json_writer *w, json_t *o)
{
	const struct probe_result *r = w->result;
	json_t *reasons = json_array();
	size_t i;

	json_put_text(w, o, "verdict", probe_verdict_text(r->verdict));
	for (i = 0; i < r->n_reasons; i++)
		json_add(w, reasons, json_string(r->reason[i]));
	json_put(w, o, "reasons", reasons);
	json_put(w, o, "exit", json_integer((json_int_t)r->verdict));
	if (w->options->since != NULL)
		put_since(w, o);
	if (w->options->advice != NULL)
		put_advice(w, o);
}

bool
probe_report_json(const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	struct json_writer w = { .ok = true, .result = r, .options = o };
	json_t *all = json_object(), *controls = json_array();
	json_t *tests = json_array();
	size_t i;

	put_head(&w, all);
	for (i = 0; i < r->n_controls; i++)
		json_add(&w, controls, json_of_control(&w, &r->control[i],
		    i < r->n_before));
	for (i = 0; i < r->n_tests; i++)
		json_add(&w, tests, json_of_test(&w, &r->test[i]));
	json_put(&w, all, "controls", controls);
	json_put(&w, all, "tests", tests);
	put_totals(&w, all);
	put_verdict(&w, all);
	if (json_dumpf(all, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0)
		w.ok = false;
	json_decref(all);
	fputc('\n', out);
	return w.ok;
}

/* One line, which says what it is; o is given back. */
static void
put_line(struct json_writer *w, const char *type, json_t *o, FILE *out)
{
	json_t *line = json_object();

	json_put_text(w, line, "type", type);
	if (json_object_update(line, o) != 0 ||
	    json_dumpf(line, out, JSON_COMPACT | JSON_ENSURE_ASCII) != 0)
		w->ok = false;
	json_decref(line);
	json_decref(o);
	fputc('\n', out);
}

bool
probe_report_jsonl(const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	struct json_writer w = { .ok = true, .result = r, .options = o };
	json_t *head = json_object(), *sums = json_object();
	size_t i;

	put_head(&w, head);
	put_line(&w, "run", head, out);
	for (i = 0; i < r->n_controls; i++)
		put_line(&w, "control", json_of_control(&w, &r->control[i],
		    i < r->n_before), out);
	for (i = 0; i < r->n_tests; i++)
		put_line(&w, "test", json_of_test(&w, &r->test[i]), out);
	put_totals(&w, sums);
	put_verdict(&w, sums);
	put_line(&w, "summary", sums, out);
	return w.ok;
}
