/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain.h - the steps of what is asked of the DNS about a sender, for a
 * person: kept as lines of text, or as JSON, until the answer they led to has
 * been told.  Printable ASCII only, whatever servers say.
 */
#ifndef JUDGE_EXPLAIN_H
#define JUDGE_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "milter/ask/trace.h"

struct explain {
	struct trace trace; /* for whoever asks; it points to this struct */
	struct dns *dns;    /* knows its servers' names; NULL: none are told */
	json_t *steps;      /* an array, or NULL: text is wanted */
	FILE *text;         /* into at[n], or NULL */
	char *at;
	size_t n;
};

/* False: out of memory, and x need not be closed. */
bool explain_open(struct explain *x, bool json);

/* Write the lines so far to out, and begin anew. */
void explain_print(struct explain *x, FILE *out);

/* The array of the steps so far, to be given up; begins anew. */
json_t *explain_take(struct explain *x);

void explain_close(struct explain *x);

#endif
