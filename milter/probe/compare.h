/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare.h - a run against an earlier one, as --format json has written it:
 * what has opened, what has closed, what is new.
 */
#ifndef PROBE_COMPARE_H
#define PROBE_COMPARE_H

#include "milter/probe/report_parts.h"

enum compare_kind {
	COMPARE_OPENED,  /* relays now, and did not */
	COMPARE_CLOSED,  /* relayed, and is refused now */
	COMPARE_CHANGED, /* another grade, neither of these */
	COMPARE_NEW,     /* not among the earlier tests */
	COMPARE_GONE     /* not among the tests of now */
};
#define COMPARE_KINDS 5
/* "opened", "closed", "changed", "new", "gone". */
const char *compare_kind_text(enum compare_kind k);

#define COMPARE_ID_MAX 16

/* A test of one run or the other. */
struct compare_row {
	char id[COMPARE_ID_MAX]; /* printable ASCII */
	enum report_grade before; /* unless COMPARE_NEW */
	enum report_grade now;    /* unless COMPARE_GONE */
	enum compare_kind kind;
	bool differs; /* else there is nothing to tell */
};

struct comparison {
	char file[PROBE_NOTE_MAX]; /* escaped, as is what was in it */
	char began[REPORT_TIME_MAX];
	char verdict[REPORT_TIME_MAX];
	char target[PROBE_NOTE_MAX];
	bool other_target; /* it was another server */
	size_t n;
	struct compare_row *row;
};

#define COMPARE_WHY_MAX 512

/*
 * Read an earlier run, of at most 64 MB.  NULL and why not, with the file and
 * where in it, one line without its end; *absent says that there is no such
 * file.
 */
struct comparison *compare_read(const char *file, char why[COMPARE_WHY_MAX],
    bool *absent);

/* Compare it with r; false: out of memory. */
bool compare_with(struct comparison *c, const struct probe_result *r);

size_t compare_count(const struct comparison *c, enum compare_kind k);

/*
 * Line i of what there is to tell: which run it was, then one for each kind
 * that has any: "opened: P08 P09".  False beyond the end.
 */
#define COMPARE_LINE_MAX 640
bool compare_line(const struct comparison *c, size_t i,
    char out[COMPARE_LINE_MAX]);

/* compare_free(NULL) is fine. */
void compare_free(struct comparison *c);

#endif
