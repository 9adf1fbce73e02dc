/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream.h - bytes to and from a server that cannot make us hang: a
 * non-blocking socket, every wait bounded by the time-out of the command and
 * by the end of the whole run.
 */
#ifndef PROBE_STREAM_H
#define PROBE_STREAM_H

#include <stdint.h>
#include <sys/socket.h>

#include "milter/probe/tls.h"
#include "policy/text.h"

#define STREAM_INPUT_MAX 4096

enum smtp_status {
	SMTP_OK = 0,
	SMTP_REFUSED,     /* nobody listens */
	SMTP_UNREACHABLE, /* or another error of the network */
	SMTP_BAD_SOURCE,  /* the source is not an address of this machine */
	SMTP_TIMEOUT,
	SMTP_OVER,        /* the time of the whole run is used up */
	SMTP_CLOSED,      /* the server closed, or said 421 */
	SMTP_NO_SERVICE,  /* the banner or the greeting was a refusal */
	SMTP_GARBAGE,     /* an answer that is not SMTP */
	SMTP_NO_TLS       /* none can be had, or its certificate is no good */
};
const char *smtp_status_text(enum smtp_status s);

struct stream {
	int fd;           /* -1 = not connected */
	int timeout_ms;   /* for one command, or the connect */
	int64_t end;      /* clock_ms() at which the run is over */
	struct tls *tls;  /* NULL: in the clear */
	size_t n;         /* bytes in in */
	char in[STREAM_INPUT_MAX];
};

/*
 * Connect to the address to, from the address from unless it is NULL.  After
 * anything but SMTP_OK s is not connected.
 */
enum smtp_status stream_connect(struct stream *s, const struct sockaddr *to,
    socklen_t to_n, const struct sockaddr *from, socklen_t from_n);

/*
 * Go on in TLS.  about becomes a description, or tells what is wrong when it
 * is SMTP_NO_TLS.
 */
enum smtp_status stream_secure(struct stream *s, const struct tls_wish *wish,
    char about[TLS_ABOUT_MAX]);

/* When a reply that is asked for now must be there, clock_ms(). */
int64_t stream_deadline(const struct stream *s);

/* At least one more byte in s->in; SMTP_GARBAGE when it is full. */
enum smtp_status stream_fill(struct stream *s, int64_t deadline);

/* The first n bytes of s->in are used up. */
void stream_drop(struct stream *s, size_t n);

/* Send all of bytes. */
enum smtp_status stream_put(struct stream *s, struct text bytes);

/* Close at once; nothing when not connected. */
void stream_close(struct stream *s);

#endif
