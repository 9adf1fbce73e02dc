/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_parts.h - what the formats say alike about a test and a run: for
 * report*.c.  All text that comes out is printable ASCII.
 */
#ifndef PROBE_REPORT_PARTS_H
#define PROBE_REPORT_PARTS_H

#include <time.h>

#include "milter/probe/report_formats.h"

/* What a test says about the server, for who wants to know nothing else. */
enum report_grade {
	GRADE_CLOSED,  /* refused, or its message was */
	GRADE_RELAYS,
	GRADE_UNCLEAR, /* no answer, or one that proves nothing */
	GRADE_SKIPPED  /* does not apply */
};
#define GRADES 4
/* "closed", "relays", "unclear", "skipped". */
const char *report_grade_text(enum report_grade g);
enum report_grade report_grade(const struct probe_result *r,
    const struct probe_score *s);
size_t report_graded(const struct probe_result *r, enum report_grade g);

/* "127.0.0.1 port 25", "the milter door /run/x". */
void report_target(const struct probe_result *r, char out[PROBE_NOTE_MAX]);

/* Longest of report_sent(), escaped, with the NUL. */
#define REPORT_SENT_MAX (4 * PROBE_ARGUMENT_MAX + 8)

/* What tells a test from others on the wire: its sender or its recipient. */
void report_sent(const struct probe_score *s, char out[REPORT_SENT_MAX]);

/* "guard P08 percent-hack", "relay-rules 5.7.1", "parser 553", "-". */
#define REPORT_BY_MAX 96
void report_by(const struct probe_score *s, char out[REPORT_BY_MAX]);

/* "refused", "accepted, delivered"; with what became of a message. */
#define REPORT_OUTCOME_MAX 40
void report_outcome(const struct probe_score *s,
    char out[REPORT_OUTCOME_MAX]);

/* "550 5.7.1", "none" when no reply came, "-" without a step. */
#define REPORT_REPLY_MAX 32
void report_reply(const struct probe_step *s, char out[REPORT_REPLY_MAX]);

/* "2 of 20 tests relayed; 18 refused", "refused by 20 relay-rules" or "". */
#define REPORT_SUMMARY_MAX 320
void report_summary(const struct probe_result *r,
    char out[REPORT_SUMMARY_MAX]);
void report_layers(const struct probe_result *r,
    char out[REPORT_SUMMARY_MAX]);

/* "messages: 3 delivered, 0 not seen ..."; "" when none were sent. */
void report_proofs(const struct probe_result *r,
    char out[REPORT_SUMMARY_MAX]);

/* "control A before: foreign to foreign: refused (550 no)", of index i. */
#define REPORT_CONTROL_MAX (REPLY_TEXT_MAX + PROBE_NOTE_MAX)
void report_control(const struct probe_result *r, size_t i,
    char out[REPORT_CONTROL_MAX]);

/* "2026-11-24T20:15:00Z"; "" for 0. */
#define REPORT_TIME_MAX 32
void report_time(int64_t unix_time, char out[REPORT_TIME_MAX]);

/* The MAIL and RCPT steps that count; NULL when there was none. */
const struct probe_step *report_mail(const struct probe_score *s);
const struct probe_step *report_rcpt(const struct probe_score *s);

/* Does the transcript belong into a short report? */
bool report_is_notable(const struct probe_score *s);

/* Is the dialogue of this test to be shown? */
bool report_shows_dialogue(const struct probe_score *s,
    const struct report_options *o);

#endif
