/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/lines.h"

#include <stdio.h>

struct lines
lines_of(struct text content)
{
	if (text_begins(content, TEXT("\xef\xbb\xbf")))
		content = text_cut(content, 3, content.n);
	return (struct lines){ content, 0 };
}

bool
lines_next(struct lines *l, struct text *line)
{
	size_t end = text_find(l->rest, '\n');

	if (l->rest.n == 0)
		return false;
	*line = text_cut(l->rest, 0, end);
	l->rest = text_cut(l->rest, end < l->rest.n ? end + 1 : end,
	    l->rest.n);
	if (line->n > 0 && line->at[line->n - 1] == '\r')
		line->n--;
	l->number++;
	return true;
}

/* Position of the first control character other than the tab, or n. */
static size_t
find_control(struct text line)
{
	size_t i;

	for (i = 0; i < line.n; i++) {
		unsigned char b = (unsigned char)line.at[i];

		if ((b < 0x20 && b != '\t') || b == 0x7f)
			break;
	}
	return i;
}

bool
line_is_clean(struct text line, const char *file, unsigned number,
    struct complaints *c)
{
	size_t control = find_control(line);

	if (line.n <= LINE_MAX_BYTES && control == line.n)
		return true;
	if (c == NULL)
		return false;
	if (line.n > LINE_MAX_BYTES)
		complaint_add(c, COMPLAINT_ERROR, file, number,
		    "line of %zu bytes, the longest may have %d", line.n,
		    LINE_MAX_BYTES);
	else
		complaint_add(c, COMPLAINT_ERROR, file, number,
		    "control character 0x%02x at byte %zu",
		    (unsigned)(unsigned char)line.at[control], control + 1);
	return false;
}

struct text
line_word(struct text *line)
{
	struct text word;
	size_t end = 0;

	*line = text_trim(*line);
	while (end < line->n && !text_is_blank(line->at[end]))
		end++;
	word = text_cut(*line, 0, end);
	*line = text_cut(*line, end, line->n);
	return word;
}

#define MEANT_MAX 40 /* no word of ours is longer */

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein distance without regard to case; both at most MEANT_MAX. */
static size_t
distance(struct text a, struct text b)
{
	size_t row[MEANT_MAX + 1], i, j, corner, above;

	for (j = 0; j <= b.n; j++)
		row[j] = j;
	for (i = 1; i <= a.n; i++) {
		corner = row[0];
		row[0] = i;
		for (j = 1; j <= b.n; j++) {
			above = row[j];
			corner += text_lower(a.at[i - 1]) !=
			    text_lower(b.at[j - 1]);
			row[j] = least(corner, above + 1, row[j - 1] + 1);
			corner = above;
		}
	}
	return row[b.n];
}

const char *
word_meant(struct text word, const char *const *list)
{
	const char *best = NULL;
	size_t d, best_d = 3;

	if (word.n > MEANT_MAX)
		return NULL;
	for (; *list != NULL; list++) {
		struct text one = text_of(*list);
		size_t apart = one.n > word.n ? one.n - word.n :
		    word.n - one.n;

		if (one.n > MEANT_MAX || apart >= best_d)
			continue;
		d = distance(word, one);
		if (d < best_d && d * 2 <= one.n) {
			best = *list;
			best_d = d;
		}
	}
	return best;
}

const char *
word_hint(struct text word, const char *const *list, char *out)
{
	const char *meant = word_meant(word, list);

	out[0] = '\0';
	if (meant != NULL)
		snprintf(out, WORD_HINT_MAX, " (did you mean %s?)", meant);
	return out;
}
