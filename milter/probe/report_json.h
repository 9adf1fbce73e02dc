/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_json.h - a result as one JSON document: target, controls, tests with
 * every step, totals, verdict, reasons, exit code.
 */
#ifndef PROBE_REPORT_JSON_H
#define PROBE_REPORT_JSON_H

#include "milter/probe/report.h"

/* 0, or -1 when out cannot be written to or memory is short. */
int probe_report_json(const struct probe_result *r,
    const struct report_options *o, FILE *out);

#endif
