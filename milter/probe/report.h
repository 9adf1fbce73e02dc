/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - a result for people (text) and for programs (one JSON document).
 * Everything printed is ASCII: the server's bytes were escaped when they came
 * in, ours are escaped here.
 */
#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H

#include <stdio.h>

#include "milter/probe/result.h"

/* Which dialogues are shown. */
enum report_dialogue {
	DIALOGUE_NOTABLE, /* of what is not plainly refused */
	DIALOGUE_ALL,
	DIALOGUE_NONE
};

struct report_options {
	enum report_dialogue dialogue;
	bool colour;
	size_t width; /* of the terminal; 0: cut nothing */
};

/* Longest of score_sent(), escaped, with the NUL. */
#define REPORT_SENT_MAX (4 * PROBE_ARGUMENT_MAX + 8)

/* "127.0.0.1 port 25", "the milter door /run/x". */
void report_target(const struct probe_result *r, char out[PROBE_NOTE_MAX]);

/* What tells a test from others on the wire: its sender or its recipient. */
void report_sent(const struct probe_score *s, char out[REPORT_SENT_MAX]);

/* "guard P08 percent-hack", "mta 5.7.1", "parser 553", "-". */
#define REPORT_BY_MAX 96
void report_by(const struct probe_score *s, char out[REPORT_BY_MAX]);

/* "refused", "accepted, delivered"; with what became of a message. */
#define REPORT_OUTCOME_MAX 40
void report_outcome(const struct probe_score *s,
    char out[REPORT_OUTCOME_MAX]);

/* The MAIL and RCPT steps that count; NULL when there was none. */
const struct probe_step *report_mail(const struct probe_score *s);
const struct probe_step *report_rcpt(const struct probe_score *s);

/* Does the transcript belong into a short report? */
bool report_is_notable(const struct probe_score *s);

/* Is the dialogue of this test to be shown? */
bool report_shows_dialogue(const struct probe_score *s,
    const struct report_options *o);

/* 0, or -1 when out cannot be written to. */
int probe_report_text(const struct probe_result *r,
    const struct report_options *o, FILE *out);

#endif
