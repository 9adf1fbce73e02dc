/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_cf.h"

#include <stdio.h>

#include "conf/lines.h"

/* Write one C line's words to to, where *line is the line being written. */
static void
write_words(const struct cf_line *l, unsigned *line, FILE *to)
{
	struct cf_words words = cf_words_of(l);
	struct text word;

	while ((word = cf_word(&words)).n > 0) {
		for (; *line < words.line; (*line)++)
			fputc('\n', to);
		fputc(' ', to);
		fwrite(word.at, 1, word.n, to);
	}
}

char *
policy_cf_members(const struct sendmail_cf *cf, struct text class, size_t *n)
{
	char *content = NULL;
	FILE *to = open_memstream(&content, n);
	unsigned line = 1;
	size_t i;

	if (to == NULL)
		return NULL;
	for (i = 0; i < cf->n; i++)
		if (cf->at[i].kind == CF_CLASS &&
		    text_equal(cf->at[i].name, class))
			write_words(&cf->at[i], &line, to);
	if (fclose(to) == 0)
		return content;
	return NULL;
}

enum cf_format
policy_cf_format(struct text format)
{
	if (text_equal(format, TEXT("%[^\\#]")))
		return CF_FORMAT_WORDS;
	return format.n == 0 || text_equal(format, TEXT("%s")) ?
	    CF_FORMAT_FIRST : CF_FORMAT_OTHER;
}

/* t is part of content. */
static void
blank_out(char *content, struct text t)
{
	if (t.n > 0)
		memset(content + (t.at - content), ' ', t.n);
}

void
policy_cf_first_words(char *content, size_t n, const char *file,
    struct complaints *c)
{
	struct lines lines = lines_of((struct text){ content, n });
	struct text line, word, rest;
	bool bad;

	while (lines_next(&lines, &line)) {
		if (line.n == 0 || line.at[0] == '#')
			continue;
		word = line_word(&line);
		rest = text_trim(line);
		bad = text_find(word, '#') < word.n;
		if (bad)
			complaint_add(c, COMPLAINT_NOTE, file, lines.number,
			    "%.*s: not a domain name, not used",
			    TEXT_ARG(word));
		if (rest.n > 0 && rest.at[0] != '#')
			complaint_add(c, COMPLAINT_NOTE, file, lines.number,
			    "%.*s: sendmail takes only the first word of a "
			    "line, not used", TEXT_ARG(rest));
		if (bad)
			blank_out(content, word);
		blank_out(content, rest);
	}
}
