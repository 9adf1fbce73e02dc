/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/report_html.h"

/* The worst first: a ring is read from twelve o'clock. */
static const enum report_grade order[GRADES] = { GRADE_RELAYS, GRADE_UNCLEAR,
	GRADE_CLOSED, GRADE_SKIPPED };

/* A circle as long as there are tests: counts are lengths of its stroke. */
static void
put_ring(const struct probe_result *r, FILE *out)
{
	size_t from = 0;
	int k;

	for (k = 0; k < GRADES; k++) {
		size_t n = report_graded(r, order[k]);

		if (n == 0)
			continue;
		fprintf(out, "<circle class=\"%s\" cx=\"100\" cy=\"100\" "
		    "r=\"76\" pathLength=\"%zu\" stroke-dasharray=\"%zu %zu\" "
		    "stroke-dashoffset=\"-%zu\" "
		    "transform=\"rotate(-90 100 100)\"/>\n",
		    report_grade_text(order[k]), r->n_tests, n,
		    r->n_tests - n, from);
		from += n;
	}
	fprintf(out, "<text class=\"big\" x=\"100\" y=\"98\">%s</text>"
	    "<text class=\"mid\" x=\"100\" y=\"120\">%zu tests</text>\n",
	    probe_verdict_text(r->verdict), r->n_tests);
}

static void
put_legend(const struct probe_result *r, FILE *out)
{
	int k;

	for (k = 0; k < GRADES; k++) {
		const char *grade = report_grade_text(order[k]);

		fprintf(out, "<rect class=\"%s\" x=\"220\" y=\"%d\" "
		    "width=\"14\" height=\"14\"/><text x=\"242\" y=\"%d\" "
		    "id=\"grade-%s\">%zu %s</text>\n", grade, 48 + 30 * k,
		    60 + 30 * k, grade, report_graded(r, order[k]), grade);
	}
}

/* Who refused: a bar each, the longest fills the room. */
static void
put_layers(const struct probe_result *r, FILE *out)
{
	size_t most = 0, n[LAYERS];
	int k, row = 0;

	for (k = LAYER_GUARD; k < LAYERS; k++) {
		n[k] = result_refused_by(r, (enum layer)k);
		most = n[k] > most ? n[k] : most;
	}
	if (most == 0)
		return;
	fputs("<text x=\"380\" y=\"22\">refused by</text>\n", out);
	for (k = LAYER_GUARD; k < LAYERS; k++) {
		const char *layer = layer_text((enum layer)k);
		size_t width = n[k] * 180 / most;

		if (n[k] == 0)
			continue;
		fprintf(out, "<text x=\"380\" y=\"%d\">%s</text>"
		    "<rect class=\"by\" x=\"480\" y=\"%d\" width=\"%zu\" "
		    "height=\"14\"/><text x=\"%zu\" y=\"%d\" id=\"by-%s\">"
		    "%zu</text>\n", 48 + 24 * row, layer, 36 + 24 * row,
		    width, 488 + width, 48 + 24 * row, layer, n[k]);
		row++;
	}
}

void
report_html_picture(const struct probe_result *r, FILE *out)
{
	char summary[REPORT_SUMMARY_MAX];

	if (r->n_tests == 0)
		return;
	report_summary(r, summary);
	fputs("<div class=\"wide\"><svg viewBox=\"0 0 720 210\" role=\"img\"",
	    out);
	markup_attribute("aria-label", summary, out);
	fputs(">\n", out);
	put_ring(r, out);
	put_legend(r, out);
	put_layers(r, out);
	fputs("</svg></div>\n", out);
}
