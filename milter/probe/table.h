/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - the relay tests, one row each.  P00..P19 are the tests of the
 * CERTCC-KR paper "SPAM RELAY TEST of mail servers" (2001; P00 is its basic
 * one, printed without a number).  The ids are those of policy/rules.h.
 *
 * Templates are the arguments of MAIL FROM: and RCPT TO: as the paper prints
 * them, with the leading blank where it has one, and a name in braces where
 * it has a host of its time:
 *   {h}    the server's name       (certlinux.certcc.or.kr)
 *   {ip}   the server's literal    ([172.16.4.140])
 *   {own}  the tester's literal    ([211.252.150.11])
 *   {s}    the tester's domain     (kisa.or.kr)
 *   {d}    a foreign domain        (korea.com)
 *   {u}    the tester's user       (ksch); with 90 appended, another one
 *   {local} an honest recipient of the server, for the control
 */
#ifndef PROBE_TABLE_H
#define PROBE_TABLE_H

#include <stddef.h>

#define PROBE_RECIPIENTS_MAX 3

/* Where the trick of a test is: what a refusal at MAIL then means. */
enum probe_trick {
	/* The recipient: refused at MAIL, nobody has judged it yet. */
	TRICK_RECIPIENT,
	/* The sender: refused at MAIL is refused. */
	TRICK_SENDER,
	/*
	 * The sender, and the paper ends there.  Only a recipient can relay:
	 * when the sender passes, a plain foreign one follows.
	 */
	TRICK_SENDER_ONLY
};

struct probe_test {
	const char *id;        /* "P08" */
	const char *what;      /* what it tests, a few words */
	enum probe_trick trick;
	const char *mail;
	const char *mail_expect; /* code and enhanced code in the paper */
	const char *rcpt[PROBE_RECIPIENTS_MAX + 1]; /* NULL-terminated */
	const char *rcpt_expect; /* of each recipient */
};

/* The rows of profile "paper", 0 .. table_count() - 1. */
size_t table_count(void);
const struct probe_test *table_at(size_t i);

/*
 * The control probes: 'A' foreign to foreign, 'B' foreign to an honest local
 * recipient, 'C' like A, for a source that the server trusts.
 */
const struct probe_test *table_control(char which);

/* The form its rule in policy/rules.h names: "percent-hack"; or "control". */
const char *table_form(const struct probe_test *t);

#endif
