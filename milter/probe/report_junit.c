/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JUnit's XML, as Jenkins, GitLab and others read it.  A test that relays is
 * a failure, one without a clear answer an error; the verdict is a test case
 * of its own, because refusals alone prove nothing.
 */
#include "milter/probe/advice.h"
#include "milter/probe/compare.h"
#include "milter/probe/markup.h"

static void
put_line(const char *s, FILE *out)
{
	markup_text(s, out);
	fputc('\n', out);
}

static void
put_dialogue(const struct probe_score *s, FILE *out)
{
	const struct probe_attempt *a = score_attempt(s);
	size_t i;

	for (i = 0; a != NULL && i < a->log.n; i++)
		put_line(a->log.line[i], out);
}

/* <failure>, <error> or <skipped> with what a list of failures shows. */
static void
put_trouble(const char *element, const char *type, const char *message,
    const struct probe_score *s, FILE *out)
{
	fprintf(out, ">\n      <%s", element);
	markup_attribute("type", type, out);
	markup_attribute("message", message, out);
	fputc('>', out);
	if (s != NULL)
		put_dialogue(s, out);
	fprintf(out, "</%s>\n    </testcase>\n", element);
}

static void
put_passed(const struct probe_score *s, const struct report_options *o,
    FILE *out)
{
	if (o->dialogue != DIALOGUE_ALL) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n      <system-out>", out);
	put_dialogue(s, out);
	fputs("</system-out>\n    </testcase>\n", out);
}

static void
put_test(const struct probe_result *r, const struct probe_score *s,
    const struct report_options *o, FILE *out)
{
	enum report_grade grade = report_grade(r, s);
	char name[PROBE_NOTE_MAX], sent[REPORT_SENT_MAX];
	char message[REPORT_SENT_MAX + REPORT_OUTCOME_MAX + 2];
	char outcome[REPORT_OUTCOME_MAX];
	const struct probe_score *told =
	    report_shows_dialogue(s, o) ? s : NULL;

	snprintf(name, sizeof name, "%s %s", s->test->id, s->test->what);
	report_sent(s, sent);
	report_outcome(s, outcome);
	snprintf(message, sizeof message, "%s: %s", outcome, sent);
	fputs("    <testcase", out);
	markup_attribute("classname", table_form(s->test), out);
	markup_attribute("name", name, out);
	if (grade == GRADE_CLOSED)
		put_passed(s, o, out);
	else if (grade == GRADE_SKIPPED)
		put_trouble("skipped", "skipped", s->skipped, NULL, out);
	else
		put_trouble(grade == GRADE_RELAYS ? "failure" : "error",
		    report_grade_text(grade), message, told, out);
}

static void
put_verdict(const struct probe_result *r, FILE *out)
{
	const char *verdict = probe_verdict_text(r->verdict);
	const char *reason = r->n_reasons > 0 ? r->reason[0] : verdict;

	fputs("    <testcase classname=\"verdict\" name=\"verdict\"", out);
	if (r->verdict == PROBE_CLOSED)
		fputs("/>\n", out);
	else
		put_trouble(r->verdict == PROBE_RELAYS ? "failure" : "error",
		    verdict, reason, NULL, out);
}

static void
put_property(const char *name, const char *value, FILE *out)
{
	fputs("      <property", out);
	markup_attribute("name", name, out);
	markup_attribute("value", value, out);
	fputs("/>\n", out);
}

static void
put_properties(const struct probe_result *r, FILE *out)
{
	char target[PROBE_NOTE_MAX], source[IP_TEXT_MAX];

	report_target(r, target);
	fputs("    <properties>\n", out);
	put_property("target", target, out);
	put_property("name", r->names.server, out);
	put_property("source", ip_print(&r->peer.source, source), out);
	put_property("banner", r->banner, out);
	put_property("tls", r->tls, out);
	fputs("    </properties>\n", out);
}

/* What a reader of the whole suite wants: controls, reasons. */
static void
put_output(const struct probe_result *r, const struct report_options *o,
    FILE *out)
{
	char line[ADVICE_LINE_MAX];
	size_t i;

	fputs("    <system-out>", out);
	for (i = 0; i < r->n_controls; i++) {
		report_control(r, i, line);
		put_line(line, out);
	}
	report_layers(r, line);
	put_line(line, out);
	report_summary(r, line);
	put_line(line, out);
	report_proofs(r, line);
	put_line(line, out);
	for (i = 0; i < r->n_reasons; i++)
		put_line(r->reason[i], out);
	for (i = 0; o->since != NULL && compare_line(o->since, i, line); i++)
		put_line(line, out);
	for (i = 0; o->advice != NULL && advice_line(o->advice, i, line); i++)
		put_line(line, out);
	fputs("</system-out>\n", out);
}

bool
probe_report_junit(const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	bool sick = r->verdict == PROBE_INCONCLUSIVE ||
	    r->verdict == PROBE_INVALID;
	char when[REPORT_TIME_MAX];
	size_t i;

	report_time(r->began, when);
	if (when[0] != '\0') /* xs:dateTime, but most want no zone */
		when[19] = '\0';
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n  <testsuite name=\"relayguard probe %s\" "
	    "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
	    "time=\"%.3f\"", profile_text(r->profile), r->n_tests + 1,
	    report_graded(r, GRADE_RELAYS) + (r->verdict == PROBE_RELAYS),
	    report_graded(r, GRADE_UNCLEAR) + sick,
	    report_graded(r, GRADE_SKIPPED), (double)r->took_ms / 1000);
	if (when[0] != '\0')
		markup_attribute("timestamp", when, out);
	fputs(">\n", out);
	put_properties(r, out);
	for (i = 0; i < r->n_tests; i++)
		put_test(r, &r->test[i], o, out);
	put_verdict(r, out);
	put_output(r, o, out);
	fputs("  </testsuite>\n</testsuites>\n", out);
	return true;
}
