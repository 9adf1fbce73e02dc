/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply.h - SMTP replies, RFC 5321 4.2, and who wrote them.  The code is what
 * stands at column 0 of the last line and nothing else: a "530" in the text,
 * in a queue id or in an earlier line means nothing.
 */
#ifndef PROBE_REPLY_H
#define PROBE_REPLY_H

#include "policy/text.h"

#define REPLY_TEXT_MAX 512
#define REPLY_LINES_MAX 200
#define REPLY_DSN_MAX 12

struct reply {
	unsigned code; /* 200..599; 0 = none came */
	unsigned lines;
	char dsn[REPLY_DSN_MAX]; /* enhanced code of the last line, or "" */
	char first[REPLY_TEXT_MAX]; /* text of the lines, escaped, no code */
	char last[REPLY_TEXT_MAX];
};

enum reply_line {
	REPLY_MORE,   /* the reply goes on */
	REPLY_DONE,
	REPLY_GARBAGE /* this is not SMTP */
};

/*
 * Take one line, without its line end, into r (all zero before the first).
 * More than REPLY_LINES_MAX lines are REPLY_GARBAGE.
 */
enum reply_line reply_take(struct reply *r, struct text line);

/* The worse a later one is, the more it counts in a summary. */
enum outcome {
	OUTCOME_REFUSED,  /* 5xx */
	OUTCOME_DEFERRED, /* 4xx */
	OUTCOME_UNTESTED, /* nobody has judged it: lost, timed out, 421 */
	OUTCOME_ERROR,    /* an answer that is not SMTP, or not one to this */
	OUTCOME_ACCEPTED  /* 2xx: at RCPT, the server relays */
};
#define OUTCOMES 5
/* "refused", "accepted" ... */
const char *outcome_text(enum outcome o);

/* What a reply to MAIL or RCPT means. */
enum outcome reply_outcome(const struct reply *r);

/* Who refused, as far as the reply tells. */
enum layer {
	LAYER_NONE,   /* nobody */
	LAYER_GUARD,  /* relayguard: "(P08 percent-hack)" in the text */
	LAYER_MTA,    /* the MTA's relay rules: 5.7.1, "Relaying denied" */
	LAYER_PARSER, /* the MTA's address parser: 553, 5.1.3 */
	LAYER_OTHER
};
/* "guard", "mta", "parser", "other"; "" for LAYER_NONE. */
const char *layer_text(enum layer l);

struct reply_by {
	enum layer layer;
	struct text rule; /* LAYER_GUARD: "P08", points into the reply */
	struct text form; /* "percent-hack" */
};

/* Only for refused and deferred; LAYER_NONE for any other code. */
struct reply_by reply_by(const struct reply *r);

#endif
