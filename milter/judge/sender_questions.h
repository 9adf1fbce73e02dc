/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender_questions.h - what the DNS is asked about senders, as the
 * configuration says.  A reload swaps in other switches; a message keeps those
 * that it began with, so that it is judged and marked in one way.
 */
#ifndef JUDGE_SENDER_QUESTIONS_H
#define JUDGE_SENDER_QUESTIONS_H

#include <pthread.h>

#include "conf/conf.h"
#include "milter/ask/trace.h"

struct sender_questions;

/* What one configuration says; counted, and never changed. */
struct sender_switches {
	struct sender_questions *of;
	unsigned users;  /* takers, plus one while they are in force */
	struct dns *dns; /* NULL: nothing is asked */
	bool exists;     /* does the sender's domain? */
	bool rules_off;  /* it would be asked, but no rule wants to know */
	enum conf_spf spf;
	unsigned budget_ms; /* for all answers about one sender together */
	struct network *forwarders; /* what they send is not asked about */
	size_t forwarders_n;
	char *authserv_id; /* "": the MTA's own name */
};

struct sender_questions {
	pthread_mutex_t lock;
	struct dns *dns; /* made when it is needed first; NULL until then */
	struct sender_switches *switches;
	const struct trace *trace; /* who follows; NULL but for a check */
	/* told when somebody begins and ends to wait; of the caller, after
	   sender_questions_open(); NULL: nobody wants to know */
	void (*waiting)(void *with, bool begins);
	void *with;
};

/*
 * As conf says, with a resolver of its own; false: out of memory or no
 * resolver, said in the log.  To be closed in either case.
 */
bool sender_questions_open(struct sender_questions *q,
    const struct conf *conf);

/*
 * As conf says from now on, its name servers too.  Said in the log when that
 * fails; then the old ones stay.  One thread only.
 */
void sender_questions_reload(struct sender_questions *q,
    const struct conf *conf);

/* Nobody may still hold switches. */
void sender_questions_close(struct sender_questions *q);

/* The switches in force, to be given back exactly once; from any thread. */
struct sender_switches *sender_switches_take(struct sender_questions *q);

/* Is mail marked now?  To be known before there is a message. */
bool sender_questions_mark(struct sender_questions *q);

/* s may be NULL. */
void sender_switches_give(struct sender_switches *s);

#endif
