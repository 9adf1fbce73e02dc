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
	unsigned extensions; /* keywords that lines begin with: REPLY_* bits */
};

/* Extensions in an EHLO reply, RFC 5321 4.1.1.1. */
#define REPLY_STARTTLS 1u
#define REPLY_AUTH 2u
#define REPLY_SMTPUTF8 4u
#define REPLY_8BITMIME 8u
#define REPLY_PIPELINING 16u

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

/*
 * The worse a later one is, the more it counts in a summary.
 */
enum outcome {
	OUTCOME_REFUSED,    /* 5xx */
	OUTCOME_DEFERRED,   /* 4xx */
	OUTCOME_UNTESTED,   /* never asked: no sender passes, no contact */
	OUTCOME_UNANSWERED, /* asked: dropped, 421, silence, not SMTP */
	OUTCOME_ACCEPTED    /* 2xx: at RCPT, the server relays */
};
#define OUTCOMES 5
/* "refused", "deferred", "untested", "unanswered", "accepted". */
const char *outcome_text(enum outcome o);

/* What a reply to MAIL or RCPT means. */
enum outcome reply_outcome(const struct reply *r);

/* Who refused, as far as the reply tells. */
enum layer {
	LAYER_NONE,    /* nobody */
	LAYER_GUARD,   /* relayguard: "(P08 percent-hack)" in the text */
	LAYER_RELAY,   /* the MTA's relay rules, sendmail's check_rcpt */
	LAYER_SENDER,  /* its rules about senders, sendmail's check_mail */
	LAYER_MAILBOX, /* no such user: it was taken for a local name */
	LAYER_PARSER,  /* the MTA's address parser */
	LAYER_FILTER,  /* another filter or policy: lists, greylisting, SPF */
	LAYER_UNKNOWN
};
#define LAYERS 8
/*
 * "guard", "relay-rules", "sender-rules", "mailbox", "parser", "filter",
 * "unknown"; "" for LAYER_NONE.
 */
const char *layer_text(enum layer l);

struct reply_by {
	enum layer layer;
	struct text rule; /* LAYER_GUARD: "P08", points into the reply */
	struct text form; /* "percent-hack" */
};

/* Only for refused and deferred; LAYER_NONE for any other code. */
struct reply_by reply_by(const struct reply *r);

#endif
