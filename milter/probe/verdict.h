/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h - what a run means: from its results alone.
 */
#ifndef PROBE_VERDICT_H
#define PROBE_VERDICT_H

#include "milter/probe/result.h"

/* What an accepted test shows. */
enum verdict_sign {
	SIGN_NONE,  /* not accepted, or its message was refused or bounced */
	SIGN_OPEN,  /* unclear: the server takes any name at its own domain,
		       or a message was accepted and has not arrived */
	SIGN_BESIDE, /* unclear: for a host beside it, perhaps its owner's */
	SIGN_TWO_HOPS, /* passed on as it is: the next server may relay it */
	SIGN_RELAYS
};

/* Of a test of r, after the controls have run. */
enum verdict_sign verdict_sign(const struct probe_result *r,
    const struct probe_score *s);

/*
 * Set verdict and reasons.  A recipient accepted for a stranger is a fact
 * whatever the other controls say: PROBE_RELAYS; unless control S shows that
 * the source is no stranger: PROBE_INVALID.  Otherwise, when the honest
 * recipient was not accepted before and after, refusals mean nothing:
 * PROBE_INVALID.
 */
void verdict_judge(struct probe_result *r);

#endif
