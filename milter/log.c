/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "policy/escape.h"

void
log_say(const char *format, ...)
{
	char line[2048], safe[2300];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	escape_text(text_of(line), safe, sizeof safe);
	fprintf(stderr, "relayguard: %s\n", safe);
}

static void
log_complaint(const struct complaint *c)
{
	const char *note = c->level == COMPLAINT_NOTE ? "note: " : "";
	char file[1024];

	/* its text has been escaped already */
	escape_text(text_of(c->file), file, sizeof file);
	if (c->line != 0)
		fprintf(stderr, "relayguard: %s:%u: %s%s\n", file, c->line,
		    note, c->text);
	else
		fprintf(stderr, "relayguard: %s: %s%s\n", file, note,
		    c->text);
}

void
log_complaints(const struct complaints *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		log_complaint(&c->at[i]);
	if (c->out_of_memory)
		log_say("out of memory while reading the configuration");
}
