/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * advice.h - what to change in the server so that it stops relaying: one
 * paragraph for each open form, for the mail server that banner and replies
 * show.  The paragraphs are rows, see advice_rows.c.
 */
#ifndef PROBE_ADVICE_H
#define PROBE_ADVICE_H

#include "milter/probe/report_parts.h"

enum advice_mta {
	MTA_UNKNOWN, /* also: any, in a row */
	MTA_SENDMAIL,
	MTA_POSTFIX,
	MTA_EXIM,
	MTA_EXCHANGE,
	MTA_OPENSMTPD,
	MTA_IMS,  /* EMWAC's Internet Mail Server for Windows NT */
	MTA_GUARD /* one of its own doors was asked */
};
#define MTAS 8
/* "Sendmail" ...; "an unknown mail server". */
const char *advice_mta_text(enum advice_mta m);

/*
 * Which server it is; how becomes the reason, a few words: the banner tells,
 * or the wording of its replies.  The guard's own replies do not count.
 */
#define ADVICE_HOW_MAX 120
enum advice_mta advice_mta_of(const struct probe_result *r,
    char how[ADVICE_HOW_MAX]);

struct advice_row {
	/*
	 * Rule ids of open tests, parted by blanks; "G" for any trick at a
	 * relay domain and "G/P08" for one of them; "*" for all.
	 */
	const char *forms;
	enum advice_mta mta;
	const char *text; /* what to change; one paragraph of ASCII */
};
#define ADVICE_ROWS_END NULL /* as forms of the last row */
extern const struct advice_row advice_rows[];

/* The row for an open test at this server; never NULL. */
const struct advice_row *advice_row(const struct probe_test *t,
    enum advice_mta m);

struct advice_paragraph {
	const struct advice_row *row;
	char forms[240]; /* "percent-hack, quoted-percent" */
	char ids[240];   /* "P08 P11 and 12 more"; "A": plain foreign mail */
	size_t n;        /* how many tests */
	size_t cut;      /* how many of them are not in ids */
};
#define ADVICE_PARAGRAPHS_MAX 32

struct advice {
	enum advice_mta mta;
	char how[ADVICE_HOW_MAX];
	size_t n;
	struct advice_paragraph paragraph[ADVICE_PARAGRAPHS_MAX];
};

/* For what relays in r; with n == 0 there is nothing to change. */
void advice_make(struct advice *a, const struct probe_result *r);

/*
 * Line i of it: for which server, then a line for each paragraph.  False
 * beyond the end.
 */
#define ADVICE_LINE_MAX 1400
bool advice_line(const struct advice *a, size_t i,
    char out[ADVICE_LINE_MAX]);

#endif
