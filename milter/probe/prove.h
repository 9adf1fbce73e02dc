/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prove.h - --prove: an accepted recipient gets a message with a token, and a
 * catcher, which the tester has made the server's next hop, tells whether it
 * was delivered.  Only to names and addresses that are nobody's.
 */
#ifndef PROBE_PROVE_H
#define PROBE_PROVE_H

#include "milter/probe/catcher.h"

struct prover {
	struct catcher *catcher;
	char nonce[CATCH_NONCE + 1];
	unsigned used; /* messages sent */
	int wait_s;    /* for those that have not arrived, after the last */
};

/*
 * Why no message may be sent with these names, of which server may be "" and
 * must have been given to the run otherwise; NULL when it may.
 */
const char *prove_objection(const struct probe_names *names,
    const struct ip *literal, const struct ip *target);

/* Start the catcher.  NULL, or why not; p needs no prove_end() then. */
const char *prove_begin(struct prover *p, const struct ip *ip, uint16_t port,
    int wait_s);

/* Does a message follow when this test or control is accepted? */
bool prove_wants(const struct probe_test *t);

/* After accepted recipients: send the message, fill proof and token of a. */
enum smtp_status prove_send(struct prover *p, struct smtp *s,
    const struct probe_names *names, const struct probe_test *t,
    struct probe_attempt *a);

/*
 * Wait until every message sent has been seen, or wait_s, or clock_ms() is
 * end; then fill the proofs of r.
 */
void prove_collect(struct prover *p, struct probe_result *r, int64_t end);

void prove_end(struct prover *p);

#endif
