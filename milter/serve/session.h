/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session.h - what the milter door remembers of one SMTP session between the
 * callbacks, and how many sessions there are.  libmilter calls back for one
 * session from different threads, but never from two at a time.
 */
#ifndef SERVE_SESSION_H
#define SERVE_SESSION_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "milter/judge/sender_mark.h"
#include "policy/envelope.h"

/* Shared by all sessions of one daemon. */
struct sessions {
	atomic_ulong count;  /* open now */
	atomic_ulong total;  /* ever opened: the number of the next one */
	atomic_uint busy;    /* callbacks running now */
	atomic_ulong limit;  /* more than that are deferred */
	/* when it was last logged, Unix time */
	atomic_long said_overload, said_no_marks;
};

struct session {
	struct sessions *all;
	unsigned long number;
	bool over_limit; /* opened beyond the limit, and no room since */
	bool connected;  /* we know who the client is and who we are */
	bool silent;     /* the MTA awaits no reply to connect and helo */
	bool marks;      /* it lets us see and change header fields */
	bool silent_fields; /* and awaits no reply to one */
	struct ip client;
	struct ip own_address;
	char *own_name, *helo;               /* heap; NULL = none */
	char *client_name;                   /* leads back to the address */
	char *queue_id, *auth, *sender;      /* of the message at hand */
	char *certificate;                   /* verified by the MTA */
	char *auth_claim;                    /* AUTH= of MAIL */
	bool utf8;                           /* it came with SMTPUTF8 */
	struct sender_findings findings;     /* about its sender */
	struct sender_forged forged;         /* in its header */
};

/* Opens and counts a session; NULL when out of memory. */
struct session *session_new(struct sessions *all);

/*
 * Is there no room for this session?  One that was opened within the limit
 * keeps its room; one that was not gets it as soon as there is some.
 */
bool session_is_too_many(struct session *s);

/* Is it time to say it again?  Once a minute, whatever MTAs and clients do. */
bool session_may_say(atomic_long *last);

/* Closes and uncounts it; NULL is fine. */
void session_free(struct session *s);

/* Forget the message, keep the connection. */
void session_clear_message(struct session *s);

/*
 * Replace the string *at by a copy of value (NULL: none), cut at 1 KiB: more
 * than any address that is read, so that a cut one is refused as too long.
 * 0, or -1 when out of memory (then *at is NULL).
 */
int session_keep(char **at, const char *value);

/* The address of the client; IP_NONE for anything but IPv4 and IPv6. */
struct ip session_client(const struct sockaddr *address);

/* What the session knows, as an envelope without a recipient; borrowed. */
struct envelope session_envelope(const struct session *s);

#endif
