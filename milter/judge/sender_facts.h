/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender_facts.h - what the DNS says of the sender of one message, asked where
 * the answer can matter: does his domain exist, and may this client send as him
 * (SPF)?
 *
 * Everything is got under way at MAIL, and waited for only where a verdict
 * needs it: existence at MAIL, SPF at the first recipient that is accepted
 * otherwise, or, when mail is only marked, at the end of the message.  All
 * waiting for one sender together is budget_ms at most; what is not answered by
 * then is unknown.
 */
#ifndef JUDGE_SENDER_FACTS_H
#define JUDGE_SENDER_FACTS_H

#include "milter/ask/sender_domain.h"
#include "milter/ask/spf_header.h"
#include "milter/judge/sender_questions.h"
#include "policy/address.h"
#include "policy/domain.h"
#include "policy/envelope.h"
#include "policy/verdict.h"

/* Longest words about SPF, with the NUL: for the record, for a reply. */
#define SENDER_SAID_MAX 700

/* What SPF said; the questions borrow from here. */
struct sender_spf {
	struct spf_checked checked[2]; /* MAIL FROM, then HELO */
	size_t n;
	char sender[ADDRESS_MAX + DOMAIN_MAX + 2], helo[DOMAIN_MAX + 1],
	    host[DOMAIN_MAX + 1];
	char said[SENDER_SAID_MAX];
	/* what the owner of the domain has to say about a fail, behind who says
	   it; "" without */
	char explanation[SENDER_SAID_MAX];
};

/* What has come out so far; all zero: nothing.  One thread at a time. */
struct sender_findings {
	struct sender_switches *switches; /* as at MAIL; NULL before */
	bool asks;       /* nobody vouches for the client: the DNS is asked */
	bool cleans;     /* results under our name in its mail are forged */
	unsigned waited_ms;
	bool domain_asked;
	enum sender_domain domain;
	bool spf_asked;
	struct sender_spf *spf; /* NULL although asked: out of memory */
};

/*
 * At MAIL, of a new message: v is the verdict on the sender without these
 * facts.  True: there are facts, and v is to be made anew.
 */
bool sender_facts_at_mail(struct sender_findings *f,
    struct sender_questions *q, const struct policy *policy,
    const struct envelope *e, const struct verdict *v, struct facts *facts);

/* Fill in what has been found already; waits for nothing. */
void sender_facts_tell(const struct sender_findings *f, struct facts *facts);

/* At RCPT, the same as at MAIL for the verdict on the recipient. */
bool sender_facts_at_rcpt(struct sender_findings *f, const struct envelope *e,
    const struct verdict *v, struct facts *facts);

/* At the end of a message that is marked: check SPF, if nobody has yet. */
void sender_facts_at_end(struct sender_findings *f, const struct envelope *e);

/* The message is over. */
void sender_findings_clear(struct sender_findings *f);

#endif
