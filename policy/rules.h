/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.h - THE TABLE: every reason to refuse, one row each, in the order they
 * are asked.  P00..P19 are the relay tests of the CERTCC-KR paper of 2001
 * (P00 is its basic one), S rows are tricks it does not know, F rows are about
 * form, M rows about what the MTA says.  To add a rule: a row here, a
 * small function beside it, and vectors in tests/vectors (one hit, one near
 * miss).
 */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include "policy/address.h"
#include "policy/envelope.h"
#include "policy/policy.h"
#include "policy/readings.h"

enum rule_stage {
	STAGE_MAIL,
	STAGE_RCPT,
	/*
	 * At RCPT, of a recipient that is allowed: what speaks against the
	 * sender and is worth finding out only now.
	 */
	STAGE_RCPT_ALLOWED
};

/* How the sender stands to us. */
enum sender_claim {
	SENDER_OUTSIDE,
	SENDER_NULL,    /* <> */
	SENDER_OURS,    /* user@ one of our names */
	SENDER_LITERAL  /* user@[ one of our addresses ] */
};

/*
 * What a rule may look at.  Rules are asked only about untrusted clients, and
 * at STAGE_RCPT only when some destination is not allowed (F01: when
 * malformed).  STAGE_RCPT_ALLOWED has envelope, facts, recipient and readings.
 */
struct question {
	const struct envelope *envelope;
	const struct facts *facts;
	const struct address *sender;
	const struct readings *sender_readings;
	enum sender_claim claim;
	enum sender_claim auth_claim; /* the same of AUTH=; STAGE_RCPT only */
	struct text user; /* of ours that the sender claims to be */
	const struct address *recipient;  /* at RCPT only */
	const struct readings *readings;  /* at RCPT, not malformed */
	bool mta_disagrees; /* all is allowed but what the MTA makes of it */
};

struct rule {
	const char *id;    /* "P08" */
	enum rule_stage stage;
	const char *form;  /* the name of the trick: "percent-hack" */
	bool (*asks)(const struct question *q);
	const char *code;  /* SMTP reply code, RFC 5321 4.2; "4..": defers */
	const char *dsn;   /* enhanced code, RFC 3463 */
	const char *text;  /* reply text: ASCII, no '%', no user bytes */
	const char *why;   /* one sentence for the postmaster */
	const char *example; /* one argument that it refuses */
};

/* The rows, 0 .. rules_count() - 1; NULL beyond the end. */
size_t rules_count(void);
const struct rule *rules_at(size_t i);

/* The rule with this id, any case; NULL when there is none. */
const struct rule *rules_find(struct text id);

/* Does it say "try again later"? */
bool rule_defers(const struct rule *rule);

/* The first rule of this stage that says yes; NULL when none does. */
const struct rule *rules_first(enum rule_stage stage,
    const struct question *q);

#endif
