/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a .mc has something.  m4 is not run: macros that other macros make,
 * and arguments on a line of their own, are not seen.
 */
#include "conf/lines.h"
#include "milter/probe/lint_find.h"

/* Host names count as one word too. */
static bool
is_name(char c)
{
	char low = text_lower(c);

	return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '.' || c == '-';
}

/* Position of word, not within a longer name, from at on; or t.n. */
static size_t
find_word(struct text t, size_t at, struct text word)
{
	for (; word.n > 0 && at + word.n <= t.n; at++)
		if (t.at[at] == word.at[0] &&
		    text_equal(text_cut(t, at, at + word.n), word) &&
		    (at == 0 || !is_name(t.at[at - 1])) &&
		    (at + word.n == t.n || !is_name(t.at[at + word.n])))
			return at;
	return t.n;
}

/* The next line without what is behind "dnl"; false at the end. */
static bool
next_line(struct lines *lines, struct text *line)
{
	if (!lines_next(lines, line))
		return false;
	line->n = find_word(*line, 0, TEXT("dnl"));
	return true;
}

/* Behind "macro(" from *at on; false when there is no more. */
static bool
next_call(struct text line, size_t *at, const char *macro)
{
	struct text name = text_of(macro);

	while ((*at = find_word(line, *at, name)) < line.n) {
		*at += name.n;
		if (*at < line.n && line.at[*at] == '(') {
			(*at)++;
			return true;
		}
	}
	return false;
}

/* Cut an argument off the rest of a call, without blanks and quotes. */
static struct text
next_argument(struct text *rest)
{
	struct text argument;
	size_t end = 0, depth = 0;

	*rest = text_trim(*rest);
	for (; end < rest->n; end++) {
		char c = rest->at[end];

		if (depth == 0 && (c == ',' || c == ')'))
			break;
		if (c == '`')
			depth++;
		else if (c == '\'' && depth > 0)
			depth--;
	}
	argument = text_trim(text_cut(*rest, 0, end));
	*rest = text_cut(*rest, end < rest->n ? end + 1 : end, rest->n);
	if (argument.n >= 2 && argument.at[0] == '`' &&
	    argument.at[argument.n - 1] == '\'')
		argument = text_trim(text_cut(argument, 1, argument.n - 1));
	return argument;
}

/* Does the call at the beginning of rest do it? */
static bool
fits(struct text rest, const struct lint_macro *m)
{
	struct text second;

	if (!text_equal(next_argument(&rest), text_of(m->argument)))
		return false;
	second = next_argument(&rest);
	if (m->second != NULL)
		return text_equal(second, text_of(m->second));
	/* define(`X', `') is as good as none */
	return strcmp(m->name, "define") != 0 || second.n > 0;
}

unsigned
lint_mc_find(struct text mc, const struct lint_macro *m)
{
	struct lines lines = lines_of(mc);
	struct text line;
	unsigned found = 0;
	size_t at;

	while (next_line(&lines, &line))
		for (at = 0; next_call(line, &at, m->name);)
			if (fits(text_cut(line, at, line.n), m))
				found = lines.number;
	return found;
}

unsigned
lint_mc_map(struct text mc, struct text map)
{
	const struct lint_macro ours = { "FEATURE", "relayguard", NULL };
	struct lines lines = lines_of(mc);
	struct text line;

	while (next_line(&lines, &line))
		if (line.n > map.n && line.at[0] == 'K' &&
		    text_equal(text_cut(line, 1, 1 + map.n), map) &&
		    !is_name(line.n > map.n + 1 ? line.at[map.n + 1] : ' '))
			return lines.number;
	return lint_mc_find(mc, &ours);
}

unsigned
lint_mc_milter(struct text mc, struct text milter)
{
	const struct lint_macro ours = { "FEATURE", "relayguard", NULL };
	unsigned line = lint_mc_word(mc, "INPUT_MAIL_FILTER", milter);

	if (line == 0)
		line = lint_mc_word(mc, "MAIL_FILTER", milter);
	return line != 0 ? line : lint_mc_find(mc, &ours);
}

unsigned
lint_mc_word(struct text mc, const char *macro, struct text word)
{
	struct lines lines = lines_of(mc);
	struct text line;
	size_t at;

	while (next_line(&lines, &line))
		for (at = 0; next_call(line, &at, macro);)
			if (find_word(line, at, word) < line.n)
				return lines.number;
	return 0;
}
