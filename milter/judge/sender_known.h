/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender_known.h - asks the DNS about a sender, where the answer can matter.
 */
#ifndef JUDGE_SENDER_KNOWN_H
#define JUDGE_SENDER_KNOWN_H

#include "milter/ask/dns.h"
#include "policy/envelope.h"
#include "policy/verdict.h"

/*
 * Does the domain of e's sender exist?  Asked only when v, the verdict on the
 * sender without this fact, lets it pass although nobody knows the client, and
 * the domain is neither ours nor one we relay for.  Waits budget_ms at most;
 * ANSWER_UNKNOWN when it was not asked, or not answered in time.
 */
enum answer sender_known(struct dns *dns, unsigned budget_ms,
    const struct policy *policy, const struct envelope *e, int64_t now,
    const struct verdict *v);

#endif
