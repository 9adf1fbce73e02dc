/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_html.h - parts of the page: for report_html*.c.  It has no script
 * and asks for nothing outside itself, and its policy forbids both: whatever
 * a server says stays text.
 */
#ifndef PROBE_REPORT_HTML_H
#define PROBE_REPORT_HTML_H

#include "milter/probe/markup.h"
#include "milter/probe/report_parts.h"

/* The style sheet. */
extern const char report_html_style[];

/* <element>text</element> */
void report_html_element(const char *element, const char *text, FILE *out);

/* The summary picture: how many of which grade, and who refused. */
void report_html_picture(const struct probe_result *r, FILE *out);

/* The matrix of forms and senders; each test leads to its dialogue. */
void report_html_matrix(const struct probe_result *r, FILE *out);

/* A test or a control, folded, its dialogue in it. */
void report_html_test(const struct probe_result *r,
    const struct probe_score *s, const struct report_options *o, FILE *out);
void report_html_control(const struct probe_result *r, size_t i,
    const struct report_options *o, FILE *out);

#endif
