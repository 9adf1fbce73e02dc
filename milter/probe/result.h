/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * result.h - what a run has found, and what it means.  The runner fills it,
 * the reports read it; the verdict is made here, from the results alone.
 */
#ifndef PROBE_RESULT_H
#define PROBE_RESULT_H

#include "milter/probe/reply.h"
#include "milter/probe/smtp.h"
#include "milter/probe/spelling.h"
#include "milter/probe/table.h"

/* Up to four senders are tried before the recipients. */
#define PROBE_SENDERS_MAX 4
#define PROBE_STEPS_MAX (PROBE_SENDERS_MAX + PROBE_RECIPIENTS_MAX)
#define PROBE_ATTEMPTS_MAX 2
#define PROBE_CONTROLS_MAX 5
#define PROBE_TESTS_MAX 20
#define PROBE_REASONS_MAX 6
#define PROBE_NOTE_MAX 200

/* One command and its reply. */
struct probe_step {
	bool rcpt; /* else MAIL */
	char argument[PROBE_ARGUMENT_MAX];
	struct reply reply; /* code 0: none came */
	enum outcome outcome;
};

/* One transaction. */
struct probe_attempt {
	enum probe_spelling spelling;
	enum outcome outcome;
	size_t n;
	struct probe_step step[PROBE_STEPS_MAX];
	/* Indexes into step, not below n when there is none. */
	size_t mail;    /* the MAIL that counts */
	size_t decides; /* the step that made the outcome */
	char note[PROBE_NOTE_MAX]; /* what a reader should know, or "" */
	struct transcript log;
};

/* One test, or one control probe. */
struct probe_score {
	const struct probe_test *test;
	enum outcome outcome; /* of attempt[decides] */
	size_t n;
	size_t decides;
	struct probe_attempt attempt[PROBE_ATTEMPTS_MAX];
};

enum probe_verdict { /* the exit codes */
	PROBE_CLOSED = 0,
	PROBE_RELAYS = 1,
	PROBE_INCONCLUSIVE = 2,
	PROBE_INVALID = 3
};
/* "closed", "relays" ... */
const char *probe_verdict_text(enum probe_verdict v);

struct probe_result {
	struct smtp_peer peer;
	struct probe_names names;
	char banner[REPLY_TEXT_MAX]; /* escaped */
	unsigned connections;
	const char *gave_up; /* why the rest was not tried; or NULL */
	size_t n_controls; /* before the tests: A, B, perhaps C; after: A, B */
	size_t n_before;   /* how many of them came before */
	struct probe_score control[PROBE_CONTROLS_MAX];
	size_t n_tests;
	struct probe_score test[PROBE_TESTS_MAX];
	enum probe_verdict verdict;
	size_t n_reasons;
	char reason[PROBE_REASONS_MAX][PROBE_NOTE_MAX * 2];
};

/* A new empty result; NULL when out of memory.  result_free(NULL) is fine. */
struct probe_result *result_new(void);
void result_free(struct probe_result *r);

/* The outcome of a score: the worst of its attempts, or the best. */
void score_settle(struct probe_score *s, bool worst);

/* The attempt that made the outcome; NULL when nothing was tried. */
const struct probe_attempt *score_attempt(const struct probe_score *s);

/* Did every step go as in the paper?  Any 5xx stands for any other. */
bool score_as_paper(const struct probe_score *s);

/* How many tests ended so. */
size_t result_total(const struct probe_result *r, enum outcome o);

/* Add a reason for the verdict, at most PROBE_REASONS_MAX. */
__attribute__((format(printf, 2, 3))) void result_reason(
    struct probe_result *r, const char *format, ...);

/*
 * Set verdict and reasons.  A recipient accepted for a stranger is a fact
 * whatever the controls say: PROBE_RELAYS.  Otherwise, when the honest
 * recipient was not accepted before and after, refusals mean nothing:
 * PROBE_INVALID.
 */
void result_judge(struct probe_result *r);

#endif
