/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catch_session.h - the server side of SMTP as far as the catcher needs it:
 * one client's lines in, replies out, and which of our messages it brought.
 * Mail that is not ours is put off (451), so that nobody loses any.  No I/O.
 */
#ifndef PROBE_CATCH_SESSION_H
#define PROBE_CATCH_SESSION_H

#include "policy/text.h"

/* The field of a message that holds its token. */
#define CATCH_FIELD "X-Relayguard-Probe:"
/* A run's nonce in hex digits; a token is NONCE-NNNN, the number in hex. */
#define CATCH_NONCE 32
#define CATCH_TOKENS_MAX 1024
/* A longer message is not ours; in bytes. */
#define CATCH_MESSAGE_MAX (1024u * 1024)

#define CATCH_NOBODY CATCH_TOKENS_MAX /* no token of this run */

/* What one message was. */
struct catch_found {
	unsigned delivered; /* number in its own token, or CATCH_NOBODY */
	unsigned bounced;   /* ours is quoted in it, or CATCH_NOBODY */
};

struct catch_session {
	const char *nonce; /* CATCH_NONCE digits; the caller's */
	unsigned recipients;
	bool data; /* a message is coming */
	bool body; /* and its header is over */
	size_t bytes;
	struct catch_found found; /* of the message */
};

/* What a client is told at first. */
extern const char catch_banner[];

/*
 * Take one line, without its end.  The reply, all of it with CR LF, or NULL
 * for none.  found is filled at the end of a message of ours; both numbers
 * are CATCH_NOBODY otherwise.  quit: close after the reply.
 */
const char *catch_line(struct catch_session *s, struct text line,
    struct catch_found *found, bool *quit);

/* A piece of a line that is too long for one: may only be part of a message. */
void catch_piece(struct catch_session *s, struct text piece);

#endif
