/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/advice.h"
#include "milter/probe/compare.h"
#include "milter/probe/report_html.h"

#ifndef RELAYGUARD_VERSION
#define RELAYGUARD_VERSION "unknown"
#endif

void
report_html_element(const char *element, const char *text, FILE *out)
{
	fprintf(out, "<%s>", element);
	markup_text(text, out);
	fprintf(out, "</%s>\n", element);
}

static void
put_fact(const char *term, const char *text, FILE *out)
{
	fprintf(out, "<dt>%s</dt>", term);
	report_html_element("dd", text[0] != '\0' ? text : "-", out);
}

static void
put_head(const struct probe_result *r, FILE *out)
{
	char title[PROBE_NOTE_MAX * 2], target[PROBE_NOTE_MAX];

	report_target(r, target);
	snprintf(title, sizeof title, "Relay test of %.150s",
	    r->names.server[0] != '\0' ? r->names.server : target);
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n", out);
	report_html_element("title", title, out);
	fprintf(out, "<style>\n%s</style></head>\n<body>\n<header>",
	    report_html_style);
	report_html_element("h1", title, out);
	fprintf(out, "<p><span class=\"badge %s\" id=\"verdict\">%s</span></p>"
	    "</header>\n", probe_verdict_text(r->verdict),
	    probe_verdict_text(r->verdict));
}

static void
put_reasons(const struct probe_result *r, FILE *out)
{
	char line[REPORT_SUMMARY_MAX];
	size_t i;

	report_summary(r, line);
	report_html_element("p", line, out);
	report_proofs(r, line);
	if (line[0] != '\0')
		report_html_element("p", line, out);
	if (r->n_reasons == 0)
		return;
	fputs("<ul id=\"reasons\">", out);
	for (i = 0; i < r->n_reasons; i++)
		report_html_element("li", r->reason[i], out);
	fputs("</ul>\n", out);
}

static void
put_facts(const struct probe_result *r, FILE *out)
{
	char target[PROBE_NOTE_MAX], ip[IP_TEXT_MAX], when[REPORT_TIME_MAX];
	char took[64];

	report_target(r, target);
	report_time(r->began, when);
	snprintf(took, sizeof took, "%.1f s, %u connections",
	    (double)r->took_ms / 1000, r->connections);
	fputs("<dl>", out);
	put_fact("server", target, out);
	put_fact("banner", r->banner, out);
	if (r->tls[0] != '\0')
		put_fact("TLS", r->tls, out);
	put_fact("from", ip_print(&r->peer.source, ip), out);
	put_fact("profile", profile_text(r->profile), out);
	put_fact("began", when, out);
	put_fact("took", took, out);
	fputs("</dl>\n", out);
}

static void
put_since(const struct comparison *c, FILE *out)
{
	char line[COMPARE_LINE_MAX];
	size_t i;

	if (c == NULL)
		return;
	fputs("<h2>Compared</h2>\n<ul id=\"since\">", out);
	for (i = 0; compare_line(c, i, line); i++)
		report_html_element("li", line, out);
	fputs("</ul>\n", out);
}

static void
put_advice(const struct advice *a, FILE *out)
{
	char line[ADVICE_LINE_MAX];
	size_t i;

	if (a == NULL)
		return;
	fputs("<h2>What to change</h2>\n<div id=\"advice\">", out);
	for (i = 0; advice_line(a, i, line); i++)
		report_html_element("p", line, out);
	fputs("</div>\n", out);
}

bool
probe_report_html(const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	size_t i;

	put_head(r, out);
	fputs("<main>\n", out);
	put_reasons(r, out);
	report_html_picture(r, out);
	put_facts(r, out);
	put_since(o->since, out);
	put_advice(o->advice, out);
	report_html_matrix(r, out);
	fputs("<h2>Tests</h2>\n", out);
	for (i = 0; i < r->n_tests; i++)
		report_html_test(r, &r->test[i], o, out);
	fputs("<h2>Control probes</h2>\n", out);
	for (i = 0; i < r->n_controls; i++)
		report_html_control(r, i, o, out);
	fputs("</main>\n<footer>relayguard " RELAYGUARD_VERSION
	    " probe</footer>\n</body></html>\n", out);
	return true;
}
