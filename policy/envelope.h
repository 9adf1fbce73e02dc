/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * envelope.h - what a client and its MTA told us about one recipient, and what
 * the world told us about the sender.  Pure data; all text is borrowed and may
 * hold any byte.
 */
#ifndef POLICY_ENVELOPE_H
#define POLICY_ENVELOPE_H

#include <stdint.h>

#include "policy/network.h"
#include "policy/text.h"

struct envelope {
	struct ip client;
	struct text helo;      /* recorded, never trusted */
	struct text auth;      /* identity the MTA authenticated; empty = none */
	struct text certificate; /* subject, if the MTA has verified it */
	/*
	 * The client's name in the DNS, if it leads back to its address.
	 * Whoever owns the address chooses it.
	 */
	struct text client_name;
	struct text sender;    /* MAIL argument as typed */
	struct text auth_claim; /* value of its AUTH= (RFC 4954 5), as typed */
	struct text recipient; /* RCPT argument as typed; empty at MAIL */
	struct text own_name;  /* the MTA's macro j; empty = not known */
	struct ip own_address; /* the MTA's {if_addr} */
	bool utf8;             /* the client said SMTPUTF8 (RFC 6531) */
	/*
	 * Where the MTA itself says this recipient goes: its macros
	 * {rcpt_mailer} and {rcpt_addr}; empty = not known.
	 */
	struct text rcpt_mailer;
	struct text rcpt_address;
};

/* A question to the world has three answers. */
enum answer {
	ANSWER_UNKNOWN, /* not asked, or no answer: never a reason to refuse */
	ANSWER_YES,
	ANSWER_NO
};

struct policy;

struct facts {
	int64_t now;                /* Unix time, for entries that expire */
	/* who has logged in lately: client entries alone; NULL = nobody */
	const struct policy *roaming;
	/* of the sender's domain, by the DNS */
	enum answer sender_domain;   /* does it exist? */
	enum answer sender_mail;     /* does it take mail?  No: null MX */
	enum answer sender_answered; /* could the DNS say so? */
	struct text sender_domain_said; /* in words, for the record; or empty */
	/* of SPF (RFC 7208) */
	enum answer spf;          /* may this client send as that sender? */
	enum answer spf_record;   /* is what is published right? */
	enum answer spf_answered; /* could all of it be asked? */
	struct text spf_said;     /* in words, for the record; or empty */
};

#endif
