/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h - the answer to one question, and the chain of reasons that led
 * to it: the same chain that `check` prints and the audit record keeps.
 */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

#include "policy/policy.h"
#include "policy/rules.h"

enum verdict_action {
	VERDICT_DEFER, /* first, so that forgotten memory defers: 451 */
	VERDICT_ACCEPT,
	VERDICT_REFUSE
};
/* "accept", "refuse", "defer". */
const char *verdict_action_text(enum verdict_action a);

enum reason_kind {
	REASON_CLIENT_LOOPBACK,  /* trusted: the machine itself */
	REASON_CLIENT_NETWORK,   /* trusted: an entry names its network */
	REASON_CLIENT_DENIED,    /* not trusted: an entry takes it back */
	REASON_CLIENT_UNTRUSTED, /* no entry names it */
	REASON_AUTH_TRUSTED,     /* authenticated; with entry, or none needed */
	REASON_AUTH_UNLISTED,    /* authenticated, but no entry names it */
	REASON_AUTH_DENIED,      /* authenticated, but an entry denies it */
	REASON_CERTIFICATE_TRUSTED,  /* verified, and an entry names it */
	REASON_CERTIFICATE_UNLISTED, /* verified, but no entry names it */
	REASON_CERTIFICATE_DENIED,   /* verified, but an entry denies it */
	REASON_NAME_TRUSTED,     /* an entry names its name in the DNS */
	REASON_NAME_DENIED,      /* an entry denies it */
	REASON_ROAMING,          /* trusted: logged in from there lately */
	REASON_ONLY,             /* trusted for the listed domains alone */
	REASON_SENDER,           /* who the sender says to be */
	REASON_SENDER_DOMAIN,    /* what the DNS says of the sender's domain */
	REASON_SPF,              /* what SPF says of client and sender */
	REASON_MALFORMED,        /* subject: what is wrong; at: byte */
	REASON_HERE,             /* destination is this host */
	REASON_LOCAL,            /* destination is a local domain */
	REASON_RELAY,            /* destination is a relay domain */
	REASON_LISTED,           /* this client may send there */
	REASON_DENIED,           /* destination is denied by an entry */
	REASON_FOREIGN,          /* destination is none of ours */
	REASON_PROGRAM,          /* no destination, but a program or file */
	REASON_MTA,              /* what the MTA makes of the recipient */
	REASON_TOO_MANY,         /* more readings than anybody honest has */
	REASON_RULE,             /* the rule that refuses */
	REASON_RULE_DEFERS,      /* the rule that says "try again later" */
	REASON_RULE_OFF,         /* one that would do either, but is off */
	REASON_NO_POLICY,        /* no policy loaded: defer */
	REASON_WAITING,          /* not all of it is loaded: defer */
	REASON_OVERLOAD          /* too many sessions: defer */
};

/* One link of the chain.  Text is borrowed from envelope and policy. */
struct reason {
	enum reason_kind kind;
	enum form form;          /* for destinations: by which reading */
	struct text subject;     /* host, identity, words; may be empty */
	bool has_entry;
	struct policy_entry entry; /* the entry that says so */
	size_t at;               /* REASON_MALFORMED: byte offset */
};

/* Plain domain + all readings + client, lists, sender, DNS, MTA, rule. */
#define REASONS_MAX (READINGS_MAX + 16)

struct verdict {
	enum verdict_action action;
	/* VERDICT_REFUSE: never NULL; VERDICT_DEFER: NULL when it is our fault */
	const struct rule *rule;
	bool trusted;            /* the client may relay anywhere */
	/* nobody vouches for the client: the DNS may be asked about its mail */
	bool stranger;
	size_t n;
	struct reason reason[REASONS_MAX];
	struct readings readings; /* reasons point into its scratch */
};

/* Longest line of reason_print, with the NUL. */
#define REASON_TEXT_MAX 1200

/*
 * One reason as a line for people, escaped, NUL-terminated, into out.  The
 * policy is the one the verdict was made with (for origins); may be NULL.
 */
const char *reason_print(const struct reason *r, const struct policy *p,
    char out[REASON_TEXT_MAX]);

/* Stable machine name of a reason: "relay", "foreign". */
const char *reason_name(enum reason_kind kind);

/*
 * Accepted, and relaying is granted: the client is trusted, or some destination
 * is another host than ours.
 */
bool verdict_relays(const struct verdict *v);

/*
 * The policy was not all there is, more may be granted by the rest: a refusal
 * becomes VERDICT_DEFER, unless the recipient is none in any policy.
 */
void verdict_wait(struct verdict *v);

/* Is this reason about a destination (HERE .. FOREIGN)? */
bool reason_is_destination(enum reason_kind kind);

#endif
