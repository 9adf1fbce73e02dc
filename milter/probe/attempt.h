/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempt.h - one transaction: RSET, MAIL, the recipients; no DATA, but to
 * prove that a recipient that was accepted is delivered to.
 */
#ifndef PROBE_ATTEMPT_H
#define PROBE_ATTEMPT_H

#include "milter/probe/contact.h"

/*
 * Send test t in the spelling of a, which is otherwise all zero, and fill a.
 * A transaction cut short on a connection already used is sent once more on a
 * new one; cut short on a fresh one it is OUTCOME_UNTESTED.
 */
void attempt_run(struct contact *c, struct probe_attempt *a,
    const struct probe_test *t);

#endif
