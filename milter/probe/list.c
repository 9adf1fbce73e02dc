/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/list.h"

#include <jansson.h>
#include <string.h>

#include "policy/escape.h"

#define SHOWN_MAX 800

/* What is special about a test: its sender, its EHLO or its recipients. */
static void
show(const struct probe_test *t, char out[SHOWN_MAX])
{
	size_t n = 0, i;

	if (t->helo != NULL)
		n = (size_t)snprintf(out, SHOWN_MAX, "EHLO %.100s  ", t->helo);
	n += (size_t)snprintf(out + n, SHOWN_MAX - n, "MAIL FROM:");
	n += escape_text(text_of(t->mail), out + n, SHOWN_MAX - n);
	if (t->params != NULL)
		n += (size_t)snprintf(out + n, SHOWN_MAX - n, "%.100s",
		    t->params);
	for (i = 0; t->rcpt[i] != NULL && n < SHOWN_MAX; i++) {
		n += (size_t)snprintf(out + n, SHOWN_MAX - n, "  RCPT TO:");
		n += escape_text(text_of(t->rcpt[i]), out + n, SHOWN_MAX - n);
	}
}

int
probe_list_text(enum probe_profile p, FILE *out)
{
	const struct probe_test *t;
	char shown[SHOWN_MAX];
	size_t i;

	for (i = 0; (t = table_at(p, i)) != NULL; i++) {
		show(t, shown);
		fprintf(out, "%s %s (rule %s)\n"
		    "  tests     %s\n"
		    "  sends     %s\n"
		    "  why       %s\n"
		    "  from      %s\n"
		    "  works at  %s\n"
		    "  what to do  %s\n\n", t->id, table_form(t), t->rule,
		    t->what, shown, table_why(t), table_source(t),
		    table_lore(t)->honoured, table_lore(t)->todo);
	}
	fprintf(out, "%zu tests\n", table_count(p));
	return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}

static json_t *
escaped(const char *s)
{
	char out[SHOWN_MAX];

	if (s == NULL)
		return json_null();
	escape_text(text_of(s), out, sizeof out);
	return json_string(out);
}

static json_t *
test_json(const struct probe_test *t)
{
	const struct probe_lore *lore = table_lore(t);
	json_t *rcpt = json_array();
	size_t i;

	for (i = 0; t->rcpt[i] != NULL; i++)
		if (json_array_append_new(rcpt, escaped(t->rcpt[i])) != 0)
			break;
	return json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:s,s:s,s:s,s:s}",
	    "id", t->id, "rule", t->rule, "form", table_form(t),
	    "what", t->what, "helo", escaped(t->helo),
	    "mail", escaped(t->mail), "params", escaped(t->params),
	    "rcpt", rcpt, "why", table_why(t), "source", table_source(t),
	    "honoured_by", lore->honoured, "what_to_do", lore->todo);
}

int
probe_list_json(enum probe_profile p, FILE *out)
{
	const struct probe_test *t;
	json_t *list = json_array(), *all;
	bool ok = true;
	size_t i;

	for (i = 0; (t = table_at(p, i)) != NULL; i++)
		ok = json_array_append_new(list, test_json(t)) == 0 && ok;
	all = json_pack("{s:s,s:o}", "profile", profile_text(p), "tests",
	    list);
	ok = json_dumpf(all, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0 &&
	    ok;
	json_decref(all);
	fputc('\n', out);
	return ok && fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
