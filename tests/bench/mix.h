/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mix.h - the envelopes that the benchmark sends: honest mail for our domains
 * and, in between, the tricks of those who look for an open relay.  All are
 * computed from a session's number, so that every run sends the same ones and
 * the right answer to each is known beforehand.
 */
#ifndef TESTS_MIX_H
#define TESTS_MIX_H

#include <stdbool.h>

/* Who the mail server under test says to be. */
#define MIX_HOST "mail.example.org"
#define MIX_ADDRESS "192.0.2.25"

/*
 * The policy that gives the right answers: "local" and "relay" lines.  Filler
 * entries may be added as long as they do not name example.* domains or the
 * networks 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32.
 */
#define MIX_LOCAL "example.org"          /* itself and below */
#define MIX_RELAY "partner.example.com"  /* itself only */

#define MIX_TEXT_MAX 128

struct mix_session {
	unsigned number;
	bool abusive; /* every recipient must be refused, else none */
	char client[MIX_TEXT_MAX]; /* an address, without "IPv6:" */
	char helo[MIX_TEXT_MAX];
	char sender[MIX_TEXT_MAX]; /* MAIL argument, fine in itself */
};

struct mix_recipient {
	char argument[MIX_TEXT_MAX]; /* RCPT argument */
	const char *mailer;          /* where the MTA says that it goes: */
	const char *host;            /* {rcpt_mailer}, {rcpt_host} and */
	char addr[MIX_TEXT_MAX];     /* {rcpt_addr} */
};

/* abusive: percent of the sessions, spread evenly. */
void mix_session(unsigned number, unsigned abusive, struct mix_session *out);

/* The n-th recipient of a session. */
void mix_recipient(const struct mix_session *s, unsigned n,
    struct mix_recipient *out);

#endif
