/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * door.h - the guard's own doors, asked as a mail server asks them, but for
 * any client address and without a mail server.  Commands and answers are
 * those of SMTP, so that the runner need not know the difference.
 */
#ifndef PROBE_DOOR_H
#define PROBE_DOOR_H

#include "milter/probe/result.h"

struct door {
	struct smtp_door smtp; /* first: a door is one */
	const char *socket;    /* "unix:PATH", "PATH", "inet:PORT@HOST" */
	const struct probe_names *names; /* the caller's; read when asked */
	struct ip client;
	char sender[PROBE_ARGUMENT_MAX]; /* of the transaction */
	char helo[PROBE_ARGUMENT_MAX];
	uint32_t steps; /* milter: what it does not want to be asked */
	bool over;      /* milter: it has accepted the whole session */
};

/* Is it a socket these functions can connect to?  NULL, or what is wrong. */
const char *door_check(const char *socket);

/*
 * A door at this socket; kind is not DOOR_SMTP.  socket and names must live
 * as long as d.
 */
void door_init(struct door *d, enum probe_door kind, const char *socket,
    const struct probe_names *names);

/* Connect to d->socket; as stream_connect(). */
enum smtp_status door_connect(const struct door *d, struct stream *s);

/* The two ways to ask, see struct smtp_door. */
extern const struct smtp_door door_milter;
extern const struct smtp_door door_map;

/* What follows "MAIL FROM:" or "RCPT TO:" in line, or an empty text. */
struct text door_argument(const char *line, const char *command);

#endif
