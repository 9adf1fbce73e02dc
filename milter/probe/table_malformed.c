/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recipients that are no addresses by RFC 5321, each with a foreign host in
 * it: a server that mends them may end up there.
 */
#include "milter/probe/table_rows.h"

static const struct probe_test rows[] = {
	ROW_RCPT("F01.1", "F01", "two bracketed addresses",
	    "{local}> <{u}@{d}"),
	ROW_RCPT("F01.2", "F01", "two addresses with a comma",
	    "{local},{u}@{d}"),
	ROW_RCPT("F01.3", "F01", "doubled brackets", "<{u}@{d}>"),
	ROW_RCPT("F01.4", "F01", "display name in front",
	    "Some Body <{u}@{d}>"),
	ROW_RCPT("F01.5", "F01", "group", "x:{u}@{d};"),
	ROW_RCPT("F01.6", "F01", "comment behind", "{u}@{d} (c)"),
	ROW_RCPT("F01.7", "F01", "comment inside", "{u}(c)@{d}"),
	ROW_RCPT("F01.8", "F01", "comment behind the server's name",
	    "{u}%{d}@{h}(c)"),
	ROW_RCPT("F01.9", "F01", "blanks around the at-sign",
	    "{u} @ {d}"),
	ROW_RCPT("F01.10", "F01", "tab inside", "{u}\t@{d}"),
	ROW_RCPT("F01.11", "F01", "mailto: in front", "mailto:{u}@{d}"),
	ROW_RCPT("F01.12", "F01", "two trailing dots", "{u}@{d}.."),
	ROW_RCPT("F01.13", "F01", "empty label", "{u}@.{d}"),
	ROW_RCPT("F01.14", "F01", "unquoted DECnet path", "{d}::{u}@{h}"),
	ROW_RCPT("F01.15", "F01", "percent hack onto a bare literal",
	    "{u}%[192.0.2.77]@{h}"),
	ROW_RCPT("F01.16", "F01", "quoted part in front of a percent hack",
	    "\"{u}\"%{d}@{h}"),
	ROW_RCPT("F01.17", "F01", "quoted at-sign alone", "{u}\"@\"{d}@{h}"),
	ROW_RCPT("F01.18", "F01", "quotes that do not end", "\"{u}@{d}"),
	ROW_RCPT("F01.19", "F01", "route with an empty element",
	    "@{h},,@{x}:{u}@{d}"),
	ROW_RCPT("F01.20", "F01", "doubled route", "@{h}:@{x}:{u}@{d}"),
	ROW_RCPT("F01.21", "F01", "route with a semicolon",
	    "@{h};{u}@{d}"),
	ROW_RCPT("F01.22", "F01", "empty route host", "@:{u}@{d}"),
	ROW_RCPT("F01.23", "F01", "percent sign with bit 7 set",
	    "{u}\xa5{d}@{h}"),
	ROW_RCPT("F01.24", "F01", "at-sign with bit 7 set",
	    "{u}\xc0{d}@{h}"),
	ROW_RCPT("F01.25", "F01", "exclamation mark with bit 7 set",
	    "{d}\xa1{u}@{h}"),
	ROW_RCPT("F01.26", "F01", "full-width percent, no SMTPUTF8",
	    "{u}\xef\xbc\x85{d}@{h}"),
	ROW_RCPT("F01.27", "F01", "trailing junk", "{u}@{d}> x"),
	ROW_RCPT("F01.28", "F01", "HTML entity for the at-sign",
	    "{u}&#64;{d}@{h};"),
	ROW_RCPT("F01.29", "F01", "missing user", "@{d}"),
	ROW_RCPT("F01.30", "F01", "missing host", "{u}%{d}@"),
};

const struct table_set table_malformed = TABLE_SET(rows);
