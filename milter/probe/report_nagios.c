/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line for Nagios, Icinga and their kin: status, text, a bar and
 * performance data, as their plugin guidelines have it.
 */
#include <string.h>

#include "milter/probe/compare.h"

/* What an old web page, a macro or the bar itself would make something of. */
static void
put_plain(const char *s, FILE *out)
{
	for (; *s != '\0'; s++)
		if (strchr("|<>&\"'`$", *s) != NULL)
			fprintf(out, "\\x%02x", (unsigned)*s);
		else
			fputc(*s, out);
}

int
report_nagios_exit(enum probe_verdict v)
{
	static const int code[] = { [PROBE_CLOSED] = 0,
		[PROBE_INCONCLUSIVE] = 1, [PROBE_RELAYS] = 2,
		[PROBE_INVALID] = 3 };

	return code[v];
}

static void
print_data(const struct probe_result *r, FILE *out)
{
	size_t n = r->n_tests;

	fprintf(out, " | relayed=%zu;;0;0;%zu unclear=%zu;0;;0;%zu "
	    "refused=%zu;;;0;%zu by_guard=%zu;;;0;%zu skipped=%zu;;;0;%zu "
	    "time=%.3fs\n",
	    report_graded(r, GRADE_RELAYS), n,
	    report_graded(r, GRADE_UNCLEAR), n,
	    result_total(r, OUTCOME_REFUSED), n,
	    result_refused_by(r, LAYER_GUARD), n,
	    report_graded(r, GRADE_SKIPPED), n, (double)r->took_ms / 1000);
}

bool
probe_report_nagios(const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	static const char *const status[] = { "OK", "WARNING", "CRITICAL",
		"UNKNOWN" };
	char target[PROBE_NOTE_MAX], line[COMPARE_LINE_MAX];
	size_t i;

	report_target(r, target);
	report_summary(r, line);
	fprintf(out, "RELAY %s - %s: ", status[report_nagios_exit(r->verdict)],
	    probe_verdict_text(r->verdict));
	put_plain(target, out);
	fprintf(out, ": %s", line);
	for (i = 0; i < r->n_reasons; i++) {
		fputs(", ", out);
		put_plain(r->reason[i], out);
	}
	for (i = 0; o->since != NULL && compare_line(o->since, i, line); i++) {
		fputs(", ", out);
		put_plain(line, out);
	}
	print_data(r, out);
	return true;
}
