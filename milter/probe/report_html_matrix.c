/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "milter/probe/report_html.h"

/* Who the client says it is, as the template of the sender tells. */
enum claim {
	CLAIM_STRANGER,
	CLAIM_NOBODY,
	CLAIM_SERVER,
	CLAIM_ADDRESS,
	CLAIM_NO_DOMAIN,
	CLAIM_BESIDE /* the sender */
};
#define CLAIMS 6

static const char *const claim_text[CLAIMS] = { "a stranger", "nobody, <>",
	"the server itself", "its own address", "no real domain",
	"a claim in EHLO or AUTH=" };

static bool
has_one_of(const char *s, const char *const words[], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strstr(s, words[i]) != NULL)
			return true;
	return false;
}

static enum claim
claim_of(const struct probe_test *t)
{
	static const char *const server[] = { "{h}", "{H}", "{local}" };
	static const char *const address[] = { "{ip}", "{addr}", "127.0.0.1",
		":::1" };
	static const char *const stranger[] = { "{s}", "192.0.2." };

	if (t->helo != NULL ||
	    (t->params != NULL && strstr(t->params, "AUTH=") != NULL))
		return CLAIM_BESIDE;
	if (has_one_of(t->mail, server, 3))
		return CLAIM_SERVER;
	if (has_one_of(t->mail, address, 4))
		return CLAIM_ADDRESS;
	if (has_one_of(t->mail, stranger, 2))
		return CLAIM_STRANGER;
	return strcmp(t->mail, "<>") == 0 || strcmp(t->mail, "< >") == 0 ?
	    CLAIM_NOBODY : CLAIM_NO_DOMAIN;
}

static void
put_link(const struct probe_result *r, const struct probe_score *s, FILE *out)
{
	char title[PROBE_NOTE_MAX];

	snprintf(title, sizeof title, "%s: %s", s->test->what,
	    outcome_text(s->outcome));
	fprintf(out, "<a class=\"t %s\" href=\"#%s\"",
	    report_grade_text(report_grade(r, s)), s->test->id);
	markup_attribute("title", title, out);
	fprintf(out, ">%s</a> ", s->test->id);
}

static bool
same_form(const struct probe_score *a, const struct probe_score *b)
{
	return strcmp(table_form(a->test), table_form(b->test)) == 0;
}

/* The row of the form whose first test is r->test[first]. */
static void
put_row(const struct probe_result *r, size_t first, const bool column[CLAIMS],
    FILE *out)
{
	const struct probe_score *head = &r->test[first];
	size_t i;
	int c;

	fprintf(out, "<tr><th scope=\"row\">%s</th>",
	    table_form(head->test));
	for (c = 0; c < CLAIMS; c++) {
		if (!column[c])
			continue;
		fputs("<td>", out);
		for (i = first; i < r->n_tests; i++)
			if (same_form(&r->test[i], head) &&
			    claim_of(r->test[i].test) == (enum claim)c)
				put_link(r, &r->test[i], out);
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

static bool
is_first_of_form(const struct probe_result *r, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (same_form(&r->test[k], &r->test[i]))
			return false;
	return true;
}

void
report_html_matrix(const struct probe_result *r, FILE *out)
{
	bool column[CLAIMS] = { false };
	size_t i;
	int c;

	if (r->n_tests == 0)
		return;
	for (i = 0; i < r->n_tests; i++)
		column[claim_of(r->test[i].test)] = true;
	fprintf(out, "<h2>Forms and senders</h2>\n<div class=\"wide\"><table>"
	    "<caption>Profile %s: the trick of each test, and who its sender "
	    "claims to be. ! relays, ? no clear answer.</caption>\n<thead><tr>"
	    "<th scope=\"col\">form</th>", profile_text(r->profile));
	for (c = 0; c < CLAIMS; c++)
		if (column[c]) {
			fputs("<th scope=\"col\">", out);
			markup_text(claim_text[c], out);
			fputs("</th>", out);
		}
	fputs("</tr></thead>\n<tbody>\n", out);
	for (i = 0; i < r->n_tests; i++)
		if (is_first_of_form(r, i))
			put_row(r, i, column, out);
	fputs("</tbody></table></div>\n", out);
}
