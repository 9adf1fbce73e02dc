/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status_read.h - what the running guard wrote to its status_file, for the
 * commands that look at it.
 */
#ifndef SOURCE_STATUS_READ_H
#define SOURCE_STATUS_READ_H

#include <jansson.h>

#include "conf/complaint.h"
#include "conf/conf.h"

/*
 * The status of the guard that conf starts, to be decref'd; NULL with c told
 * why there is none, as when it does not run.
 */
json_t *status_read(const struct conf *conf, struct complaints *c);

/*
 * When a process began, in ticks since the machine did: what tells it from a
 * later one with the same number.  0: not known, or there is none.
 */
json_int_t status_birth(json_int_t pid);

/* The integer at a path of names like "directory.held.lost"; 0: none there. */
json_int_t status_number(const json_t *status, const char *path);

/* The text there, or "". */
const char *status_text(const json_t *status, const char *path);

/* Whatever is there; NULL: nothing, or null. */
const json_t *status_at(const json_t *status, const char *path);

#endif
