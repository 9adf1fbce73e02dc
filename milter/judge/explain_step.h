/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain_step.h - one step of a trace: as a line of text, as an object of
 * JSON.  For explain.c.
 */
#ifndef JUDGE_EXPLAIN_STEP_H
#define JUDGE_EXPLAIN_STEP_H

#include <jansson.h>
#include <stdio.h>

#include "milter/ask/trace.h"

/* Both: printable ASCII; server: whose answer it is, or "". */
void explain_line(FILE *out, const struct trace_step *s, const char *server);
json_t *explain_object(const struct trace_step *s, const char *server);

#endif
