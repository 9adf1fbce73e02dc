/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status_file.h - how it stands with the guard, as a JSON file for "relayguard
 * status" and for monitoring; written when something has changed.
 */
#ifndef SERVE_STATUS_FILE_H
#define SERVE_STATUS_FILE_H

#include <time.h>

#include "milter/audit/record.h"
#include "milter/judge/current.h"
#include "milter/serve/session.h"
#include "milter/source/directory.h"

struct status_file {
	char *path;         /* "": none */
	time_t started;
	char *last;         /* what is in it; NULL: nothing yet */
	bool cannot_write;  /* said so */
};

/* What it tells about; all borrowed. */
struct status_of {
	struct current *current;
	struct sessions *sessions;
	struct audit *audit;
	struct directory *directory; /* NULL: none */
};

/* From now on into this file. */
void status_file_use(struct status_file *f, const char *path);

void status_file_tick(struct status_file *f, const struct status_of *of);

/* The guard ends: the file goes. */
void status_file_end(struct status_file *f);

#endif
