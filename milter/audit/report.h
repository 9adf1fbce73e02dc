/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - prints a summary, for people or for programs.  Both show the
 * same numbers; every byte that came from a record is escaped.
 */
#ifndef AUDIT_REPORT_H
#define AUDIT_REPORT_H

#include "milter/audit/summary.h"

struct report_options {
	size_t top;   /* rows of each table, at least 1 */
	bool colour;  /* text only */
	size_t width; /* columns of the page, at least 60; text only */
};

/* -1 when out of memory; errors of f are left for the caller to find. */
int report_text(const struct summary *s, const struct report_options *o,
    FILE *f);

/*
 * One JSON object:
 *   v        1
 *   period   {"first", "last"}: times of the records counted, null if none
 *   since    time given with --since, or null
 *   records, refused, would_refuse, deferred, accepted, before_since,
 *   bad_lines    numbers
 *   by       {"rule": TABLE, "client": TABLE, ...}, only what was asked for
 * A TABLE is {"distinct": N, "rest": N, "rows": [{"key", "count", "first",
 * "last", ...}]}; rest counts the records of the rows not shown.  Rows of
 * "rule" also have form and why (null for a rule this version does not know),
 * rows of "client" have rules, the number of different ones.
 */
int report_json(const struct summary *s, const struct report_options *o,
    FILE *f);

#endif
