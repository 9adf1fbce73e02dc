/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/report_html.h"
#include "policy/escape.h"

/* "<dt>term</dt><dd>s</dd>"; nothing for an empty s. */
static void
put_term(const char *term, const char *s, FILE *out)
{
	if (s[0] == '\0')
		return;
	fprintf(out, "<dt>%s</dt>", term);
	report_html_element("dd", s, out);
}

static void
put_attempt(const struct probe_attempt *a, FILE *out)
{
	char note[4 * PROBE_NOTE_MAX];
	size_t i;

	fprintf(out, "<p>%s: %s", spelling_text(a->spelling),
	    outcome_text(a->outcome));
	if (a->proof != PROOF_NONE)
		fprintf(out, "; the message: %s", probe_proof_text(a->proof));
	if (a->note[0] != '\0') {
		escape_text(text_of(a->note), note, sizeof note);
		fputs(" <span class=\"note\">", out);
		markup_text(note, out);
		fputs("</span>", out);
	}
	fputs("</p>\n<pre>", out);
	for (i = 0; i < a->log.n; i++) {
		markup_text(a->log.line[i], out);
		fputc('\n', out);
	}
	fprintf(out, "%s</pre>\n", a->log.cut ? "--- cut here\n" : "");
}

/* Folded as they are, dialogues cost no room: all, unless none is wanted. */
static void
put_dialogues(const struct probe_score *s, const struct report_options *o,
    FILE *out)
{
	size_t i;

	for (i = 0; i < s->n && o->dialogue != DIALOGUE_NONE; i++)
		if (s->attempt[i].log.n > 0)
			put_attempt(&s->attempt[i], out);
}

static void
put_facts(const struct probe_score *s, FILE *out)
{
	char sent[REPORT_SENT_MAX], reply[REPORT_REPLY_MAX];

	report_sent(s, sent);
	fputs("<dl>", out);
	put_term("sent as", sent, out);
	report_reply(report_mail(s), reply);
	put_term("MAIL", reply, out);
	report_reply(report_rcpt(s), reply);
	put_term("RCPT", reply, out);
	put_term("skipped", s->skipped != NULL ? s->skipped : "", out);
	put_term("why", table_why(s->test), out);
	put_term("from", table_source(s->test), out);
	put_term("works at", table_lore(s->test)->honoured, out);
	put_term("what to do", table_lore(s->test)->todo, out);
	fputs("</dl>\n", out);
}

void
report_html_test(const struct probe_result *r, const struct probe_score *s,
    const struct report_options *o, FILE *out)
{
	const char *grade = report_grade_text(report_grade(r, s));
	char by[REPORT_BY_MAX], outcome[REPORT_OUTCOME_MAX];

	report_by(s, by);
	report_outcome(s, outcome);
	fprintf(out, "<details class=\"%s\"><summary><span class=\"id\">%s"
	    "</span> %s: ", grade, s->test->id, table_form(s->test));
	markup_text(s->test->what, out);
	fprintf(out, ": <span class=\"o %s\">%s</span>", grade,
	    s->skipped != NULL ? "skipped" : outcome);
	if (by[0] != '-') {
		fputs(", by ", out);
		markup_text(by, out);
	}
	/* inside, so that a link to it opens it */
	fprintf(out, "</summary><div id=\"%s\">\n", s->test->id);
	put_facts(s, out);
	put_dialogues(s, o, out);
	fputs("</div></details>\n", out);
}

void
report_html_control(const struct probe_result *r, size_t i,
    const struct report_options *o, FILE *out)
{
	char line[REPORT_CONTROL_MAX];

	report_control(r, i, line);
	fputs("<details><summary>", out);
	markup_text(line, out);
	fputs("</summary><div>\n", out);
	put_dialogues(&r->control[i], o, out);
	fputs("</div></details>\n", out);
}
