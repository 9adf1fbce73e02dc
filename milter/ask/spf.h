/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf.h - may this client send mail as this domain?  Sender Policy Framework,
 * RFC 7208, evaluated by libspf2 behind a guard (spf_guard.h).
 *
 * It says what the domain's owner publishes and nothing about relaying: a pass
 * permits nothing, and clients that may relay are not to be asked about.
 */
#ifndef MILTER_ASK_SPF_H
#define MILTER_ASK_SPF_H

#include "milter/ask/trace.h"

/* Limits over one whole check, includes and all (4.6.4). */
#define SPF_TERMS_MAX 10u
#define SPF_VOIDS_MAX 2u
#define SPF_HOSTS_MAX 10 /* names of one mx, names of one client */

enum spf_result {
	SPF_NONE, /* nothing published, or no name to look under */
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR, /* the DNS did not answer, or not in time */
	SPF_PERMERROR  /* what is published is wrong */
};

enum spf_identity {
	SPF_HELO,     /* the name the client gave itself (2.3) */
	SPF_MAIL_FROM /* the sender; of a null sender postmaster@HELO (2.4) */
};

/* Who answers: the resolver, or a test.  As dns_ask(). */
struct spf_dns {
	void *with;
	struct dns_answer *(*ask)(void *with, struct text name,
	    enum dns_type type, int64_t deadline_ms);
};

struct spf_question {
	enum spf_identity identity;
	struct ip client;
	struct text helo;    /* without brackets or other ornament */
	struct text sender;  /* without < and >; empty: the null sender.  A
	                        U-label must be an A-label by now (RFC 8616) */
	struct text host;    /* our own name */
	int64_t deadline_ms; /* CLOCK_MONOTONIC */
};

#define SPF_EXPLANATION_MAX 512
#define SPF_WORDS_MAX 256

/* All texts are printable ASCII, bounded, and end in NUL. */
struct spf_outcome {
	enum spf_result result;
	/* the term that decided, in the record or where it redirects to, as
	   written there; "default" when none matched, "" without a record */
	char mechanism[SPF_WORDS_MAX];
	char domain[SPF_WORDS_MAX]; /* whose record that is */
	/* with SPF_FAIL, in the owner's words; "" when he has none.  Not ours,
	   so say who says it (6.2) */
	char explanation[SPF_EXPLANATION_MAX];
	char problem[SPF_WORDS_MAX]; /* why there is no better result */
	unsigned terms, voids, queries;
};

/*
 * Check one identity; waits for the DNS until the deadline at most.  A client
 * on the loopback gets SPF_NONE and no question is asked.  trace may be NULL.
 * Any number of threads may be in here.
 */
void spf_check(const struct spf_dns *dns, const struct spf_question *q,
    const struct trace *trace, struct spf_outcome *out);

/* "none", "pass", ... as in RFC 7208 2.6 and RFC 8601 2.7.2. */
const char *spf_result_name(enum spf_result result);

#endif
