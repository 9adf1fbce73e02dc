/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decide.h - envelope + policy + facts -> verdict.  The whole judgement, pure:
 * no I/O, no clock, no allocation, no state.  The verdict borrows from envelope
 * and policy: it is valid as long as both, and must not be moved or copied.
 */
#ifndef POLICY_DECIDE_H
#define POLICY_DECIDE_H

#include "policy/envelope.h"
#include "policy/verdict.h"

/*
 * At MAIL: may this client use this sender?  Never refuses <> or postmaster.
 * policy may be NULL: then the verdict is VERDICT_DEFER.
 */
void decide_sender(const struct policy *policy, const struct envelope *e,
    const struct facts *facts, struct verdict *out);

/*
 * At RCPT: may mail go to this recipient?  Accepts iff the client is trusted
 * or the plain domain and the host of every reading are allowed, and then, from
 * a stranger, nothing among the facts speaks against the sender.
 */
void decide_recipient(const struct policy *policy, const struct envelope *e,
    const struct facts *facts, struct verdict *out);

#endif
