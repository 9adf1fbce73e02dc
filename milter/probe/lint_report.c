/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/lint_report.h"

#include <jansson.h>

#include "policy/escape.h"

#ifndef RELAYGUARD_VERSION
#define RELAYGUARD_VERSION "unknown"
#endif

#define NAME_MAX_SHOWN 1024
#define WIDTH 76 /* of a line of text */

/* ---- text ---- */

/* "label: text", folded; lines after the first are indented. */
static void
print_folded(const char *label, const char *text, FILE *out)
{
	size_t column = (size_t)fprintf(out, "  %s", label), n;

	while (*text != '\0') {
		n = strcspn(text, " ");
		if (column + 1 + n > WIDTH && column > 12)
			column = (size_t)fprintf(out, "\n%*s", 11, "") - 1;
		column += (size_t)fprintf(out, " %.*s", (int)n, text);
		text += n + strspn(text + n, " ");
	}
	fputc('\n', out);
}

static void
print_opens(const struct lint *l, const struct lint_rule *r, FILE *out)
{
	const char *ids[LINT_OPENS_MAX];
	char text[LINT_OPENS_MAX * 8] = "no probe, as things are here";
	size_t n = lint_opens(l->features, r->feature, ids), i, at = 0;

	for (i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s",
		    i > 0 ? " " : "", ids[i]);
	print_folded("opens:   ", text, out);
}

static void
print_place(const char *name, unsigned line, FILE *out)
{
	char shown[NAME_MAX_SHOWN];

	escape_text(text_of(name), shown, sizeof shown);
	if (line > 0)
		fprintf(out, "%s:%u: ", shown, line);
	else
		fprintf(out, "%s: ", shown);
}

static void
print_finding(const struct lint *l, const struct lint_finding *f, bool colour,
    FILE *out)
{
	print_place(f->file, f->line, out);
	fprintf(out, "%s%s%s%s%s\n", colour ? "\033[1;31m" : "",
	    f->rule->name, colour ? "\033[0m" : "",
	    f->detail[0] != '\0' ? ": " : "", f->detail);
	if (f->mc_line > 0 && strcmp(f->file, l->mc_name) != 0) {
		char shown[NAME_MAX_SHOWN], where[NAME_MAX_SHOWN + 16];

		escape_text(text_of(l->mc_name), shown, sizeof shown);
		snprintf(where, sizeof where, "%s:%u", shown, f->mc_line);
		print_folded("made in: ", where, out);
	}
	print_folded("means:   ", f->rule->what, out);
	print_opens(l, f->rule, out);
	print_folded("instead: ", f->rule->instead, out);
	fputc('\n', out);
}

int
lint_report_text(const struct lint *l, bool colour, FILE *out)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		print_finding(l, &l->finding[i], colour, out);
	print_place(l->cf_name, 0, out);
	if (l->n == 0)
		fprintf(out, "%sclean%s\n", colour ? "\033[32m" : "",
		    colour ? "\033[0m" : "");
	else
		fprintf(out, "%zu finding%s\n", l->n, l->n == 1 ? "" : "s");
	return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}

/* ---- JSON ---- */

static json_t *
shown_json(const char *text)
{
	char shown[NAME_MAX_SHOWN];

	escape_text(text_of(text), shown, sizeof shown);
	return json_string(shown);
}

static json_t *
line_json(unsigned line)
{
	return line > 0 ? json_integer(line) : json_null();
}

static json_t *
opens_json(const struct lint *l, const struct lint_rule *r)
{
	const char *ids[LINT_OPENS_MAX];
	size_t n = lint_opens(l->features, r->feature, ids), i;
	json_t *list = json_array();

	for (i = 0; i < n; i++)
		json_array_append_new(list, json_string(ids[i]));
	return list;
}

static json_t *
finding_json(const struct lint *l, const struct lint_finding *f)
{
	/* "o" takes the values over; one that is NULL makes it fail */
	return json_pack("{s:s, s:o, s:o, s:o, s:s, s:s, s:o, s:s}",
	    "name", f->rule->name, "file", shown_json(f->file),
	    "line", line_json(f->line), "mc_line", line_json(f->mc_line),
	    "detail", f->detail, "means", f->rule->what,
	    "opens", opens_json(l, f->rule), "instead", f->rule->instead);
}

int
lint_report_json(const struct lint *l, int status, FILE *out)
{
	json_t *list = json_array(), *all;
	bool ok = true;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (json_array_append_new(list, finding_json(l,
		    &l->finding[i])) != 0)
			ok = false;
	all = json_pack("{s:s, s:o, s:o, s:o, s:i}", "relayguard",
	    RELAYGUARD_VERSION, "file", shown_json(l->cf_name),
	    "mc", l->mc_name != NULL ? shown_json(l->mc_name) : json_null(),
	    "findings", list, "exit", status);
	if (all == NULL || json_dumpf(all, out, JSON_INDENT(2) |
	    JSON_ENSURE_ASCII) != 0)
		ok = false;
	json_decref(all);
	fputc('\n', out);
	return ok && fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
