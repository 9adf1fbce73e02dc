/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catcher.h - the next hop of a mail server under test: a small SMTP server in
 * a thread of its own, which notes the messages of this run and keeps none.
 */
#ifndef PROBE_CATCHER_H
#define PROBE_CATCHER_H

#include "milter/probe/catch_session.h"
#include "milter/probe/result.h"

struct catcher;

/*
 * Listen, and serve until catcher_stop().  nonce has CATCH_NONCE hex digits
 * and must live as long.  NULL, with why, when the address cannot be had.
 */
struct catcher *catcher_start(const struct ip *ip, uint16_t port,
    const char *nonce, const char **why);

/* What became of the message with this number so far. */
enum probe_proof catcher_seen(struct catcher *c, unsigned number);

/* End the thread, free c; NULL is fine. */
void catcher_stop(struct catcher *c);

#endif
