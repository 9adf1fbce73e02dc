/* SPDX-License-Identifier: BSD-2-Clause */
/* A sendmail.cf taken apart: vectors, and the line numbers of its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/lines.h"
#include "conf/sendmail_cf.h"
#include "policy/escape.h"
#include "tests/unit/vectors.h"

#define DUMP_MAX 2048

/* What is in the value, as far as its kind has more to tell. */
static void
dump_value(const struct cf_line *l, char *out, size_t cap)
{
	struct cf_class_file f;
	struct cf_words words;
	struct cf_rule rule;
	struct text word;
	size_t n = 0;

	switch (l->kind) {
	case CF_CLASS:
		words = cf_words_of(l);
		out[0] = '\0';
		while ((word = cf_word(&words)).n > 0)
			n += (size_t)snprintf(out + n, cap - n, "%s%.*s:%u",
			    n > 0 ? " " : "", TEXT_ARG(word), words.line);
		break;
	case CF_CLASS_FILE:
		f = cf_class_file(l);
		snprintf(out, cap, "%s%s%s[%.*s][%.*s]",
		    f.optional ? "optional " : "", f.is_map ? "map " : "",
		    f.is_program ? "program " : "", TEXT_ARG(f.path),
		    TEXT_ARG(f.format));
		break;
	case CF_RULE:
		rule = cf_rule(l);
		snprintf(out, cap, "[%.*s][%.*s]", TEXT_ARG(rule.left),
		    TEXT_ARG(rule.right));
		break;
	case CF_MILTER:
		snprintf(out, cap, "S[%.*s] F[%.*s] T[%.*s]",
		    TEXT_ARG(cf_field(l, 'S')), TEXT_ARG(cf_field(l, 'F')),
		    TEXT_ARG(cf_field(l, 'T')));
		break;
	case CF_OPTION:
	case CF_MACRO:
	case CF_MAP:
	case CF_RULESET:
	case CF_OTHER:
		snprintf(out, cap, "[%.*s]", TEXT_ARG(l->value));
		break;
	}
}

/* "LINE KIND name value", as the vectors have it. */
static void
dump(const struct cf_line *l, char out[DUMP_MAX])
{
	char raw[DUMP_MAX / 4], value[DUMP_MAX / 4 - 100];

	dump_value(l, value, sizeof value);
	snprintf(raw, sizeof raw, "%u %c %.*s %s", l->line, (int)l->kind,
	    (int)(l->name.n < 80 ? l->name.n : 80),
	    l->name.n > 0 ? l->name.at : "", value);
	escape_text(text_of(raw), out, DUMP_MAX);
}

/* Is got what field i of the vector says?  Else a text about it. */
static const char *
differs(const struct vector *v, size_t i, const char *got)
{
	static char wrong[2 * DUMP_MAX];
	char want[DUMP_MAX] = "nothing";

	if (i < v->n)
		escape_text(v->field[i], want, sizeof want);
	if (i < v->n && strcmp(want, got) == 0)
		return NULL;
	snprintf(wrong, sizeof wrong, "got '%s', want '%s'", got, want);
	return wrong;
}

/* The complaints come first, then the commands. */
static const char *
compare(const struct vector *v, const struct complaints *c,
    const struct sendmail_cf *cf)
{
	const char *wrong = NULL;
	char got[DUMP_MAX];
	size_t i, at = 1;

	for (i = 0; wrong == NULL && i < c->n; i++) {
		snprintf(got, sizeof got, "error %u: %s", c->at[i].line,
		    c->at[i].text);
		wrong = differs(v, at++, got);
	}
	for (i = 0; wrong == NULL && i < cf->n; i++) {
		dump(&cf->at[i], got);
		wrong = differs(v, at++, got);
	}
	if (wrong == NULL && at < v->n)
		wrong = "something is missing at the end";
	return wrong;
}

static const char *
run(const struct vector *v)
{
	struct complaints c = { 0 };
	struct sendmail_cf cf;
	const char *wrong;

	sendmail_cf_parse(v->field[0], "f", &cf, &c);
	wrong = compare(v, &c, &cf);
	sendmail_cf_free(&cf);
	complaints_free(&c);
	return wrong;
}

static void
vectors_hold(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("sendmail_cf.txt", run), 0);
}

static void
blanks_do_not_matter(void **state)
{
	(void)state;
	assert_true(cf_same_but_blanks(TEXT("$* < @ $+ >"),
	    TEXT("$*<@$+\t>\n")));
	assert_true(cf_same_but_blanks(TEXT(""), TEXT(" ")));
	assert_false(cf_same_but_blanks(TEXT("$*"), TEXT("$+")));
	assert_false(cf_same_but_blanks(TEXT("$*"), TEXT("$* x")));
	assert_false(cf_same_but_blanks(TEXT("$* x"), TEXT("$*")));
}

/* A file of something else ends in few complaints. */
static void
something_else_is_given_up(void **state)
{
	struct complaints c = { 0 };
	struct sendmail_cf cf;
	char content[4000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof content; i++)
		content[i] = i % 4 == 3 ? '\n' : 'x';
	sendmail_cf_parse((struct text){ content, sizeof content }, "f", &cf,
	    &c);
	assert_int_equal(cf.n, 0);
	assert_int_equal(c.errors, 21);
	assert_string_equal(c.at[20].text,
	    "not a sendmail.cf: there is no rule set in it");
	sendmail_cf_free(&cf);
	complaints_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(blanks_do_not_matter),
		cmocka_unit_test(something_else_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
