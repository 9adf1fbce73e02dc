/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "milter/audit/when.h"
#include "policy/escape.h"

#define INDENT 2
#define WIDTH_MAX 512 /* wider pages are not used to the full */

struct page {
	FILE *f;
	size_t width, top;
	const char *strong, *bad, *late, *good, *off; /* colours, or "" */
};

static struct page
page_of(const struct report_options *o, FILE *f)
{
	struct page p = { f, o->width, o->top, "", "", "", "", "" };

	if (p.width > WIDTH_MAX)
		p.width = WIDTH_MAX;
	if (o->colour) {
		p.strong = "\033[1m";
		p.bad = "\033[31m";
		p.late = "\033[33m";
		p.good = "\033[32m";
		p.off = "\033[0m";
	}
	return p;
}

/* Columns that a number takes. */
static int
digits(uint64_t n)
{
	return snprintf(NULL, 0, "%" PRIu64, n);
}

/* Break words at the page's width, every line indented. */
static void
print_wrapped(const struct page *p, size_t indent, const char *words)
{
	struct text rest = text_of(words);
	size_t room = p->width - indent;

	while (rest.n > 0) {
		size_t n = rest.n;

		if (n > room) {
			n = room;
			while (n > 0 && rest.at[n] != ' ')
				n--;
			if (n == 0)
				n = room;
		}
		fprintf(p->f, "%*s%.*s\n", (int)indent, "", (int)n, rest.at);
		rest = text_trim(text_cut(rest, n, rest.n));
	}
}

/*
 * The last column of a row that has used so many columns: the key, on a line
 * of its own when it is too long for the rest of this one.
 */
static void
print_key(const struct page *p, size_t used, size_t indent, struct text key)
{
	char out[WIDTH_MAX + 1];
	size_t n = escape_text(key, out, p->width - indent + 1);

	if (n > p->width - used)
		fprintf(p->f, "\n%*s", (int)indent, "");
	fprintf(p->f, "%s\n", out);
}

static void
print_total(const struct page *p, int wide, const char *colour, uint64_t n,
    const char *what)
{
	if (n > 0)
		fprintf(p->f, "%*s%s%*" PRIu64 "%s  %s\n", INDENT, "", colour,
		    wide, n, p->off, what);
}

static void
print_totals(const struct page *p, const struct summary *s)
{
	int wide = digits(summary_records(s) + s->twice + s->before +
	    s->bad);

	print_total(p, wide, p->bad, s->refused, "refused");
	print_total(p, wide, p->late, s->would_refuse,
	    "would have been refused (monitor mode)");
	print_total(p, wide, p->late, s->deferred, "deferred");
	print_total(p, wide, p->good, s->accepted, "accepted");
	print_total(p, wide, "", s->twice,
	    "of these also on record by the milter door");
	print_total(p, wide, "", s->before,
	    "older than asked for, not counted");
	print_total(p, wide, "", s->bad, "lines that are no audit records");
}

static void
print_period(const struct page *p, const struct summary *s)
{
	char first[WHEN_TEXT_MAX], last[WHEN_TEXT_MAX];

	if (summary_records(s) == 0)
		fprintf(p->f, "%sNo audit records%s\n", p->strong, p->off);
	else
		fprintf(p->f, "%sAudit records of %s to %s%s\n", p->strong,
		    when_print(s->first, first), when_print(s->last, last),
		    p->off);
}

/* Count, rule, form; below it what that means. */
static void
print_rule_row(const struct page *p, int wide, const struct group_row *row)
{
	const struct rule *rule = rules_find(row->key);
	size_t used = INDENT + (size_t)wide + 2;

	fprintf(p->f, "%*s%*" PRIu64 "  ", INDENT, "", wide, row->count);
	if (rule != NULL) {
		fprintf(p->f, "%s%-6s%s  %s\n", p->strong, rule->id, p->off,
		    rule->form);
		print_wrapped(p, used + 8, rule->why);
	} else {
		print_key(p, used, used, row->key);
	}
}

/* Count, different rules, first and last time, client. */
static void
print_client_row(const struct page *p, int wide, const struct group_row *row)
{
	char first[WHEN_TEXT_MAX], last[WHEN_TEXT_MAX];
	size_t used = (size_t)fprintf(p->f, "%*s%*" PRIu64 "  %5" PRIu32
	    "  %s  %s  ", INDENT, "", wide, row->count, row->rules,
	    when_print_minute(row->first, first),
	    when_print_minute(row->last, last));

	print_key(p, used, INDENT + (size_t)wide + 2, row->key);
}

static void
print_plain_row(const struct page *p, int wide, const struct group_row *row)
{
	size_t used = (size_t)fprintf(p->f, "%*s%*" PRIu64 "  ", INDENT, "",
	    wide, row->count);

	print_key(p, used, used, row->key);
}

/* How each grouping is headed and its rows are printed. */
static const struct layout {
	const char *title;
	const char *columns; /* after the count */
	void (*print)(const struct page *p, int wide,
	    const struct group_row *row);
} layouts[SUMMARY_BYS] = {
	[BY_RULE] = { "By rule", "rule    form", print_rule_row },
	[BY_CLIENT] = { "By client", "rules  first seen (UTC)  "
	    "last seen         client", print_client_row },
	[BY_FORM] = { "By form", "form", print_plain_row },
	[BY_RECIPIENT_DOMAIN] = { "By recipient domain", "domain",
	    print_plain_row },
	[BY_SENDER] = { "By sender", "sender", print_plain_row },
};

static void
print_rows(const struct page *p, enum summary_by by, uint64_t blocked,
    const struct group_row **row, size_t n, size_t distinct)
{
	int wide = digits(blocked);
	size_t i;

	if (wide < 5)
		wide = 5;
	fprintf(p->f, "\n%s%s%s\n%*s%*s  %s\n", p->strong, layouts[by].title,
	    p->off, INDENT, "", wide, "count", layouts[by].columns);
	for (i = 0; i < n; i++) {
		blocked -= row[i]->count;
		layouts[by].print(p, wide, row[i]);
	}
	if (distinct > n)
		fprintf(p->f, "%*s%*" PRIu64 "  in %zu more (--top %zu shows "
		    "all)\n", INDENT, "", wide, blocked, distinct - n,
		    distinct);
}

static int
print_table(const struct page *p, const struct summary *s,
    enum summary_by by)
{
	const struct group *g = s->by[by];
	size_t n, distinct = g != NULL ? group_size(g) : 0;
	const struct group_row **row;

	if (distinct == 0)
		return 0;
	n = distinct < p->top ? distinct : p->top;
	row = calloc(n, sizeof *row);
	if (row == NULL)
		return -1;
	n = group_top(g, n, row);
	print_rows(p, by, summary_blocked(s), row, n, distinct);
	free(row);
	return 0;
}

int
report_text(const struct summary *s, const struct report_options *o, FILE *f)
{
	struct page p = page_of(o, f);
	unsigned by;

	print_period(&p, s);
	print_totals(&p, s);
	for (by = 0; by < SUMMARY_BYS; by++)
		if (print_table(&p, s, (enum summary_by)by) != 0)
			return -1;
	return 0;
}
