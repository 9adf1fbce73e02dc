/* SPDX-License-Identifier: BSD-2-Clause */
/* lint_report.h - what lint has found, for people and as JSON. */
#ifndef PROBE_LINT_REPORT_H
#define PROBE_LINT_REPORT_H

#include <stdio.h>

#include "milter/probe/lint_find.h"

/* Both return 0, or -1 when out could not be written. */
int lint_report_text(const struct lint *l, bool colour, FILE *out);
int lint_report_json(const struct lint *l, int status, FILE *out);

#endif
