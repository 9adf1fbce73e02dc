/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * door_milter_mark.h - the part of the milter door that changes mail: results
 * of SPF into its header, forged ones out of it.  The MTA is asked for what
 * that needs only while mail is marked.
 */
#ifndef SERVE_DOOR_MILTER_MARK_H
#define SERVE_DOOR_MILTER_MARK_H

#include <libmilter/mfapi.h>

#include "milter/serve/session.h"

/* libmilter takes char * for strings that it only copies. */
static inline char *
plain(const char *s)
{
	return (char *)(uintptr_t)s;
}

/*
 * Want header fields, and to change them, if the MTA offers that; else mail of
 * this session is not marked, which the log says once a minute.
 */
void door_milter_mark_negotiate(struct session *s,
    unsigned long offered_actions, unsigned long offered_steps,
    unsigned long *actions, unsigned long *steps);

/* At the end of the message; false: trouble of ours. */
bool door_milter_mark_message(SMFICTX *ctx, struct session *s);

#endif
