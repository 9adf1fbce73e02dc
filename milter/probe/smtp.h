/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * smtp.h - commands to a mail server and its replies.  What answers may also
 * be a door of the guard itself, which then speaks as a mail server would.
 */
#ifndef PROBE_SMTP_H
#define PROBE_SMTP_H

#include <netinet/in.h>

#include "milter/probe/reply.h"
#include "milter/probe/stream.h"
#include "milter/probe/transcript.h"
#include "policy/network.h"

#define SMTP_OUTPUT_MAX 2048 /* longest command, with CR LF and NUL */
#define SMTP_ANSWER_MAX 1024

struct smtp_peer {
	struct ip address;
	uint16_t port;
	struct ip source; /* IP_NONE: let the system choose */
};

/*
 * Another way to ask than SMTP, see door.h.  Each answer is a reply of SMTP
 * without the last line's end, "550 5.7.1 Relaying denied".
 */
struct smtp_door {
	enum smtp_status (*open)(struct smtp_door *d, struct stream *s,
	    const struct smtp_peer *peer, char answer[SMTP_ANSWER_MAX]);
	enum smtp_status (*ask)(struct smtp_door *d, struct stream *s,
	    const char *line, char answer[SMTP_ANSWER_MAX]);
};

struct smtp {
	struct stream stream;
	struct smtp_door *door; /* NULL: a mail server; the caller's */
	struct transcript *log; /* may be NULL; the caller's */
	const struct tls_wish *tls; /* NULL: none; the caller's */
	char about[TLS_ABOUT_MAX]; /* its TLS, or why there is none; or "" */
};

/*
 * Connect and read the banner into banner; own becomes the address we come
 * from.  On anything but SMTP_OK s is not connected.
 */
enum smtp_status smtp_open(struct smtp *s, const struct smtp_peer *peer,
    struct ip *own, struct reply *banner);

/* Go on in TLS; on anything but SMTP_OK s is not connected any more. */
enum smtp_status smtp_secure(struct smtp *s);

/*
 * Send line (CR LF is added) and read the reply, all of it.  421 is
 * SMTP_CLOSED, with the reply filled in.  After anything but SMTP_OK the
 * connection is closed: nobody knows any more which reply belongs to what.
 */
enum smtp_status smtp_ask(struct smtp *s, const char *line, struct reply *r);

/*
 * Send a message after DATA: lines with CR LF, none of which begins with a
 * dot but for the last, which is one.  Otherwise as smtp_ask().
 */
enum smtp_status smtp_message(struct smtp *s, const char *message,
    struct reply *r);

/* Is there a connection? */
bool smtp_is_open(const struct smtp *s);

/* Close at once; nothing when not connected. */
void smtp_close(struct smtp *s);

union smtp_address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};
/* Fill out, which is all of it; returns the length that counts. */
socklen_t smtp_sockaddr(const struct ip *ip, uint16_t port,
    union smtp_address *out);

/* The address the system would come from towards peer; false: no route. */
bool smtp_source_towards(const struct smtp_peer *peer, struct ip *out);

#endif
