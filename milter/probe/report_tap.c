/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Test Anything Protocol 13, which consumers of 14 take as well.  Everything
 * is "ok" when, and only when, the verdict is "closed".
 */
#include <jansson.h>

#include "milter/probe/advice.h"
#include "milter/probe/compare.h"

/* A hash would begin a directive, and a backslash stands before one. */
static void
put_description(const char *s, FILE *out)
{
	for (; *s != '\0'; s++) {
		if (*s == '#' || *s == '\\')
			fputc('\\', out);
		fputc(*s, out);
	}
}

/* A double-quoted scalar of YAML, which a JSON string is. */
static bool
put_scalar(const char *s, FILE *out)
{
	json_t *string = json_string(s);
	bool ok = json_dumpf(string, out, JSON_ENCODE_ANY |
	    JSON_ENSURE_ASCII) == 0;

	json_decref(string);
	fputc('\n', out);
	return ok;
}

static bool
put_pair(const char *key, const char *value, FILE *out)
{
	fprintf(out, "  %s: ", key);
	return put_scalar(value, out);
}

/* The attempt that decided, for who wants to know why. */
static bool
put_details(const struct probe_score *s, const struct report_options *o,
    FILE *out)
{
	const struct probe_attempt *a = score_attempt(s);
	char sent[REPORT_SENT_MAX], by[REPORT_BY_MAX];
	char outcome[REPORT_OUTCOME_MAX];
	bool ok;
	size_t i;

	report_sent(s, sent);
	report_by(s, by);
	fputs("  ---\n", out);
	report_outcome(s, outcome);
	ok = put_pair("outcome", outcome, out);
	ok = put_pair("sent", sent, out) && ok;
	ok = put_pair("by", by, out) && ok;
	if (a != NULL && a->log.n > 0 && report_shows_dialogue(s, o)) {
		fputs("  dialogue:\n", out);
		for (i = 0; i < a->log.n; i++) {
			fputs("    - ", out);
			ok = put_scalar(a->log.line[i], out) && ok;
		}
	}
	fputs("  ...\n", out);
	return ok;
}

static bool
put_test(const struct probe_result *r, const struct probe_score *s,
    const struct report_options *o, FILE *out)
{
	enum report_grade grade = report_grade(r, s);
	bool good = grade == GRADE_CLOSED || grade == GRADE_SKIPPED;

	fprintf(out, "%s %zu - %s %s: ", good ? "ok" : "not ok",
	    (size_t)(s - r->test) + 1, s->test->id, table_form(s->test));
	put_description(s->test->what, out);
	if (grade == GRADE_SKIPPED) {
		fputs(" # SKIP ", out);
		put_description(s->skipped, out);
	}
	fputc('\n', out);
	return (good && o->dialogue != DIALOGUE_ALL) ||
	    grade == GRADE_SKIPPED || put_details(s, o, out);
}

/* The verdict is a test as well: refusals alone prove nothing. */
static void
put_verdict(const struct probe_result *r, FILE *out)
{
	size_t i;

	fprintf(out, "%s %zu - verdict: %s\n", r->verdict == PROBE_CLOSED ?
	    "ok" : "not ok", r->n_tests + 1, probe_verdict_text(r->verdict));
	for (i = 0; i < r->n_reasons; i++)
		fprintf(out, "# %s\n", r->reason[i]);
}

bool
probe_report_tap(const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	char target[PROBE_NOTE_MAX];
	char line[ADVICE_LINE_MAX];
	bool ok = true;
	size_t i;

	report_target(r, target);
	fprintf(out, "TAP version 13\n1..%zu\n# relay tests, profile %s, "
	    "against %s\n", r->n_tests + 1, profile_text(r->profile), target);
	if (r->banner[0] != '\0')
		fprintf(out, "# banner: %s\n", r->banner);
	if (r->tls[0] != '\0')
		fprintf(out, "# TLS: %s\n", r->tls);
	for (i = 0; i < r->n_controls; i++) {
		report_control(r, i, line);
		fprintf(out, "# %s\n", line);
	}
	for (i = 0; i < r->n_tests; i++)
		ok = put_test(r, &r->test[i], o, out) && ok;
	put_verdict(r, out);
	report_summary(r, line);
	fprintf(out, "# %s\n", line);
	for (i = 0; o->since != NULL && compare_line(o->since, i, line); i++)
		fprintf(out, "# %s\n", line);
	for (i = 0; o->advice != NULL && advice_line(o->advice, i, line); i++)
		fprintf(out, "# %s\n", line);
	return ok;
}
