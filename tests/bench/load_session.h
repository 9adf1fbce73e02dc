/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load_session.h - one SMTP session as the mail server tells it to a filter:
 * which command comes next, with which macros, and what a reply means.
 * It knows no socket: commands go into s->out, replies are handed in.
 */
#ifndef TESTS_LOAD_SESSION_H
#define TESTS_LOAD_SESSION_H

#include "tests/bench/load_wire.h"
#include "tests/bench/mix.h"

enum step {
	STEP_NEGOTIATE,
	STEP_CONNECT,
	STEP_HELO,
	STEP_MAIL,
	STEP_RCPT,
	STEP_QUIT /* RSET and QUIT in one go, as sendmail does */
};

/* Stages that have macros of their own: SMFIM_CONNECT .. SMFIM_ENVRCPT. */
#define SESSION_STAGES 4

struct session {
	int fd;
	struct mix_session who;
	enum step step;      /* of the last command */
	bool waiting;        /* a reply to it is due */
	unsigned recipients; /* RCPT commands so far */
	uint32_t protocol;   /* what the filter negotiated: SMFIP_ bits */
	char *symbols[SESSION_STAGES]; /* macros it asked for; NULL = default */
	struct wire in, out;
	uint64_t time;         /* ns: when sent, or when to go on */
	struct session *next;  /* in the caller's list */
};

/* The replies to all recipients of all sessions. */
struct tally {
	uint64_t honest_accepted, honest_refused;
	uint64_t abusive_accepted, abusive_refused;
	uint64_t deferred;     /* 4xx to any command */
	uint64_t mail_refused; /* 5xx before the first recipient */
	uint64_t errors;       /* broken or silent connections */
};

/* Begin session number; buffers of an earlier use are kept. */
void session_begin(struct session *s, int fd, unsigned number,
    unsigned abusive);

/*
 * Append the next command that the filter wants to see to s->out and set
 * s->waiting when it will answer.  False: that was QUIT.
 */
bool session_command(struct session *s, unsigned recipients);

/* Take the reply that was due.  False: the filter broke the protocol. */
bool session_reply(struct session *s, const struct packet *reply,
    struct tally *tally);

/*
 * What the filter asked for, as text into out[cap]: protocol bits in hex, then
 * the macros of each stage.  Fit for a JSON string.
 */
void session_asked(const struct session *s, char *out, size_t cap);

void session_free(struct session *s);

#endif
