/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * smtp.h - an SMTP client connection that cannot hang: a non-blocking socket,
 * bound to its source before it connects, every wait bounded by the time-out
 * of the command and by the end of the whole run.
 */
#ifndef PROBE_SMTP_H
#define PROBE_SMTP_H

#include "milter/probe/reply.h"
#include "milter/probe/transcript.h"
#include "policy/network.h"

#define SMTP_INPUT_MAX 4096
#define SMTP_OUTPUT_MAX 2048 /* longest command, with CR LF and NUL */

enum smtp_status {
	SMTP_OK = 0,
	SMTP_REFUSED,     /* nobody listens */
	SMTP_UNREACHABLE, /* or another error of the network */
	SMTP_BAD_SOURCE,  /* the source is not an address of this machine */
	SMTP_TIMEOUT,
	SMTP_OVER,        /* the time of the whole run is used up */
	SMTP_CLOSED,      /* the server closed, or said 421 */
	SMTP_NO_SERVICE,  /* the banner or the greeting was a refusal */
	SMTP_GARBAGE      /* an answer that is not SMTP */
};
const char *smtp_status_text(enum smtp_status s);

struct smtp_peer {
	struct ip address;
	uint16_t port;
	struct ip source; /* IP_NONE: let the system choose */
};

struct smtp {
	int fd;           /* -1 = not connected */
	int timeout_ms;   /* for one command, or the connect */
	int64_t end;      /* clock_ms() at which the run is over */
	struct transcript *log; /* may be NULL; the caller's */
	size_t n;
	char in[SMTP_INPUT_MAX];
};


/*
 * Connect and read the banner into banner; own becomes the address we come
 * from.  On anything but SMTP_OK s is not connected.
 */
enum smtp_status smtp_open(struct smtp *s, const struct smtp_peer *peer,
    struct ip *own, struct reply *banner);

/*
 * Send line (CR LF is added) and read the reply, all of it.  421 is
 * SMTP_CLOSED, with the reply filled in.  After anything but SMTP_OK the
 * connection is closed: nobody knows any more which reply belongs to what.
 */
enum smtp_status smtp_ask(struct smtp *s, const char *line, struct reply *r);

/* Close at once; nothing when not connected. */
void smtp_close(struct smtp *s);

/* The address the system would come from towards peer; false: no route. */
bool smtp_source_towards(const struct smtp_peer *peer, struct ip *out);

#endif
