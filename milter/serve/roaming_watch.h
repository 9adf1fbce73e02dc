/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * roaming_watch.h - keeps who has logged in lately in force: looks at the file
 * of roaming clients and swaps in what it says when that has changed.
 */
#ifndef SERVE_ROAMING_WATCH_H
#define SERVE_ROAMING_WATCH_H

#include <sys/stat.h>

#include "milter/judge/current.h"

struct roaming_watch {
	struct current *current; /* where to; of the caller */
	char *path;              /* heap; NULL before the first use */
	struct stat seen;        /* the file as last read */
};

/* Watch this file from now on, and read it at once; "" is an empty one. */
void roaming_watch_use(struct roaming_watch *w, const char *path);

/* Read the file if it has changed; with mistakes what was in force stays. */
void roaming_watch_look(struct roaming_watch *w);

#endif
