/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender_facts.h - what the DNS says of a sender, asked where the answer can
 * matter: does his domain exist, and may this client send as him (SPF)?
 */
#ifndef JUDGE_SENDER_FACTS_H
#define JUDGE_SENDER_FACTS_H

#include "conf/conf.h"
#include "milter/ask/dns.h"
#include "policy/envelope.h"
#include "policy/verdict.h"

/* What is to be asked, and of whom. */
struct sender_questions {
	struct dns *dns; /* NULL: nothing is asked */
	bool exists, spf;
	unsigned budget_ms; /* for all answers together */
	struct network *forwarders; /* their mail is not asked about by SPF */
	size_t forwarders_n;
};

/*
 * As conf says, with its own resolver; false: out of memory or no resolver,
 * said in the log.
 */
bool sender_questions_open(struct sender_questions *q,
    const struct conf *conf);

/* Ask the servers that conf names from now on; all else stays as it is. */
void sender_questions_reload(struct sender_questions *q,
    const struct conf *conf);

void sender_questions_close(struct sender_questions *q);

/*
 * Fill in what the DNS says, when v, the verdict on the sender without these
 * facts, lets him pass although nobody knows the client; then v is to be made
 * anew.  False: there is nothing to add.  Waits budget_ms at most; what is not
 * answered in time is unknown.
 */
bool sender_facts_ask(const struct sender_questions *q,
    const struct policy *policy, const struct envelope *e,
    const struct verdict *v, struct facts *facts);

#endif
