/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * directory_watch.h - the directory in the life of the daemon: followed as the
 * configuration says, looked after once a second, confirmed by a file that
 * "relayguard policy confirm" leaves in state_dir.
 */
#ifndef SERVE_DIRECTORY_WATCH_H
#define SERVE_DIRECTORY_WATCH_H

#include "milter/serve/combine.h"
#include "milter/source/directory.h"

struct directory_watch {
	struct combine *combine; /* where to; of the caller */
	struct directory *directory; /* NULL: none */
	struct conf *conf;       /* its options; ours */
	bool wrong_confirmation; /* said so */
};

/*
 * Follow what conf names; with the same options as before, have all told anew.
 * true: conf is the watch's now.  Troubles are said; then the guard goes on
 * with what is in force.
 */
bool directory_watch_use(struct directory_watch *w, struct conf *conf);

void directory_watch_tick(struct directory_watch *w);

/* Stop following. */
void directory_watch_end(struct directory_watch *w);

#endif
