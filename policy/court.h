/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * court.h - what the parts of one judgement share; for decide.c, trust.c and
 * standing.c only.
 */
#ifndef POLICY_COURT_H
#define POLICY_COURT_H

#include "policy/envelope.h"
#include "policy/verdict.h"

/* What a client can show: identity, certificate, address, name. */
#define CREDENTIALS 4

struct court {
	const struct policy *policy;
	const struct envelope *envelope;
	const struct facts *facts;
	struct verdict *verdict;
	/* where else this client may send to, see policy_entry.only */
	struct text only[CREDENTIALS];
	size_t lists;
};

/* Add a link to the chain of reasons; it can be filled in further. */
static inline struct reason *
court_say(struct court *c, enum reason_kind kind, struct text subject)
{
	struct verdict *v = c->verdict;
	struct reason *r = &v->reason[v->n < REASONS_MAX ? v->n++ :
	    REASONS_MAX - 1];

	*r = (struct reason){ .kind = kind, .subject = subject };
	return r;
}

/* The same, with the policy entry that says so. */
static inline void
court_say_entry(struct court *c, enum reason_kind kind, struct text subject,
    const struct policy_entry *entry)
{
	struct reason *r = court_say(c, kind, subject);

	r->has_entry = true;
	r->entry = *entry;
}

#endif
