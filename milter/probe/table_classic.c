/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What other relay testers send and the paper lacks: nmap's smtp-open-relay,
 * Metasploit's smtp_relay, Nessus 11852, Mailcheck, DSBL, mailradar.
 */
#include "milter/probe/table_rows.h"

#define CLASSIC(id, rule, what, rcpt, by)                                     \
	{ id, rule, what, TRICK_RECIPIENT, STRANGER, MAIL_OK, { rcpt },       \
		DENIED, NULL, NULL, by }

static const struct probe_test rows[] = {
	CLASSIC("T01", "P14", "two at-signs, the server's name last",
	    "<{u}@{d}@{h}>", "nmap, Metasploit, Nessus, Mailcheck"),
	CLASSIC("T02", "P13", "quoted address at the server's name",
	    "<\"{u}@{d}\"@{h}>", "Mailcheck, DSBL"),
	CLASSIC("T03", "P18", "UUCP path at the server's name",
	    "<{d}!{u}@{h}>", "nmap, Metasploit, Mailcheck"),
	CLASSIC("T04", "F01", "percent hack and an empty domain",
	    "<{u}%{d}@>", "mailradar"),
	CLASSIC("T05", "F01", "at-sign left over at the end",
	    "<{u}@{d}@>", "mailradar"),
	CLASSIC("T06", "F01", "percent hack onto a bracketed name, no domain",
	    "<{u}%[{d}]@>", "Mailcheck"),
	CLASSIC("T07", "F01", "bracketed name, at-sign left over",
	    "<{u}@[{d}]@>", "Mailcheck"),
	CLASSIC("T08", "P01", "no brackets",
	    "{u}@{d}", "Mailcheck, mailradar, DSBL"),
	CLASSIC("T09", "F01", "source route without its at-sign",
	    "<{h}:{u}@{d}>", "mailradar"),
	{ "T10", "P00", "UUCP path of the server as sender", TRICK_SENDER,
	    "<{h}!nobody>", MAIL_OK, { "<{u}@{d}>" }, DENIED, NULL, NULL,
	    "DSBL" },
	CLASSIC("T11", "P08", "percent hack at localhost",
	    "<{u}%{d}@localhost>", "DSBL"),
	CLASSIC("T12", "P09", "percent hack at 127.0.0.1",
	    "<{u}%{d}@[127.0.0.1]>", "DSBL"),
	CLASSIC("T13", "P15", "source route over localhost",
	    "<@localhost:{u}@{d}>", "DSBL"),
	CLASSIC("T14", "P14", "two at-signs, localhost last",
	    "<{u}@{d}@localhost>", "DSBL"),
	CLASSIC("T15", "P13", "quoted address at localhost",
	    "<\"{u}@{d}\"@localhost>", "DSBL"),
	CLASSIC("T16", "P18", "UUCP path at localhost",
	    "<{d}!{u}@localhost>", "DSBL"),
	CLASSIC("T17", "P08", "percent hack without a domain",
	    "<{u}%{d}>", "DSBL"),
};

const struct table_set table_classic = TABLE_SET(rows);
