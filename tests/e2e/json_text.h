/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json_text.h - bytes as a JSON string, for the programs that tests/e2e drives.
 */
#ifndef TESTS_JSON_TEXT_H
#define TESTS_JSON_TEXT_H

#include <stdio.h>
#include <stdlib.h>

#include "policy/escape.h"

/* A text of printable ASCII. */
static inline void
json_string(FILE *out, struct text t)
{
	size_t i;

	putc('"', out);
	for (i = 0; i < t.n; i++) {
		if (t.at[i] == '"' || t.at[i] == '\\')
			putc('\\', out);
		putc(t.at[i], out);
	}
	putc('"', out);
}

/* Any bytes, escaped as in policy/escape.h first. */
static inline void
json_text(FILE *out, struct text t)
{
	char *escaped = malloc(t.n * 4 + 1);

	if (escaped == NULL)
		abort();
	json_string(out, (struct text){ escaped, escape_text(t, escaped,
	    t.n * 4 + 1) });
	free(escaped);
}

#endif
