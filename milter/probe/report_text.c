/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/advice.h"
#include "milter/probe/compare.h"

#include "policy/escape.h"

#define COLUMNS 7
#define ADVICE_WIDTH 80
#define CELL_MAX REPORT_SENT_MAX

static const char *
colour_of(enum outcome o, const struct report_options *options)
{
	static const char *const colour[OUTCOMES] = { "\033[32m", "\033[33m",
		"\033[33m", "\033[35m", "\033[1;31m" };

	return options->colour ? colour[o] : "";
}

static const char *
plain(const struct report_options *o)
{
	return o->colour ? "\033[0m" : "";
}

static void
make_row(const struct probe_score *s, char cell[COLUMNS][CELL_MAX])
{
	snprintf(cell[0], CELL_MAX, "%s", s->test->id);
	snprintf(cell[1], CELL_MAX, "%s", table_form(s->test));
	report_sent(s, cell[2]);
	report_reply(report_mail(s), cell[3]);
	report_reply(report_rcpt(s), cell[4]);
	report_outcome(s, cell[5]);
	report_by(s, cell[6]);
}

static const char *const heading[COLUMNS] = { "id", "form", "sent as", "MAIL",
	"RCPT", "outcome", "by" };

static void
measure(const struct probe_result *r, const struct report_options *o,
    size_t width[COLUMNS])
{
	char cell[COLUMNS][CELL_MAX];
	size_t i, c, all = 0;

	for (c = 0; c < COLUMNS; c++)
		width[c] = strlen(heading[c]);
	for (i = 0; i < r->n_tests; i++) {
		make_row(&r->test[i], cell);
		for (c = 0; c < COLUMNS; c++)
			if (strlen(cell[c]) > width[c])
				width[c] = strlen(cell[c]);
	}
	for (c = 0; c < COLUMNS; c++)
		all += width[c] + 2;
	/* on a terminal the addresses give way, down to 16 columns */
	if (o->width > 0 && all > o->width && width[2] > 16)
		width[2] = all - o->width < width[2] - 16 ?
		    width[2] - (all - o->width) : 16;
}

static void
print_cell(const char *text, size_t width, bool last, FILE *out)
{
	size_t n = strlen(text);

	if (n > width)
		fprintf(out, "%.*s...  ", (int)width - 3, text);
	else
		fprintf(out, "%s%*s", text, last ? 0 : (int)(width - n + 2),
		    "");
}

static void
print_table(const struct probe_result *r, const struct report_options *o,
    FILE *out)
{
	char cell[COLUMNS][CELL_MAX];
	size_t width[COLUMNS], i, c;

	measure(r, o, width);
	for (c = 0; c < COLUMNS; c++)
		print_cell(heading[c], width[c], c + 1 == COLUMNS, out);
	fputc('\n', out);
	for (i = 0; i < r->n_tests; i++) {
		make_row(&r->test[i], cell);
		for (c = 0; c < COLUMNS; c++) {
			fputs(c == 5 ? colour_of(r->test[i].outcome, o) : "",
			    out);
			print_cell(cell[c], width[c], c + 1 == COLUMNS, out);
			fputs(c == 5 ? plain(o) : "", out);
		}
		fputc('\n', out);
	}
}

static void
print_transcripts(const struct probe_score *s, FILE *out)
{
	size_t i, k;

	for (i = 0; i < s->n; i++) {
		const struct probe_attempt *a = &s->attempt[i];

		if (a->log.n == 0)
			continue; /* no contact */
		fprintf(out, "%s %s: %s (%s): %s\n", s->test->id,
		    table_form(s->test), s->test->what,
		    spelling_text(a->spelling), outcome_text(a->outcome));
		for (k = 0; k < a->log.n; k++)
			fprintf(out, "%s\n", a->log.line[k]);
		fprintf(out, "%s\n", a->log.cut ? "--- cut here\n" : "");
	}
}

static void
print_all_transcripts(const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	size_t i;

	for (i = 0; i < r->n_controls; i++)
		if (o->dialogue == DIALOGUE_ALL)
			print_transcripts(&r->control[i], out);
	for (i = 0; i < r->n_tests; i++)
		if (report_shows_dialogue(&r->test[i], o))
			print_transcripts(&r->test[i], out);
}

static void
print_note(const char *id, const char *spelling, const char *text, FILE *out)
{
	char note[4 * PROBE_NOTE_MAX];

	escape_text(text_of(text), note, sizeof note);
	fprintf(out, "note %s (%s): %s\n", id, spelling, note);
}

