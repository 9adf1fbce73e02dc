/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/compare.h"

#include <stdlib.h>
#include <string.h>

const char *
compare_kind_text(enum compare_kind k)
{
	static const char *const text[COMPARE_KINDS] = { "opened", "closed",
		"changed", "new", "gone" };

	return text[k];
}

static struct compare_row *
find_row(const struct comparison *c, size_t n, const char *id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(c->row[i].id, id) == 0)
			return &c->row[i];
	return NULL;
}

static enum compare_kind
kind_of(enum report_grade before, enum report_grade now)
{
	if (now == GRADE_RELAYS)
		return COMPARE_OPENED;
	return before == GRADE_RELAYS && now == GRADE_CLOSED ?
	    COMPARE_CLOSED : COMPARE_CHANGED;
}

bool
compare_with(struct comparison *c, const struct probe_result *r)
{
	struct compare_row *row = realloc(c->row,
	    (c->n + r->n_tests + 1) * sizeof *row);
	char target[PROBE_NOTE_MAX];
	size_t i, old = c->n;

	if (row == NULL)
		return false;
	c->row = row;
	for (i = 0; i < old; i++) {
		row[i].kind = COMPARE_GONE;
		row[i].differs = true;
	}
	for (i = 0; i < r->n_tests; i++) {
		const char *id = r->test[i].test->id;
		enum report_grade now = report_grade(r, &r->test[i]);
		struct compare_row *was = find_row(c, old, id);

		if (was == NULL) {
			was = &row[c->n++];
			*was = (struct compare_row){ .kind = COMPARE_NEW,
				.differs = true };
			snprintf(was->id, sizeof was->id, "%.15s", id);
		} else {
			was->kind = kind_of(was->before, now);
			was->differs = was->before != now;
		}
		was->now = now;
	}
	report_target(r, target);
	c->other_target = strcmp(target, c->target) != 0;
	return true;
}

size_t
compare_count(const struct comparison *c, enum compare_kind k)
{
	size_t i, n = 0;

	for (i = 0; i < c->n; i++)
		n += c->row[i].differs && c->row[i].kind == k;
	return n;
}

/* The id, and what it is or was where the kind leaves that open. */
static int
print_row(const struct compare_row *row, char *out, size_t cap)
{
	switch (row->kind) {
	case COMPARE_CHANGED:
		return snprintf(out, cap, " %s (%s, now %s)", row->id,
		    report_grade_text(row->before),
		    report_grade_text(row->now));
	case COMPARE_NEW:
		if (row->now == GRADE_RELAYS)
			return snprintf(out, cap, " %s (relays)", row->id);
		break;
	case COMPARE_GONE:
		if (row->before == GRADE_RELAYS)
			return snprintf(out, cap, " %s (relayed)", row->id);
		break;
	case COMPARE_OPENED:
	case COMPARE_CLOSED:
		break;
	}
	return snprintf(out, cap, " %s", row->id);
}

#define ROW_MAX (COMPARE_ID_MAX + 64)

static void
print_kind(const struct comparison *c, enum compare_kind k,
    char out[COMPARE_LINE_MAX])
{
	size_t n = (size_t)snprintf(out, COMPARE_LINE_MAX, "%s:",
	    compare_kind_text(k));
	size_t i, left = compare_count(c, k);

	for (i = 0; i < c->n && left > 0; i++) {
		if (!c->row[i].differs || c->row[i].kind != k)
			continue;
		if (n + ROW_MAX > COMPARE_LINE_MAX) {
			snprintf(out + n, COMPARE_LINE_MAX - n,
			    " and %zu more", left);
			return;
		}
		n += (size_t)print_row(&c->row[i], out + n,
		    COMPARE_LINE_MAX - n);
		left--;
	}
}

static void
print_head(const struct comparison *c, bool same, char out[COMPARE_LINE_MAX])
{
	int n = snprintf(out, COMPARE_LINE_MAX, "%s since %s (%s, %s)",
	    same ? "nothing changed" : "changed",
	    c->began[0] != '\0' ? c->began : "an unknown time", c->file,
	    c->verdict);

	if (c->other_target)
		snprintf(out + n, COMPARE_LINE_MAX - (size_t)n,
		    ", which is of another server: %s", c->target);
}

bool
compare_line(const struct comparison *c, size_t i, char out[COMPARE_LINE_MAX])
{
	size_t at = 0;
	int k;

	for (k = 0; k < COMPARE_KINDS && i > 0; k++)
		if (compare_count(c, (enum compare_kind)k) > 0 && ++at == i) {
			print_kind(c, (enum compare_kind)k, out);
			return true;
		}
	for (k = 0; k < COMPARE_KINDS; k++)
		at += compare_count(c, (enum compare_kind)k) > 0;
	if (i == 0)
		print_head(c, at == 0, out);
	return i == 0;
}

void
compare_free(struct comparison *c)
{
	if (c == NULL)
		return;
	free(c->row);
	free(c);
}
