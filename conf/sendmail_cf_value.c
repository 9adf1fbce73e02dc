/* SPDX-License-Identifier: BSD-2-Clause */
/* What is in the value of a command. */
#include "conf/sendmail_cf.h"

#include "conf/sendmail_cf_text.h"

struct cf_words
cf_words_of(const struct cf_line *line)
{
	return (struct cf_words){ line->value, line->value_line };
}

/* Leave out spaces and comments. */
static void
skip(struct cf_words *words)
{
	struct text *t = &words->rest;

	while (t->n > 0 && (cf_is_space(t->at[0]) || t->at[0] == '#')) {
		size_t n = t->at[0] == '#' ? text_find(*t, '\n') : 1;

		words->line += cf_newlines(text_cut(*t, 0, n));
		*t = text_cut(*t, n, t->n);
	}
}

struct text
cf_word(struct cf_words *words)
{
	struct text word;
	size_t end;

	skip(words);
	end = cf_word_end(words->rest, "");
	word = text_cut(words->rest, 0, end);
	word.n = cf_find_comment(word);
	words->rest = text_cut(words->rest, word.n, words->rest.n);
	return word;
}

/* Cut off a word that may stand in quotes. */
static struct text
quoted_word(struct text *rest)
{
	struct text word;
	size_t end;

	if (rest->n > 0 && rest->at[0] == '"') {
		*rest = text_cut(*rest, 1, rest->n);
		end = text_find(*rest, '"');
	} else {
		end = cf_word_end(*rest, "");
	}
	word = text_cut(*rest, 0, end);
	if (end < rest->n)
		end++;
	*rest = cf_strip(text_cut(*rest, end, rest->n));
	return word;
}

/* "key@class:arguments", "@class:arguments" or "@LDAP"? */
static bool
is_map(struct text t)
{
	size_t at = text_find(t, '@');
	struct text behind;

	if (t.n == 0 || t.at[0] == '/' || t.at[0] == '|' || at == t.n)
		return false;
	behind = text_cut(t, at + 1, t.n);
	return text_equal(behind, TEXT("LDAP")) ||
	    (behind.n > 0 && behind.at[0] != ':' &&
	    text_find(behind, ':') < behind.n);
}

struct cf_class_file
cf_class_file(const struct cf_line *line)
{
	struct cf_class_file f = { 0 };
	struct text rest = line->value;

	if (rest.n >= 2 && rest.at[0] == '-' && rest.at[1] == 'o') {
		f.optional = true;
		rest = cf_strip(text_cut(rest, cf_word_end(rest, ""), rest.n));
	}
	f.is_map = is_map(rest);
	f.is_program = rest.n > 0 && rest.at[0] == '|';
	if (f.is_map || f.is_program) {
		f.path = f.is_map ? rest : text_cut(rest, 1, rest.n);
		return f;
	}
	f.path = quoted_word(&rest);
	f.format = rest;
	return f;
}

/* Where a field ends: at a comma outside quotes. */
static size_t
field_end(struct text t)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < t.n && (quoted || t.at[i] != ','); i++)
		if (t.at[i] == '"')
			quoted = !quoted;
	return i;
}

static struct text
without_quotes(struct text t)
{
	return t.n >= 2 && t.at[0] == '"' && t.at[t.n - 1] == '"' ?
	    text_cut(t, 1, t.n - 1) : t;
}

struct text
cf_field(const struct cf_line *line, char key)
{
	struct text rest = line->value, field, found = { 0 };
	size_t end, equals;

	while (rest.n > 0) {
		end = field_end(rest);
		field = cf_strip(text_cut(rest, 0, end));
		rest = text_cut(rest, end < rest.n ? end + 1 : end, rest.n);
		equals = text_find(field, '=');
		/* the last one counts */
		if (equals < field.n && field.at[0] == key)
			found = without_quotes(cf_strip(
			    text_cut(field, equals + 1, field.n)));
	}
	return found;
}

struct cf_rule
cf_rule(const struct cf_line *line)
{
	struct text rest = line->value;
	struct cf_rule rule;
	size_t end = text_find(rest, '\t');

	rule.left = cf_strip(text_cut(rest, 0, end));
	rest = text_cut(rest, end, rest.n);
	while (rest.n > 0 && rest.at[0] == '\t')
		rest = text_cut(rest, 1, rest.n);
	rule.right = cf_strip(text_cut(rest, 0, text_find(rest, '\t')));
	return rule;
}

bool
cf_same_but_blanks(struct text a, struct text b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a.n && cf_is_space(a.at[i]))
			i++;
		while (k < b.n && cf_is_space(b.at[k]))
			k++;
		if (i == a.n || k == b.n)
			return i == a.n && k == b.n;
		if (a.at[i++] != b.at[k++])
			return false;
	}
}
