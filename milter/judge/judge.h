/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.h - THE FLOW: a door asks, the policy in force decides, the decision
 * is recorded, the door gets the reply.  Every door and every what-if command
 * comes through here.
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include "milter/audit/record.h"
#include "milter/judge/current.h"
#include "milter/judge/sender_facts.h"
#include "policy/decide.h"

struct judge {
	struct current *current;
	struct current *roaming; /* who has logged in lately; may be NULL */
	struct audit *audit; /* NULL: nothing is recorded */
	/* what the DNS is asked about senders; NULL: nothing */
	struct sender_questions *questions;
};

/* Who asks; all text is borrowed for the one call. */
struct judge_request {
	const char *door; /* "milter" */
	unsigned long session;
	struct text queue_id;
	struct envelope envelope;
	/* of the session's message; NULL: the DNS is not asked */
	struct sender_findings *findings;
};

/* What the door tells its MTA; all strings but one are constants. */
struct judge_reply {
	enum verdict_action action; /* as carried out: monitor mode accepts */
	const char *code, *dsn, *text; /* VERDICT_REFUSE and VERDICT_DEFER */
	/* one more line, printable, not ours; borrowed from the findings; NULL:
	   there is none */
	const char *explanation;
	bool relays; /* accepted, and relaying is granted: verdict_relays() */
};

struct judge_reply judge_mail(const struct judge *j,
    const struct judge_request *r);
struct judge_reply judge_rcpt(const struct judge *j,
    const struct judge_request *r);

/* The answer at MAIL when too much is asked of us; recorded like any other. */
struct judge_reply judge_overload(const struct judge *j,
    const struct judge_request *r);

/*
 * A whole decision on a known bad envelope, unrecorded: do we still decide?
 */
bool judge_is_sane(struct current *current);

/* The answer when something of ours fails and there is nothing to record. */
struct judge_reply judge_trouble(void);

#endif
