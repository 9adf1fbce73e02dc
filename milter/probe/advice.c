/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/advice.h"

#include <string.h>

#include "milter/probe/verdict.h"

/* Is this key one of the words? */
static bool
has_word(const char *words, const char *key)
{
	size_t n = strlen(key);
	const char *at;

	for (at = words; (at = strstr(at, key)) != NULL; at += n)
		if ((at == words || at[-1] == ' ') &&
		    (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

static const struct advice_row *
find_row(const char *key, enum advice_mta m)
{
	const struct advice_row *row;

	for (row = advice_rows; row->forms != ADVICE_ROWS_END; row++)
		if (row->mta == m && has_word(row->forms, key))
			return row;
	return NULL;
}

/* The most exact one, of this server before any. */
const struct advice_row *
advice_row(const struct probe_test *t, enum advice_mta m)
{
	bool gateway = table_wants_relay(t);
	const struct advice_row *row = NULL;
	enum advice_mta whose[2] = { m, MTA_UNKNOWN };
	char key[16];
	int i;

	snprintf(key, sizeof key, "%s%.8s", gateway ? "G/" : "",
	    t->rule != NULL ? t->rule : "P01");
	for (i = 0; i < 2 && row == NULL; i++) {
		row = find_row(key, whose[i]);
		if (row == NULL && gateway)
			row = find_row("G", whose[i]);
		if (row == NULL)
			row = find_row("*", whose[i]);
	}
	return row;
}

static struct advice_paragraph *
paragraph_of(struct advice *a, const struct advice_row *row)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->paragraph[i].row == row)
			return &a->paragraph[i];
	if (a->n == ADVICE_PARAGRAPHS_MAX)
		return NULL;
	a->paragraph[a->n] = (struct advice_paragraph){ .row = row };
	return &a->paragraph[a->n++];
}

/* Add a word to a list unless it is full; false then. */
static bool
add_word(char *list, size_t cap, const char *separator, const char *word)
{
	size_t n = strlen(list);

	if (n + strlen(separator) + strlen(word) + 20 > cap)
		return false;
	snprintf(list + n, cap - n, "%s%s", n > 0 ? separator : "", word);
	return true;
}

static void
add_test(struct advice *a, const struct probe_test *t, const char *form)
{
	struct advice_paragraph *p = paragraph_of(a, advice_row(t, a->mta));

	if (p == NULL)
		return;
	p->n++;
	if (!add_word(p->ids, sizeof p->ids, " ", t->id))
		p->cut++;
	if (strstr(p->forms, form) == NULL)
		add_word(p->forms, sizeof p->forms, ", ", form);
}

/* Plain foreign mail comes first: the rest may only follow from it. */
void
advice_make(struct advice *a, const struct probe_result *r)
{
	const struct probe_score *plain = result_control(r, 'A', 0);
	size_t i;

	*a = (struct advice){ .n = 0 };
	a->mta = advice_mta_of(r, a->how);
	if (plain != NULL && verdict_sign(r, plain) == SIGN_RELAYS)
		add_test(a, plain->test, "plain foreign mail");
	for (i = 0; i < r->n_tests; i++)
		if (report_grade(r, &r->test[i]) == GRADE_RELAYS)
			add_test(a, r->test[i].test,
			    table_form(r->test[i].test));
}

bool
advice_line(const struct advice *a, size_t i, char out[ADVICE_LINE_MAX])
{
	const struct advice_paragraph *p;
	char more[32] = "";

	if (i == 0) {
		snprintf(out, ADVICE_LINE_MAX, "advice for %s (%s)%s",
		    advice_mta_text(a->mta), a->how, a->n == 0 ?
		    ": nothing relays, nothing to change" :
		    a->n == 1 ? "" : ": do the first, then test again, as "
		    "the rest may follow from it");
		return true;
	}
	if (i > a->n)
		return false;
	p = &a->paragraph[i - 1];
	if (p->cut > 0)
		snprintf(more, sizeof more, " and %zu more", p->cut);
	snprintf(out, ADVICE_LINE_MAX, "%s (%s%s): %s", p->forms, p->ids,
	    more, p->row->text);
	return true;
}
