/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * door_milter.h - the milter door: libmilter's callbacks turned into questions
 * to the judge.  Only CONTINUE, REJECT and TEMPFAIL ever leave it; never
 * ACCEPT, which would switch the guard off for the rest of the message.
 */
#ifndef SERVE_DOOR_MILTER_H
#define SERVE_DOOR_MILTER_H

#include "milter/judge/judge.h"
#include "milter/serve/session.h"
#include "milter/serve/worker_wake.h"

/* What the callbacks share; libmilter has no place for it but a global. */
struct door_milter {
	struct judge judge;
	struct sessions sessions;
	struct worker_wake *wake; /* NULL unless it is open */
};

/*
 * Register the callbacks and open the socket (libmilter notation).  door and
 * what it judges with must live until door_milter_close.  0, or -1.
 */
int door_milter_open(struct door_milter *door, const char *socket);

/* Serve until door_milter_stop; blocks.  0, or -1 on failure. */
int door_milter_run(void);

/* When no callback runs any more; also of one that was never opened. */
void door_milter_close(struct door_milter *door);

/* Make door_milter_run return, within libmilter's tick of 5 seconds. */
void door_milter_stop(void);

#endif
