/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_show.h"

#include <jansson.h>
#include <stdlib.h>

#include "conf/policy_write.h"
#include "milter/source/policy_view.h"
#include "policy/escape.h"

/* An entry and what is known about it beside the others. */
struct seen {
	const struct policy *policy;
	struct policy_entry e;
	bool expired;
	struct policy_entry winner; /* of beaten */
	bool beaten_self, beaten_below; /* that half is decided by winner */
};

enum column {
	KIND, VALUE, ACTION, SPAN, UNTIL, LEFT, ONLY, ORIGIN, WINNER, NOTE,
	COLUMNS
};
static const char *const headings[COLUMNS] = { "KIND", "VALUE", "ACTION",
	"SPAN", "UNTIL", "LEFT", "ONLY", "ORIGIN", "DECIDED-BY", "NOTE" };

/* A longer text spoils its own line and no other. */
#define WIDTH_MAX 44
#define CELL_MAX (LINE_MAX_BYTES * 4 + 1)

static const char *
span_text(const struct policy_entry *e)
{
	if (e->network.base.family != IP_NONE)
		return NULL;
	switch (e->kind) {
	case POLICY_LOCAL:
	case POLICY_RELAY:
	case POLICY_NAME:
		return e->span == SPAN_SELF ? "self" :
		    e->span == SPAN_BELOW ? "below" : "both";
	case POLICY_CLIENT:
	case POLICY_IDENTITY:
	case POLICY_CERTIFICATE:
	case POLICY_FORWARDER:
		break;
	}
	return NULL;
}

static int64_t
days_left(const struct policy_entry *e, int64_t now)
{
	return (e->until - now) / (24 * 60 * 60);
}

static void
print_left(const struct seen *s, int64_t now, char *out)
{
	int64_t days = days_left(&s->e, now);

	if (s->e.until == 0)
		snprintf(out, CELL_MAX, "-");
	else if (s->expired)
		snprintf(out, CELL_MAX, "expired");
	else if (days == 0)
		snprintf(out, CELL_MAX, "<1d");
	else
		snprintf(out, CELL_MAX, "%lldd", (long long)days);
}

/* "FILE:LINE", and for which half when that is not all it says. */
static void
print_winner(const struct seen *s, char *out)
{
	bool both = s->e.span == SPAN_BOTH && span_text(&s->e) != NULL;

	if (!s->beaten_self && !s->beaten_below) {
		snprintf(out, CELL_MAX, "-");
		return;
	}
	policy_origin(s->policy, &s->winner, out, ORIGIN_MAX);
	if (both && !s->beaten_below)
		strcat(out, "(self)");
	else if (both && !s->beaten_self)
		strcat(out, "(below)");
}

/* The text of a column into out[CELL_MAX], printable ASCII. */
static void
print_cell(const struct seen *s, int64_t now, enum column column, char *out)
{
	char value[POLICY_VALUE_MAX];
	const char *span = span_text(&s->e);

	switch (column) {
	case KIND:
		snprintf(out, CELL_MAX, "%s", policy_write_kind(s->e.kind));
		break;
	case VALUE:
		escape_text(text_of(policy_write_value(&s->e, value)), out,
		    CELL_MAX);
		break;
	case ACTION:
		snprintf(out, CELL_MAX, "%s",
		    s->e.action == POLICY_DENY ? "deny" : "grant");
		break;
	case SPAN:
		snprintf(out, CELL_MAX, "%s", span != NULL ? span : "-");
		break;
	case UNTIL:
		if (!policy_write_date(s->e.until, out))
			snprintf(out, CELL_MAX, "-");
		break;
	case LEFT:
		print_left(s, now, out);
		break;
	case ONLY:
		if (escape_text(s->e.only, out, CELL_MAX) == 0)
			snprintf(out, CELL_MAX, "-");
		break;
	case ORIGIN:
		policy_origin(s->policy, &s->e, out, ORIGIN_MAX);
		break;
	case WINNER:
		print_winner(s, out);
		break;
	case NOTE:
		escape_text(s->e.note, out, CELL_MAX);
		break;
	case COLUMNS:
		break;
	}
}

static json_t *
origin_as_json(const struct policy *p, const struct policy_entry *e)
{
	char file[ORIGIN_MAX];
	json_t *line = e->line != 0 ? json_integer(e->line) : json_null();

	escape_text(policy_source_name(p, e->source), file, sizeof file);
	return json_pack("{s:s, s:o}", "file", file, "line", line);
}

static json_t *
beaten_as_json(const struct seen *s)
{
	json_t *by;

	if (!s->beaten_self && !s->beaten_below)
		return json_null();
	by = origin_as_json(s->policy, &s->winner);
	if (span_text(&s->e) != NULL)
		json_object_set_new(by, "for", json_string(
		    !s->beaten_below ? "self" :
		    !s->beaten_self ? "below" : "both"));
	return by;
}

