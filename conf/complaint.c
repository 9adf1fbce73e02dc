/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/complaint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/escape.h"

/* Longest text of a complaint, after escaping, with the NUL. */
#define TEXT_MAX 1024

/* Room for one more; doubles, so adding stays cheap. */
static bool
reserve(struct complaints *c)
{
	size_t cap = c->cap == 0 ? 8 : c->cap * 2;
	struct complaint *at;

	if (c->n < c->cap)
		return true;
	at = realloc(c->at, cap * sizeof *at);
	if (at == NULL)
		return false;
	c->at = at;
	c->cap = cap;
	return true;
}

/* Keep copies of both texts, or nothing. */
static bool
keep(struct complaints *c, struct complaint new, const char *file,
    const char *text)
{
	if (!reserve(c))
		return false;
	new.file = strdup(file);
	new.text = strdup(text);
	if (new.file == NULL || new.text == NULL) {
		free(new.file);
		free(new.text);
		return false;
	}
	c->at[c->n++] = new;
	return true;
}

void
complaint_add(struct complaints *c, enum complaint_level level,
    const char *file, unsigned line, const char *format, ...)
{
	char raw[TEXT_MAX], text[TEXT_MAX];
	struct complaint new = { .level = level, .line = line };
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(raw, sizeof raw, format, arguments);
	va_end(arguments);
	escape_text(text_of(raw), text, sizeof text);
	if (!keep(c, new, file, text))
		c->out_of_memory = true;
	else if (level != COMPLAINT_ERROR)
		return;
	c->errors++;
}

void
complaints_free(struct complaints *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->at[i].file);
		free(c->at[i].text);
	}
	free(c->at);
	*c = (struct complaints){ 0 };
}
