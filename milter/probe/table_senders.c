/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who tries: a stranger that claims to be the server, one of its users, or
 * nobody.  The recipient is a plain foreign one each time.
 */
#include "milter/probe/table_rows.h"

#define CLAIM(id, rule, what, params, helo)                                   \
	{ id, rule, what, TRICK_SENDER, STRANGER, MAIL_OK,                    \
		{ "<{u}90@{d}>" }, DENIED, params, helo, NULL }

static const struct probe_test rows[] = {
	ROW_MAIL("P00.1", "P00", "a real local user as sender", "{local}"),
	ROW_MAIL("P00.2", "P00", "below the server's name", "{u}@sub.{h}"),
	ROW_MAIL("P00.3", "P00", "source route over the server",
	    "@{h}:{u}@{s}"),
	ROW_MAIL("P00.4", "P00", "percent hack onto the server",
	    "{u}%{h}@{s}"),
	ROW_MAIL("P00.5", "P00", "quoted address of the server",
	    "\"{u}@{h}\"@{s}"),
	ROW_MAIL("P00.6", "P00", "UUCP path of the server", "{h}!{u}"),
	ROW_MAIL("P00.7", "P00", "UUCP path of the server at a stranger",
	    "{h}!{u}@{s}"),
	ROW_MAIL("P00.8", "P00", "bounce address tag", "prvs=1234abcd={u}@{h}"),
	ROW_MAIL("P00.9", "P00", "two at-signs, the server last",
	    "{u}@{s}@{h}"),
	ROW_MAIL("P01.1", "P01", "comment behind the server's name",
	    "{u}@{h}(c)"),
	ROW_MAIL("P01.2", "P01", "localhost with a domain",
	    "{u}@localhost.localdomain"),
	ROW_MAIL("P01.3", "P01", "foreign address literal",
	    "{u}@[192.0.2.77]"),
	ROW_MAIL("P01.4", "P01", "UUCP path of the tester", "{s}!{u}"),
	ROW_MAIL("P01.5", "P01", "a route and nothing behind", "@{h}:"),
	ROW_MAIL("P01.6", "P01", "doubled brackets", "<>"),
	ROW_MAIL("P03.1", "P03", "localhost, trailing dot", "root@localhost."),
	ROW_MAIL("P04.1", "P04", "a role without a domain", "MAILER-DAEMON"),
	ROW_MAIL("P04.2", "P04", "root without a domain", "root"),
	ROW_MAIL("P05.1", "P05", "a blank in the null sender", " "),
	ROW_MAIL("P06.1", "P06", "root, trailing dot", "root@{h}."),
	ROW_MAIL("P06.2", "P06", "root in capitals", "ROOT@{h}"),
	ROW_MAIL("P06.3", "P06", "root by a percent hack", "root%{h}@{s}"),
	ROW_MAIL("P07.1", "P07", "own address without brackets", "{u}@{addr}"),
	ROW_MAIL("P07.2", "P07", "loopback literal", "root@[127.0.0.1]"),
	ROW_MAIL("P07.3", "P07", "IPv6 loopback literal", "root@[IPv6:::1]"),
	ROW_MAIL("P07.4", "P07", "loopback without brackets",
	    "root@127.0.0.1"),
	ROW_MAIL("P07.5", "P07", "root at the server's literal", "root@{ip}"),
	ROW_MAIL("P19.1", "P19", "postmaster without a domain", "postmaster"),
	ROW_MAIL("P19.2", "P19", "postmaster in capitals", "POSTMASTER@{h}"),
	ROW_MAIL("P19.3", "P19", "postmaster with a bounce address tag",
	    "prvs=1234abcd=postmaster@{h}"),
	CLAIM("S04.1", "S04", "AUTH= names the server's postmaster",
	    " AUTH=postmaster@{h}", NULL),
	CLAIM("S04.2", "S04", "AUTH= in brackets",
	    " AUTH=<root@{h}>", NULL),
	CLAIM("S04.3", "S04", "AUTH= at the server's literal",
	    " AUTH=root@{ip}", NULL),
	CLAIM("P01.7", "P01", "AUTH= of nobody", " AUTH=<>", NULL),
	CLAIM("P01.8", "P01", "EHLO with the server's name", NULL, "{h}"),
	CLAIM("P01.9", "P01", "EHLO with the server's literal", NULL, "{ip}"),
	CLAIM("P01.10", "P01", "EHLO localhost", NULL, "localhost"),
	CLAIM("P01.11", "P01", "EHLO 127.0.0.1", NULL, "[127.0.0.1]"),
	{ "P00.10", "P00", "the server's name in EHLO and sender",
	    TRICK_SENDER, "<{u}@{h}>", MAIL_OK, { "<{u}90@{d}>" }, DENIED,
	    NULL, "{h}", NULL },
};

const struct table_set table_senders = TABLE_SET(rows);
