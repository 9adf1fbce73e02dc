/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * contact.h - contact with one server over several connections: connect,
 * greet, learn the server's name, and know when to give up.
 */
#ifndef PROBE_CONTACT_H
#define PROBE_CONTACT_H

#include "milter/probe/prove.h"

struct contact {
	struct probe_result *result; /* names, banner, connections: filled */
	const char *fallback;  /* the server's name when it tells none */
	struct smtp_peer peer;
	struct smtp smtp;
	struct prover *prover; /* NULL: recipients only, never a message */
	bool claimed;      /* greeted with a claim of some test */
	int pause_ms;      /* from one transaction to the next, at least */
	int64_t due;       /* clock_ms() of the next */
	unsigned timeouts; /* mishaps in a row */
	unsigned cuts;
	const char *gone;  /* why nothing more is tried; NULL = go on */
};

/*
 * Be connected and greeted with our address, with a few tries.  False: no
 * contact is possible, gone says why and nothing will be tried later.
 */
bool contact_open(struct contact *c);

/*
 * The same on a connection of its own, greeted with this claim; a server that
 * refuses the claim has answered too, see reply.  Anything but SMTP_OK: there
 * is no connection, which says nothing about others.
 */
enum smtp_status contact_claim(struct contact *c, const char *claim,
    struct reply *reply);

/* Wait until the next transaction is due, see pause_ms. */
void contact_pace(struct contact *c);

/* How a transaction ended; too many mishaps in a row set gone. */
void contact_count(struct contact *c, enum smtp_status st);

/* Forget all mishaps, and that we gave up. */
void contact_forgive(struct contact *c);

/* Say QUIT, close. */
void contact_quit(struct contact *c);

#endif
