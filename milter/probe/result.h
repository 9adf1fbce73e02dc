/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * result.h - what a run has found.  The runner fills it, verdict.c judges it,
 * the reports read it.
 */
#ifndef PROBE_RESULT_H
#define PROBE_RESULT_H

#include "milter/probe/reply.h"
#include "milter/probe/smtp.h"
#include "milter/probe/spelling.h"
#include "milter/probe/table.h"

/* Up to four senders are tried before the recipients. */
#define PROBE_SENDERS_MAX 4
#define PROBE_STEPS_MAX (1 + PROBE_SENDERS_MAX + PROBE_RECIPIENTS_MAX)
#define PROBE_ATTEMPTS_MAX 2
#define PROBE_CONTROLS_MAX 10
#define PROBE_REASONS_MAX 8
#define PROBE_NOTE_MAX 200
#define PROBE_TOKEN_MAX 40

enum probe_verb {
	VERB_EHLO, /* only of tests that claim a name there */
	VERB_MAIL,
	VERB_RCPT
};
/* "EHLO", "MAIL", "RCPT". */
const char *probe_verb_text(enum probe_verb v);

/* One command and its reply. */
struct probe_step {
	enum probe_verb verb;
	char argument[PROBE_ARGUMENT_MAX];
	struct reply reply; /* code 0: none came */
	enum outcome outcome;
};

/*
 * What became of an accepted recipient when a message followed; ours to find
 * out only when the run is to prove it.  The worse a later one is.
 */
enum probe_proof {
	PROOF_NONE,      /* no message was sent */
	PROOF_REFUSED,   /* the message was refused at DATA or its end */
	PROOF_BOUNCED,   /* accepted, and came back */
	PROOF_UNSEEN,    /* accepted, and nothing arrived in time */
	PROOF_DELIVERED  /* accepted, and arrived at the catcher */
};
#define PROOFS 5
/* "none", "refused", "bounced", "unseen", "delivered". */
const char *probe_proof_text(enum probe_proof p);

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
	enum probe_proof proof;
	char token[PROBE_TOKEN_MAX]; /* in the message, or "" */
	struct transcript log;
};

/* One test, or one control probe. */
struct probe_score {
	const struct probe_test *test;
	/*
	 * Why the test does not apply to this server, so that no answer is
	 * none missing: no relay domain, an extension not offered.  Then it
	 * is OUTCOME_UNTESTED without an attempt.  Else NULL.
	 */
	const char *skipped;
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

/* How the server was asked. */
enum probe_door {
	DOOR_SMTP,
	DOOR_MILTER, /* the guard's milter socket, without a mail server */
	DOOR_MAP     /* its map socket */
};
/* "smtp", "milter", "map". */
const char *probe_door_text(enum probe_door d);

struct probe_result {
	enum probe_profile profile;
	enum probe_door door;
	struct smtp_peer peer; /* of a door: the client address claimed */
	const char *socket;    /* of a door, as given */
	struct probe_names names;
	char banner[REPLY_TEXT_MAX]; /* escaped */
	char tls[TLS_ABOUT_MAX]; /* the TLS used, or "" */
	unsigned extensions;   /* REPLY_* bits of its EHLO reply */
	unsigned connections;
	int64_t began;         /* Unix time */
	int64_t took_ms;
	bool proving;        /* messages were sent, and a catcher waited */
	const char *gave_up; /* why the rest was not tried; or NULL */
	/* Before the tests: A, perhaps S, B, C, N, R; after: A, B. */
	size_t n_controls;
	size_t n_before;   /* how many of them came before */
	struct probe_score control[PROBE_CONTROLS_MAX];
	size_t n_tests;
	struct probe_score *test; /* room for table_count(profile) */
	enum probe_verdict verdict;
	size_t n_reasons;
	char reason[PROBE_REASONS_MAX][PROBE_NOTE_MAX * 2];
};

/* A new empty result; NULL when out of memory.  result_free(NULL) is fine. */
struct probe_result *result_new(enum probe_profile profile);
void result_free(struct probe_result *r);

/* The outcome of a score: the worst of its attempts, or the best. */
void score_settle(struct probe_score *s, bool worst);

/* The attempt that made the outcome; NULL when nothing was tried. */
const struct probe_attempt *score_attempt(const struct probe_score *s);

/* Its step that made the outcome; NULL when there was none. */
const struct probe_step *score_step(const struct probe_score *s);

/* Who refused or deferred; LAYER_NONE when nobody did.  Points into s. */
struct reply_by score_by(const struct probe_score *s);

/* Did every step go as in the paper?  Any 5xx stands for any other. */
bool score_as_paper(const struct probe_score *s);

/* How many tests ended so, without those that do not apply. */
size_t result_total(const struct probe_result *r, enum outcome o);

/* How many tests do not apply. */
size_t result_skipped(const struct probe_result *r);

/* How many accepted tests have this proof. */
size_t result_proved(const struct probe_result *r, enum probe_proof p);

/* The proof of the attempt that made the outcome. */
enum probe_proof score_proof(const struct probe_score *s);

/* How many refused tests were refused by this layer. */
size_t result_refused_by(const struct probe_result *r, enum layer by);

/* The first control with this letter from index from on; NULL: none. */
const struct probe_score *result_control(const struct probe_result *r,
    char which, size_t from);

/* Add a reason for the verdict, at most PROBE_REASONS_MAX. */
__attribute__((format(printf, 2, 3))) void result_reason(
    struct probe_result *r, const char *format, ...);

#endif
