/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/transcript.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/escape.h"

static bool
grow(struct transcript *t)
{
	size_t cap = t->cap > 0 ? t->cap * 2 : 16;
	char **line;

	if (t->n < t->cap)
		return true;
	if (t->n >= TRANSCRIPT_LINES_MAX)
		return false;
	line = realloc(t->line, cap * sizeof *line);
	if (line == NULL)
		return false;
	t->line = line;
	t->cap = cap;
	return true;
}

void
transcript_add(struct transcript *t, const char *mark, struct text text)
{
	size_t head = strlen(mark) + 1, cap = head + 4 * text.n + 1;
	char *line;

	if (t == NULL)
		return;
	line = grow(t) ? malloc(cap) : NULL;
	if (line == NULL) {
		t->cut = true;
		return;
	}
	snprintf(line, cap, "%s ", mark);
	escape_text(text, line + head, cap - head);
	t->line[t->n++] = line;
}

void
transcript_free(struct transcript *t)
{
	while (t->n > 0)
		free(t->line[--t->n]);
	free(t->line);
	*t = (struct transcript){ 0 };
}
