/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sendmail.cf: whatever the text, every slice lies in it, and lines have
 * numbers that the file has.  The same text as a .mc: likewise.
 */
#include "conf/sendmail_cf.h"
#include "milter/probe/lint_find.h"
#include "tests/fuzz/exact.h"

/* Line ends of the whole file, and one for its last line. */
static unsigned
lines_in(struct text t)
{
	unsigned n = 1;
	size_t i;

	for (i = 0; i < t.n; i++)
		n += t.at[i] == '\n';
	return n;
}

static void
lies_in(struct text part, struct text whole)
{
	if (part.n > 0 && (part.at < whole.at ||
	    part.at + part.n > whole.at + whole.n))
		abort();
}

static void
look_into(const struct cf_line *l, struct text whole, unsigned lines)
{
	struct cf_words words = cf_words_of(l);
	struct cf_class_file f = cf_class_file(l);
	struct cf_rule rule = cf_rule(l);
	struct text word;

	lies_in(l->name, whole);
	lies_in(l->value, whole);
	lies_in(f.path, whole);
	lies_in(f.format, whole);
	lies_in(rule.left, whole);
	lies_in(rule.right, whole);
	lies_in(cf_field(l, 'S'), whole);
	while ((word = cf_word(&words)).n > 0) {
		lies_in(word, whole);
		if (words.line < l->line || words.line > lines)
			abort();
	}
	if (!cf_same_but_blanks(l->value, l->value) ||
	    l->line == 0 || l->line > lines)
		abort();
}

static void
look_as_mc(struct text mc, unsigned lines)
{
	const struct lint_macro feature = { "FEATURE", "nouucp", "nospecial" };
	const struct lint_macro define = { "define", "MAIL_HUB", NULL };

	if (lint_mc_find(mc, &feature) > lines ||
	    lint_mc_find(mc, &define) > lines ||
	    lint_mc_milter(mc, TEXT("relayguard")) > lines ||
	    lint_mc_map(mc, TEXT("guard")) > lines)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct text content = exact_copy(data, n);
	struct complaints c = { 0 };
	unsigned lines = lines_in(content);
	struct sendmail_cf cf;
	size_t i;

	sendmail_cf_parse(content, "cf", &cf, &c);
	for (i = 0; i < cf.n; i++)
		look_into(&cf.at[i], content, lines);
	look_as_mc(content, lines);
	sendmail_cf_free(&cf);
	complaints_free(&c);
	exact_free(content);
	return 0;
}
