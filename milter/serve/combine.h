/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * combine.h - puts the policy of the files and that of the directory in force
 * together, whichever of them changes, from any thread.
 */
#ifndef SERVE_COMBINE_H
#define SERVE_COMBINE_H

#include <pthread.h>

#include "milter/judge/current.h"

struct combine {
	pthread_mutex_t lock;
	struct current *current; /* where to; of the caller */
	struct policy *files, *directory;
	bool wants_directory; /* at the start nothing is in force without */
	bool serves;          /* something is in force */
	struct rule_modes modes;
};

void combine_init(struct combine *c, struct current *current);

/*
 * What the files say now; policy is c's from now on.  Where a directory is
 * wanted that has told nothing, what the files do not grant is deferred; at the
 * start, when a denial of the directory may be lost, all is.  0, or -1 when out
 * of memory: then all stays as it was, and policy is freed.
 */
int combine_files(struct combine *c, struct policy *policy,
    const struct rule_modes *modes, bool wants_directory);

/* The same for the directory; with is a struct combine. */
void combine_directory(void *with, struct policy *policy);

void combine_free(struct combine *c);

#endif
