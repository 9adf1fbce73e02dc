/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - the relay tests, one row each, in sets:
 *   P00..P19   the tests of the CERTCC-KR paper "SPAM RELAY TEST of mail
 *              servers" (2001; P00 is its basic one, without a number)
 *   T01..      what other relay testers send and the paper lacks
 *   G01..      operators in front of a relay domain: two hops
 *   P08.1..    further members of the class of a rule: id of the rule, a dot
 *              and a number
 * Each row names the rule of policy/rules.h that its trick belongs to; form
 * and reason are the rule's, so tests, guard, audit and documents speak of the
 * same things.  To add a test: one row in a table_*.c; numbers are never given
 * twice, because earlier results are compared by id.
 *
 * Templates are arguments of MAIL FROM: and RCPT TO: (the paper's as it prints
 * them, with the leading blank where it has one) with names in braces:
 *   {h}    the server's name       (certlinux.certcc.or.kr)
 *   {ip}   the server's literal    ([172.16.4.140])
 *   {addr} its address, no bracket (172.16.4.140)
 *   {own}  the tester's literal    ([211.252.150.11])
 *   {s}    the tester's domain     (kisa.or.kr)
 *   {d}    a foreign domain        (korea.com)
 *   {x}    another foreign domain
 *   {r}    a domain that the server relays to
 *   {u}    the tester's user       (ksch); with 90 appended, another one
 *   {local} an honest recipient of the server
 *   {l}    its domain
 *   {m}    the domain that the server's name is in
 */
#ifndef PROBE_TABLE_H
#define PROBE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define PROBE_RECIPIENTS_MAX 3

/* Where the trick of a test is: what a refusal at MAIL then means. */
enum probe_trick {
	/* The recipient: refused at MAIL, nobody has judged it yet. */
	TRICK_RECIPIENT,
	/* The sender, or HELO: refused there is refused. */
	TRICK_SENDER,
	/*
	 * The sender, and the paper ends there.  Only a recipient can relay:
	 * when the sender passes, a plain foreign one follows.
	 */
	TRICK_SENDER_ONLY
};

struct probe_test {
	const char *id;        /* "P08" */
	const char *rule;      /* id in policy/rules.h; NULL for a control */
	const char *what;      /* what it tests, a few words */
	enum probe_trick trick;
	const char *mail;
	const char *mail_expect; /* code and enhanced code in the paper */
	const char *rcpt[PROBE_RECIPIENTS_MAX + 1]; /* NULL-terminated */
	const char *rcpt_expect; /* of each recipient */
	const char *params;    /* after the sender: " AUTH=..."; or NULL */
	const char *helo;      /* claimed in EHLO; NULL: our literal */
	const char *source;    /* who else sends it; NULL: see table_lore() */
};

enum probe_profile {
	PROFILE_PAPER,
	PROFILE_CLASSIC, /* the T rows */
	PROFILE_GATEWAY, /* the G rows; want a relay domain */
	PROFILE_FULL     /* all rows */
};
#define PROFILES 4
/* "paper" ... */
const char *profile_text(enum probe_profile p);
/* The profile of this name; false when there is none. */
bool profile_find(const char *name, enum probe_profile *out);

/* The rows of a profile, 0 .. table_count() - 1; NULL beyond the end. */
size_t table_count(enum probe_profile p);
const struct probe_test *table_at(enum probe_profile p, size_t i);

/* The row with this id, case and all; NULL when there is none. */
const struct probe_test *table_find(const char *id);

/*
 * The control probes: 'A' foreign to foreign, 'B' foreign to an honest local
 * recipient, 'C' like A, for a source that the server trusts, 'N' foreign to
 * a local name that does not exist, 'R' foreign to the relay domain, 'S' like
 * A, from another source.
 */
const struct probe_test *table_control(char which);

/* The form its rule in policy/rules.h names: "percent-hack"; or "control". */
const char *table_form(const struct probe_test *t);

/* Why its rule refuses, one sentence; "" for a control. */
const char *table_why(const struct probe_test *t);

/* Is it one of the paper's, sent with and without brackets? */
bool table_is_paper(const struct probe_test *t);

/* Does it need {r}? */
bool table_wants_relay(const struct probe_test *t);

/*
 * Is it handed on to {r} as it is, so that only the next server can relay it?
 * Not a source route over {r}, whose recipient is elsewhere.
 */
bool table_is_two_hops(const struct probe_test *t);

/* Is it for a host beside the server, {m}, which may well be its owner's? */
bool table_is_beside(const struct probe_test *t);

/*
 * Does everything lie in the local part of a name of the server itself?  A
 * server that takes any name there proves nothing by taking this one.
 */
bool table_is_at_server(const struct probe_test *t);

/* What is known about the trick of a rule, for people. */
struct probe_lore {
	const char *rule;     /* id in policy/rules.h */
	const char *source;   /* RFC or paper */
	const char *honoured; /* by which mail servers, in which settings */
	const char *todo;     /* what to do when it relays */
};

/* Of the rule of t; never NULL, all "" for a control. */
const struct probe_lore *table_lore(const struct probe_test *t);

/* Where the test comes from: its own source, or its rule's. */
const char *table_source(const struct probe_test *t);

#endif
