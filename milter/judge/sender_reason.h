/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender_reason.h - whom and what the DNS is not asked about, and why, in words
 * for those who check.
 */
#ifndef JUDGE_SENDER_REASON_H
#define JUDGE_SENDER_REASON_H

#include "milter/judge/sender_questions.h"
#include "policy/policy.h"
#include "policy/verdict.h"

/* Longest reason, with the NUL. */
#define SENDER_REASON_MAX 600

/*
 * Does this client only send on mail of others, by the option or an entry of
 * the policy?  True: out[SENDER_REASON_MAX] says which.
 */
bool sender_forwards(const struct sender_switches *s,
    const struct policy *policy, const struct ip *client, int64_t now,
    char *out);

/*
 * Why nothing is asked; NULL: something may be.  v is the verdict on the sender
 * so far, forwards what sender_forwards() said, or NULL.
 */
const char *sender_reason_nothing(const struct sender_switches *s,
    const struct verdict *v, const char *forwards);

/*
 * Why it is not asked whether the sender's domain exists; NULL: it is.  domain
 * is folded, as the DNS knows it, or empty.
 */
const char *sender_reason_no_domain(const struct sender_switches *s,
    const struct policy *policy, const struct address *sender,
    struct text domain, int64_t now);

/* Is there a domain of the sender that could be asked about, a name? */
bool sender_has_name(const struct address *sender);

#endif
