/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_formats.h - the writers behind report.h: for report*.c only.  Each
 * prints the whole result; whether out took it is looked at in the end.
 */
#ifndef PROBE_REPORT_FORMATS_H
#define PROBE_REPORT_FORMATS_H

#include "milter/probe/report.h"

/* False: memory is short. */
typedef bool report_writer(const struct probe_result *r,
    const struct report_options *o, FILE *out);

report_writer probe_report_text;
report_writer probe_report_tap;
report_writer probe_report_junit;
report_writer probe_report_json;
report_writer probe_report_jsonl;
report_writer probe_report_html;
report_writer probe_report_nagios;

/* The exit code of a plugin: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
int report_nagios_exit(enum probe_verdict v);

#endif
