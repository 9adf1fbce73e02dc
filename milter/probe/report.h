/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - a result for people and for programs, in one of several formats.
 * Everything printed is ASCII: the server's bytes were escaped when they came
 * in, ours are escaped here, and each format escapes once more what means
 * something to it.
 */
#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H

#include <stdio.h>

#include "milter/probe/result.h"

enum report_format {
	FORMAT_TEXT,
	FORMAT_TAP,   /* Test Anything Protocol 13 */
	FORMAT_JUNIT, /* XML as CI servers read it */
	FORMAT_JSON,  /* one document */
	FORMAT_JSONL, /* one object a line */
	FORMAT_HTML,  /* one page, nothing else needed */
	FORMAT_NAGIOS /* one line and the exit code of a plugin */
};
/* "text, tap ...", for a complaint. */
#define REPORT_FORMATS "text, tap, junit, json, jsonl, html, nagios"
/* The format of this name; false when there is none. */
bool report_find(const char *name, enum report_format *out);

/* Which dialogues are shown. */
enum report_dialogue {
	DIALOGUE_NOTABLE, /* of what is not plainly refused */
	DIALOGUE_ALL,
	DIALOGUE_NONE
};

struct comparison; /* compare.h */
struct advice;     /* advice.h */

struct report_options {
	enum report_dialogue dialogue;
	bool brief;   /* text: the summary alone */
	bool journal; /* text: lines of alarm have a level, sd-daemon(3) */
	bool colour;
	size_t width; /* of the terminal; 0: cut nothing */
	const struct comparison *since; /* an earlier run, or NULL */
	const struct advice *advice;    /* or NULL; not in FORMAT_NAGIOS */
};

/* 0, or -1 when out cannot be written to or memory is short. */
int report_print(enum report_format f, const struct probe_result *r,
    const struct report_options *o, FILE *out);

/* The exit code: the verdict, but what a plugin says in FORMAT_NAGIOS. */
int report_exit(enum report_format f, const struct probe_result *r);

#endif
