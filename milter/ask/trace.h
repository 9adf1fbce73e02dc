/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace.h - what is asked about a sender, told step by step while it happens.
 * Nobody in the mail path listens: there the trace is NULL, and no step is
 * made.
 */
#ifndef MILTER_ASK_TRACE_H
#define MILTER_ASK_TRACE_H

#include "milter/ask/dns.h"

struct spf_outcome;

enum trace_kind {
	TRACE_SKIPPED,       /* words: what is not asked; why: why not */
	TRACE_SENDER_DOMAIN, /* is there this domain?  subject */
	TRACE_EXISTENCE,     /* words: what that came to */
	TRACE_IDENTITY,      /* an SPF check: words: of what; subject: of whom */
	TRACE_AHEAD,         /* subject, type: asked too, and not waited for */
	TRACE_QUERY,         /* subject: the name; type, answer, took_ms */
	TRACE_VOID,          /* that found nothing; number: such terms so far */
	TRACE_RECORD,        /* subject: all of it; name: where it stands */
	TRACE_FLAW,          /* subject: the word that is wrong; number: where
	                        it begins in the record, from 1; why */
	TRACE_TERM,          /* subject: the term, now tried; number: terms
	                        that ask the DNS so far, it included, or 0 */
	TRACE_EXPANDED,      /* subject: its domain; name: with macros expanded,
	                        empty: to no name that could be asked for */
	TRACE_MATCH,         /* subject: the term; words: what it makes the
	                        result, "": it does not match; why */
	TRACE_DEFAULT,       /* no term matches; words: the result */
	TRACE_MODIFIER,      /* subject: one, of which nothing comes yet */
	TRACE_EXPLANATION,   /* subject: what the owner says to a fail */
	TRACE_RESULT         /* outcome */
};

/* Borrowed for the call.  Texts are bytes as they came: escape them. */
struct trace_step {
	enum trace_kind kind;
	unsigned depth; /* 0, and one more for what belongs to it */
	struct text subject, name;
	const char *words, *why; /* ours; NULL: none */
	unsigned number;
	enum dns_type type;
	const struct dns_answer *answer;
	int64_t took_ms;
	const struct spf_outcome *outcome;
};

struct trace {
	void *with;
	void (*step)(void *with, const struct trace_step *step);
};

/* Tell t, which may be NULL. */
static inline void
trace_tell(const struct trace *t, const struct trace_step *step)
{
	if (t != NULL)
		t->step(t->with, step);
}

/* The same for TRACE_SKIPPED. */
void trace_skip(const struct trace *t, const char *what, const char *why);

/* When a question begins, for trace_query(); 0 when nobody listens. */
int64_t trace_start(const struct trace *t);

/* A question has been asked that nobody waits for yet. */
void trace_ahead(const struct trace *t, unsigned depth, struct text name,
    enum dns_type type);

/* A question has been answered; answer may be NULL: out of memory. */
void trace_query(const struct trace *t, unsigned depth, struct text name,
    enum dns_type type, const struct dns_answer *answer, int64_t start_ms);

#endif
