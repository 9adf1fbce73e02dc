/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker_wake.h - nobody waits because others wait for the DNS.
 *
 * libmilter has a pool of threads.  It leaves a command to a thread that is
 * idle, and does not see that others have been left to the same one; such a
 * command lies there until some thread is through, which is seconds while all
 * of them wait for a dead DNS.  Whoever connects makes it start a thread when
 * none is idle, and each thread looks for commands that lie there before it
 * rests.  So while somebody waits, the guard connects to its own socket now and
 * then.
 */
#ifndef SERVE_WORKER_WAKE_H
#define SERVE_WORKER_WAKE_H

#include <stdbool.h>

struct worker_wake;

/* For the door at this socket, in libmilter's notation; NULL with errno. */
struct worker_wake *worker_wake_start(const char *socket);

/* A wait begins or ends; with is a struct worker_wake.  From any thread. */
void worker_wake_waiting(void *with, bool begins);

/* Nobody may tell of waits any more; w may be NULL. */
void worker_wake_stop(struct worker_wake *w);

#endif
