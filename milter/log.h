/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.h - what the program itself has to say, to standard error: one line
 * each, "relayguard: ..." (journald or the terminal takes it from there).
 * Decisions about mail go to the audit record instead.
 */
#ifndef MILTER_LOG_H
#define MILTER_LOG_H

#include "conf/complaint.h"

/* A line; bytes that are not printable ASCII are escaped. */
__attribute__((format(printf, 1, 2))) void log_say(const char *format, ...);

/* Every complaint as "FILE:LINE: text" or, for a note, "FILE:LINE: note: ". */
void log_complaints(const struct complaints *c);

#endif
