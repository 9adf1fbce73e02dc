/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/report.h"

#include <jansson.h>
#include <stdlib.h>

#include "milter/audit/when.h"
#include "policy/escape.h"

/* Longest key, escaped; the guard's own fields are never longer. */
#define KEY_MAX 2048

static int
put(json_t *o, const char *key, json_t *value)
{
	return json_object_set_new(o, key, value);
}

static int
put_number(json_t *o, const char *key, uint64_t n)
{
	return put(o, key, json_integer((json_int_t)n));
}

static int
put_time(json_t *o, const char *key, bool known, int64_t time)
{
	char out[WHEN_TEXT_MAX];

	return put(o, key, known ? json_string(when_print(time, out)) :
	    json_null());
}

static json_t *
escaped(struct text t)
{
	char out[KEY_MAX + 1];

	return json_stringn(out, escape_text(t, out, sizeof out));
}

static int
put_rule(json_t *o, struct text id)
{
	const struct rule *rule = rules_find(id);
	int bad = 0;

	bad |= put(o, "form", rule != NULL ? json_string(rule->form) :
	    json_null());
	bad |= put(o, "why", rule != NULL ? json_string(rule->why) :
	    json_null());
	return bad;
}

static json_t *
row_object(enum summary_by by, const struct group_row *row)
{
	json_t *o = json_object();
	int bad = 0;

	bad |= put(o, "key", escaped(row->key));
	bad |= put_number(o, "count", row->count);
	bad |= put_time(o, "first", true, row->first);
	bad |= put_time(o, "last", true, row->last);
	if (by == BY_RULE)
		bad |= put_rule(o, row->key);
	if (by == BY_CLIENT)
		bad |= put_number(o, "rules", row->rules);
	if (bad == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
table_object(const struct summary *s, enum summary_by by, size_t n,
    const struct group_row **row)
{
	json_t *o = json_object(), *rows = json_array();
	uint64_t rest = summary_blocked(s);
	int bad = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		rest -= row[i]->count;
		bad |= json_array_append_new(rows, row_object(by, row[i]));
	}
	bad |= put_number(o, "distinct", group_size(s->by[by]));
	bad |= put_number(o, "rest", rest);
	bad |= put(o, "rows", rows);
	if (bad == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
tables(const struct summary *s, size_t top)
{
	json_t *o = json_object();
	int bad = 0;
	unsigned by;

	for (by = 0; by < SUMMARY_BYS; by++) {
		const struct group_row **row;
		size_t n;

		if (s->by[by] == NULL)
			continue;
		n = group_size(s->by[by]) < top ? group_size(s->by[by]) : top;
		row = calloc(n + 1, sizeof *row);
		if (row == NULL) {
			bad = -1;
			break;
		}
		n = group_top(s->by[by], n, row);
		bad |= put(o, summary_by_word((enum summary_by)by),
		    table_object(s, (enum summary_by)by, n, row));
		free(row);
	}
	if (bad == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
period(const struct summary *s)
{
	json_t *o = json_object();
	bool any = summary_records(s) > 0;
	int bad = 0;

	bad |= put_time(o, "first", any, s->first);
	bad |= put_time(o, "last", any, s->last);
	if (bad == 0)
		return o;
	json_decref(o);
	return NULL;
}

int
report_json(const struct summary *s, const struct report_options *o, FILE *f)
{
	json_t *root = json_object();
	int bad = 0;

	bad |= put_number(root, "v", 1);
	bad |= put(root, "period", period(s));
	bad |= put_time(root, "since", s->since != INT64_MIN, s->since);
	bad |= put_number(root, "records", summary_records(s));
	bad |= put_number(root, "refused", s->refused);
	bad |= put_number(root, "would_refuse", s->would_refuse);
	bad |= put_number(root, "deferred", s->deferred);
	bad |= put_number(root, "accepted", s->accepted);
	bad |= put_number(root, "second_records", s->twice);
	bad |= put_number(root, "before_since", s->before);
	bad |= put_number(root, "bad_lines", s->bad);
	bad |= put(root, "by", tables(s, o->top));
	if (bad == 0) {
		json_dumpf(root, f, JSON_INDENT(2));
		putc('\n', f);
	}
	json_decref(root);
	return bad;
}
