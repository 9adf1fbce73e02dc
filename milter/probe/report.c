/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/report.h"

#include "policy/escape.h"

#define COLUMNS 7
#define CELL_MAX REPORT_SENT_MAX

/* ---- what is worth telling about a score ---- */

const struct probe_step *
report_mail(const struct probe_score *s)
{
	const struct probe_attempt *a = score_attempt(s);

	return a != NULL && a->mail < a->n ? &a->step[a->mail] : NULL;
}

const struct probe_step *
report_rcpt(const struct probe_score *s)
{
	const struct probe_step *step = score_step(s);

	return step != NULL && step->verb == VERB_RCPT ? step : NULL;
}

void
report_sent(const struct probe_score *s, char out[REPORT_SENT_MAX])
{
	bool sender = s->test->trick != TRICK_RECIPIENT;
	const struct probe_attempt *a = score_attempt(s);
	const struct probe_step *step = sender ? report_mail(s) :
	    report_rcpt(s);
	size_t n = 0;

	if (step == NULL)
		step = score_step(s);
	if (s->test->helo != NULL && a != NULL && a->n > 0)
		step = &a->step[0];
	if (step == NULL) {
		memcpy(out, "-", 2);
		return;
	}
	if (step->verb != VERB_RCPT)
		n = (size_t)snprintf(out, REPORT_SENT_MAX, "%s ",
		    step->verb == VERB_MAIL ? "from" : "helo");
	escape_text(text_trim(text_of(step->argument)), out + n,
	    REPORT_SENT_MAX - n);
}

void
report_by(const struct probe_score *s, char out[REPORT_BY_MAX])
{
	const struct probe_step *step = score_step(s);
	struct reply_by by = score_by(s);

	if (by.layer == LAYER_NONE || step == NULL)
		snprintf(out, REPORT_BY_MAX, "-");
	else if (by.layer == LAYER_GUARD)
		snprintf(out, REPORT_BY_MAX, "guard %.*s %.*s",
		    (int)by.rule.n, by.rule.at, by.form.n > 60 ? 60 :
		    (int)by.form.n, by.form.at);
	else if (step->reply.dsn[0] != '\0')
		snprintf(out, REPORT_BY_MAX, "%s %s", layer_text(by.layer),
		    step->reply.dsn);
	else
		snprintf(out, REPORT_BY_MAX, "%s %u", layer_text(by.layer),
		    step->reply.code);
}

void
report_outcome(const struct probe_score *s, char out[REPORT_OUTCOME_MAX])
{
	enum probe_proof proof = score_proof(s);

	snprintf(out, REPORT_OUTCOME_MAX, "%s%s%s", outcome_text(s->outcome),
	    proof != PROOF_NONE ? ", " : "",
	    proof == PROOF_REFUSED ? "refused at DATA" :
	    proof != PROOF_NONE ? probe_proof_text(proof) : "");
}

bool
report_is_notable(const struct probe_score *s)
{
	return s->outcome == OUTCOME_ACCEPTED ||
	    s->outcome == OUTCOME_UNANSWERED ||
	    s->outcome == OUTCOME_UNTESTED;
}

bool
report_shows_dialogue(const struct probe_score *s,
    const struct report_options *o)
{
	return o->dialogue == DIALOGUE_ALL ||
	    (o->dialogue == DIALOGUE_NOTABLE && report_is_notable(s));
}

void
report_target(const struct probe_result *r, char out[PROBE_NOTE_MAX])
{
	char ip[IP_TEXT_MAX], shown[PROBE_NOTE_MAX / 2];

	if (r->door == DOOR_SMTP) {
		snprintf(out, PROBE_NOTE_MAX, "%s port %u",
		    ip_print(&r->peer.address, ip), r->peer.port);
		return;
	}
	escape_text(text_of(r->socket), shown, sizeof shown);
	snprintf(out, PROBE_NOTE_MAX, "the %s door %s",
	    probe_door_text(r->door), shown);
}

/* ---- text ---- */

static void
reply_cell(const struct probe_step *s, char *out, size_t cap)
{
	if (s == NULL)
		snprintf(out, cap, "-");
	else if (s->reply.code == 0)
		snprintf(out, cap, "none");
	else
		snprintf(out, cap, "%u%s%s", s->reply.code,
		    s->reply.dsn[0] != '\0' ? " " : "", s->reply.dsn);
}

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
	reply_cell(report_mail(s), cell[3], CELL_MAX);
	reply_cell(report_rcpt(s), cell[4], CELL_MAX);
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
	char outcome[REPORT_OUTCOME_MAX];
	size_t i;

	for (i = 0; i < r->n_controls; i++) {
		const struct probe_score *s = &r->control[i];
		const struct probe_step *step = score_step(s);

		report_outcome(s, outcome);
		fprintf(out, "control %s %s: %s: %s", s->test->id,
		    i < r->n_before ? "before" : "after", s->test->what,
		    outcome);
		if (step != NULL && step->reply.code != 0)
			fprintf(out, " (%u %s)", step->reply.code,
			    step->reply.last);
		fputc('\n', out);
	}
}

static void
print_proofs(const struct probe_result *r, FILE *out)
{
	if (r->proving && result_total(r, OUTCOME_ACCEPTED) > 0)
		fprintf(out, "messages: %zu delivered, %zu not seen, %zu "
		    "bounced, %zu refused at DATA\n",
		    result_proved(r, PROOF_DELIVERED),
		    result_proved(r, PROOF_UNSEEN),
		    result_proved(r, PROOF_BOUNCED),
		    result_proved(r, PROOF_REFUSED));
}

static void
print_summary(const struct probe_result *r, const struct report_options *o,
    FILE *out)
{
	size_t accepted = result_total(r, OUTCOME_ACCEPTED), i;
	const char *separator = accepted > 0 ? "; " : ": ";
	int k;

	if (r->n_tests > 0) {
		if (accepted > 0)
			fprintf(out, r->proving ? "%zu of %zu tests accepted" :
			    "%zu of %zu tests relayed", accepted, r->n_tests);
		else
			fprintf(out, "%zu tests", r->n_tests);
		for (k = OUTCOME_REFUSED; k < OUTCOME_ACCEPTED; k++) {
			size_t n = result_total(r, (enum outcome)k);

			if (n == 0)
				continue;
			fprintf(out, "%s%zu %s", separator, n,
			    outcome_text((enum outcome)k));
			separator = ", ";
		}
		fputc('\n', out);
		print_proofs(r, out);
	}
	fprintf(out, "verdict: %s%s%s\n", colour_of(r->verdict == PROBE_CLOSED ?
	    OUTCOME_REFUSED : r->verdict == PROBE_RELAYS ? OUTCOME_ACCEPTED :
	    OUTCOME_DEFERRED, o), probe_verdict_text(r->verdict), plain(o));
	for (i = 0; i < r->n_reasons; i++)
		fprintf(out, "  %s\n", r->reason[i]);
}

int
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
	fputc('\n', out);
	print_all_transcripts(r, o, out);
	if (r->n_tests > 0) {
		print_table(r, o, out);
		print_notes(r, out);
		fputc('\n', out);
	}
	print_controls(r, out);
	print_summary(r, o, out);
	return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