/* What was never tried is among the reasons, once; same notes come once. */
static void
print_notes(const struct probe_result *r, FILE *out)
{
	const char *last = "";
	size_t i, k;

	for (i = 0; i < r->n_tests; i++, last = "") {
		const struct probe_score *s = &r->test[i];

		for (k = 0; k < s->n; k++) {
			const struct probe_attempt *a = &s->attempt[k];

			if (a->log.n > 0 && strcmp(a->note, last) != 0)
				print_note(s->test->id,
				    spelling_text(a->spelling), a->note, out);
			last = a->note;
		}
	}
}

static void
print_controls(const struct probe_result *r, FILE *out)
{
	char line[REPORT_CONTROL_MAX];
	size_t i;

	for (i = 0; i < r->n_controls; i++) {
		report_control(r, i, line);
		fprintf(out, "%s\n", line);
	}
}

static enum outcome
outcome_like(enum probe_verdict v)
{
	return v == PROBE_CLOSED ? OUTCOME_REFUSED : v == PROBE_RELAYS ?
	    OUTCOME_ACCEPTED : OUTCOME_DEFERRED;
}

static void
put_line(const char *line, FILE *out)
{
	if (line[0] != '\0')
		fprintf(out, "%s\n", line);
}

/* A warning when journald reads it, and there is reason to. */
static const char *
alarm_level(const struct report_options *o, bool alarm)
{
	return o->journal && alarm ? "<4>" : "";
}

static void
print_summary(const struct probe_result *r, const struct report_options *o,
    FILE *out)
{
	char line[REPORT_SUMMARY_MAX];
	size_t i;

	report_layers(r, line);
	put_line(line, out);
	if (r->n_tests > 0) {
		report_summary(r, line);
		put_line(line, out);
	}
	report_proofs(r, line);
	put_line(line, out);
	fputs(alarm_level(o, r->verdict == PROBE_RELAYS), out);
	fprintf(out, "verdict: %s%s%s\n",
	    colour_of(outcome_like(r->verdict), o),
	    probe_verdict_text(r->verdict), plain(o));
	for (i = 0; i < r->n_reasons; i++)
		fprintf(out, "  %s\n", r->reason[i]);
}

static void
print_since(const struct report_options *o, FILE *out)
{
	const struct comparison *c = o->since;
	char line[COMPARE_LINE_MAX];
	size_t i;

	for (i = 0; c != NULL && compare_line(c, i, line); i++)
		fprintf(out, "%s%s%s\n", alarm_level(o, i > 0),
		    i > 0 ? "  " : "", line);
}

/* One paragraph, its first line further out than the others. */
static void
print_paragraph(const char *s, size_t width, FILE *out)
{
	const char *indent = "";

	while (*s != '\0') {
		size_t n = strlen(s), end;

		if (n > width) {
			for (n = width; n > 0 && s[n] != ' '; n--)
				;
			if (n == 0)
				n = width;
		}
		for (end = n; end > 0 && s[end - 1] == ' '; end--)
			;
		fprintf(out, "%s%.*s\n", indent, (int)end, s);
		s += n + strspn(s + n, " ");
		indent = "  ";
	}
}

static void
print_advice(const struct report_options *o, FILE *out)
{
	size_t width = o->width > 40 && o->width < ADVICE_WIDTH ? o->width - 2 :
	    ADVICE_WIDTH - 2;
	char line[ADVICE_LINE_MAX];
	size_t i;

	for (i = 0; o->advice != NULL && advice_line(o->advice, i, line); i++) {
		fputc('\n', out);
		print_paragraph(line, width, out);
	}
}

bool
probe_report_text(const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	char target[PROBE_NOTE_MAX], source[IP_TEXT_MAX];

	report_target(r, target);
	fprintf(out, "relay tests, profile %s, against %s (%s), from %s\n",
	    profile_text(r->profile), target,
	    r->names.server[0] != '\0' ? r->names.server : "name unknown",
	    ip_print(&r->peer.source, source));
	if (r->banner[0] != '\0')
		fprintf(out, "banner: %s\n", r->banner);
	if (r->tls[0] != '\0')
		fprintf(out, "TLS: %s\n", r->tls);
	if (!o->brief) {
		fputc('\n', out);
		print_all_transcripts(r, o, out);
	}
	if (!o->brief && r->n_tests > 0) {
		print_table(r, o, out);
		print_notes(r, out);
		fputc('\n', out);
	}
	print_controls(r, out);
	print_summary(r, o, out);
	print_since(o, out);
	print_advice(o, out);
	return true;
}