static json_t *
seen_as_json(const struct seen *s, int64_t now, char *cell)
{
	char value[POLICY_VALUE_MAX], date[POLICY_DATE_MAX];
	const struct policy_entry *e = &s->e;
	json_t *o = json_object();

	json_object_set_new(o, "kind", json_string(policy_write_kind(e->kind)));
	escape_text(text_of(policy_write_value(e, value)), cell, CELL_MAX);
	json_object_set_new(o, "value", json_string(cell));
	json_object_set_new(o, "action", json_string(
	    e->action == POLICY_DENY ? "deny" : "grant"));
	json_object_set_new(o, "span", span_text(e) != NULL ?
	    json_string(span_text(e)) : json_null());
	json_object_set_new(o, "until", policy_write_date(e->until, date) ?
	    json_string(date) : json_null());
	json_object_set_new(o, "expired", json_boolean(s->expired));
	json_object_set_new(o, "days_left", e->until != 0 && !s->expired ?
	    json_integer(days_left(e, now)) : json_null());
	escape_text(e->only, cell, CELL_MAX);
	json_object_set_new(o, "only", e->only.n > 0 ? json_string(cell) :
	    json_null());
	escape_text(e->note, cell, CELL_MAX);
	json_object_set_new(o, "note", e->note.n > 0 ? json_string(cell) :
	    json_null());
	json_object_set_new(o, "origin", origin_as_json(s->policy, e));
	json_object_set_new(o, "decided_by", beaten_as_json(s));
	return o;
}

/* How to print, and what has been found out for it. */
struct page {
	const struct policy_show *how;
	FILE *to;
	char *cell; /* CELL_MAX */
	int width[COLUMNS];
	bool measuring; /* only find out widths */
	bool any;
	bool failed;
};

static void
widen(struct page *page, enum column column, const char *text)
{
	size_t n = strlen(text);

	if (n > WIDTH_MAX)
		n = WIDTH_MAX;
	if ((int)n > page->width[column])
		page->width[column] = (int)n;
}

/* "" for an empty note, so that no line ends in blanks. */
static void
print_row(struct page *page, const struct seen *s)
{
	bool red = page->how->colour && s->expired;
	enum column c;

	if (red && !page->measuring)
		fputs("\033[31m", page->to);
	for (c = KIND; c < COLUMNS; c++) {
		print_cell(s, page->how->now, c, page->cell);
		if (page->measuring)
			widen(page, c, page->cell);
		else if (c < WINNER || (c == WINNER && s->e.note.n > 0))
			fprintf(page->to, "%-*s  ", page->width[c], page->cell);
		else
			fputs(page->cell, page->to);
	}
	if (!page->measuring)
		fputs(red ? "\033[0m\n" : "\n", page->to);
}

static void
print_json(struct page *page, const struct seen *s)
{
	json_t *o = seen_as_json(s, page->how->now, page->cell);

	fputs(page->any ? ",\n" : "", page->to);
	page->any = true;
	if (json_dumpf(o, page->to, JSON_COMPACT) != 0)
		page->failed = true;
	json_decref(o);
}

/* Is that half of entry i decided by another of its group? */
static bool
is_beaten(const struct policy *p, const size_t *sorted, size_t i, size_t from,
    size_t end, enum policy_span half, struct seen *s, int64_t now)
{
	size_t winner = policy_group_winner(p, sorted, from, end, half, now);

	if (!policy_speaks(&s->e, half) || winner == end || winner == i)
		return false;
	policy_entry_at(p, sorted[winner], &s->winner);
	return true;
}

static void
show_group(struct page *page, const struct policy *p, const size_t *sorted,
    size_t from, size_t end)
{
	int64_t now = page->how->now;
	size_t i;

	for (i = from; i < end; i++) {
		struct seen s = { .policy = p };

		policy_entry_at(p, sorted[i], &s.e);
		s.expired = policy_is_void(&s.e, now);
		if (!s.expired) {
			s.beaten_below = is_beaten(p, sorted, i, from, end,
			    SPAN_BELOW, &s, now);
			s.beaten_self = is_beaten(p, sorted, i, from, end,
			    SPAN_SELF, &s, now);
		}
		if (page->how->json)
			print_json(page, &s);
		else
			print_row(page, &s);
	}
}

static void
show_all(struct page *page, const struct policy *p, const size_t *sorted)
{
	size_t from, end, n = policy_entries(p);

	for (from = 0; from < n; from = end) {
		end = policy_group_end(p, sorted, from);
		show_group(page, p, sorted, from, end);
	}
}

static void
show_table(struct page *page, const struct policy *p, const size_t *sorted)
{
	enum column c;

	for (c = KIND; c < COLUMNS; c++)
		widen(page, c, headings[c]);
	page->measuring = true;
	show_all(page, p, sorted);
	page->measuring = false;
	for (c = KIND; c < NOTE; c++)
		fprintf(page->to, "%-*s  ", page->width[c], headings[c]);
	fprintf(page->to, "%s\n", headings[NOTE]);
	show_all(page, p, sorted);
}

bool
policy_show(const struct policy *p, const struct policy_show *how, FILE *to)
{
	struct page page = { .how = how, .to = to };
	size_t *sorted = policy_sorted(p);

	page.cell = malloc(CELL_MAX);
	page.failed = page.cell == NULL || sorted == NULL;
	if (!page.failed && how->json) {
		fputs("[\n", to);
		show_all(&page, p, sorted);
		fputs(page.any ? "\n]\n" : "]\n", to);
	} else if (!page.failed) {
		show_table(&page, p, sorted);
	}
	free(page.cell);
	free(sorted);
	return !page.failed;
}
