/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record.h - writes down what the guard decided: one JSON line each into the
 * audit file and a short line to syslog.  Nothing that goes wrong here holds
 * up or changes a decision: what cannot be written is counted as lost, and
 * syslog is told once.
 *
 * The file is opened with O_APPEND and each record is one write(), so several
 * writers do not mix.  It is never reached through a symbolic link and is
 * never anything but a regular file.  Rotation: rename it; a new one is begun
 * within a second, or at once after audit_reopen().  After a write that came
 * out short (disk full) the next record begins on a line of its own.
 */
#ifndef AUDIT_RECORD_H
#define AUDIT_RECORD_H

#include "milter/audit/line.h"

struct audit_options {
	const char *path;        /* NULL or "": no file */
	bool accepted;           /* record accepted recipients as well */
	bool syslog;             /* refusals and deferrals to syslog too */
	const char *syslog_path; /* NULL: /dev/log */
};

struct audit;

/*
 * NULL on failure, with a message that names the path in error[cap].  The
 * file is created with mode 0640 when it does not exist.  Troubles with the
 * file go to syslog whether or not decisions do.
 */
struct audit *audit_open(const struct audit_options *options, char *error,
    size_t cap);
void audit_close(struct audit *a);

/*
 * Record a decision: refusals and deferrals always, accepted recipients when
 * the options say so (never to syslog).  Safe from any thread.
 */
void audit_write(struct audit *a, const struct audit_decision *d);

/*
 * Open the path anew, after rotation.  Returns 0, or -1 when that failed: the
 * file opened before stays in use, unless it has been deleted.  Safe from any
 * thread, not from a signal handler.
 */
int audit_reopen(struct audit *a);

/* Records that are in the file, and records that should be but are not. */
unsigned long audit_written(const struct audit *a);
unsigned long audit_lost(const struct audit *a);

/* Lines that syslog did not take. */
unsigned long audit_syslog_dropped(const struct audit *a);

#endif
