/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table_rows.h - the sets of rows behind table.h, and the shorthand to write
 * them: for table*.c only.
 */
#ifndef PROBE_TABLE_ROWS_H
#define PROBE_TABLE_ROWS_H

#include "milter/probe/table.h"

struct table_set {
	const struct probe_test *row;
	size_t n;
};
#define TABLE_SET(rows) { rows, sizeof rows / sizeof rows[0] }

extern const struct table_set table_paper;   /* P00 .. P19 */
extern const struct table_set table_classic; /* T01 .. */
extern const struct table_set table_gateway; /* G01 .. */
extern const struct table_set table_senders; /* who tries */
extern const struct table_set table_forms;   /* forms of recipients */
extern const struct table_set table_malformed; /* F01.1 .. */

#define MAIL_OK "250 2.1.0"
#define DENIED "550 5.7.1"
#define STRANGER "<{u}@{s}>"

/* A trick in the recipient, from a plain foreign sender; in brackets. */
#define ROW_RCPT(id, rule, what, rcpt)                                        \
	{ id, rule, what, TRICK_RECIPIENT, STRANGER, MAIL_OK,                 \
		{ "<" rcpt ">" }, DENIED, NULL, NULL, NULL }

/* A trick in the sender, to a plain foreign recipient. */
#define ROW_MAIL(id, rule, what, mail)                                        \
	{ id, rule, what, TRICK_SENDER, "<" mail ">", MAIL_OK,                \
		{ "<{u}90@{d}>" }, DENIED, NULL, NULL, NULL }

#endif
