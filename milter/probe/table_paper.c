/* SPDX-License-Identifier: BSD-2-Clause */
/* The tests of the paper. */
#include "milter/probe/table_rows.h"

#define REFUSED DENIED, NULL, NULL, NULL

/*
 * Where this table departs from the print: P17 and P18 have 172.16.4.14, a
 * typing error for the server's .140; P17's recipients are printed as
 * <x!root>, x!nobody, x!root, which two recipients give, as every test is sent
 * with and without brackets.  P02..P04 have no recipient in the paper.
 */
static const struct probe_test rows[] = {
	{ "P00", "P00", "a user of the server as sender", TRICK_SENDER,
	    "<{u}@{h}>", MAIL_OK, { "<{u}90@{d}>" }, REFUSED },
	{ "P01", "P01", "foreign to foreign, the same address twice",
	    TRICK_RECIPIENT, "{u}@{s}", MAIL_OK, { "{u}@{s}" }, REFUSED },
	{ "P02", "P02", "sender in a domain that does not exist",
	    TRICK_SENDER_ONLY, " spamtest@relayguard-probe.invalid",
	    "501 5.1.8", { "{u}90@{d}" }, REFUSED },
	{ "P03", "P03", "sender at localhost",
	    TRICK_SENDER_ONLY, " relaytest@localhost", "553 5.5.4",
	    { "{u}90@{d}" }, REFUSED },
	{ "P04", "P04", "sender without a domain",
	    TRICK_SENDER_ONLY, " <relaytest>", "553 5.5.4",
	    { "{u}90@{d}" }, REFUSED },
	{ "P05", "P05", "the null sender", TRICK_SENDER,
	    "<>", MAIL_OK, { "{u}90@{d}" }, REFUSED },
	{ "P06", "P06", "root of the server as sender", TRICK_SENDER,
	    " root@{h}", MAIL_OK, { " {u}90@{d}" }, REFUSED },
	{ "P07", "P07", "sender at the server's address",
	    TRICK_SENDER, " spamtest@{ip}", MAIL_OK, { " {u}90@{d}" },
	    REFUSED },
	{ "P08", "P08", "percent hack at the server's name",
	    TRICK_RECIPIENT, "{u}@{s}", MAIL_OK, { "{u}90%{d}@{h}" },
	    REFUSED },
	{ "P09", "P09", "percent hack at the server's address",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK, { "{u}%{s}@{ip}" }, REFUSED },
	{ "P10", "P10", "the whole address in quotes",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK,
	    { "\"{u}90@{d}\"", "\"{u}@{s}\"" }, REFUSED },
	{ "P11", "P11", "percent hack in quotes, no domain",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK,
	    { "\"{u}90%{d}\"", "\"{u}%{s}\"" }, REFUSED },
	{ "P12", "P12", "two at-signs in quotes", TRICK_RECIPIENT,
	    "{u}@{ip}", MAIL_OK, { "\"{u}90@{d}@{h}\"" }, REFUSED },
	{ "P13", "P13", "quoted address at the server's address",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK, { "\"{u}90@{d}\"@{ip}" },
	    REFUSED },
	{ "P14", "P14", "two at-signs", TRICK_RECIPIENT,
	    "{u}@{h}", MAIL_OK, { "{u}90@{d}@{ip}" }, REFUSED },
	{ "P15", "P15", "source route over the server",
	    TRICK_RECIPIENT, "{u}@{ip}", MAIL_OK, { "@{h}:root@{s}" },
	    REFUSED },
	{ "P16", "P16", "source route over the tester's address",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK, { "@{own}:root@{s}" },
	    REFUSED },
	{ "P17", "P17", "UUCP path", TRICK_RECIPIENT,
	    "{u}@{ip}", MAIL_OK, { "{s}!root", "{s}!nobody" }, REFUSED },
	{ "P18", "P18", "UUCP path at the server's address",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK, { "{s}!nobody@{ip}" },
	    REFUSED },
	{ "P19", "P19", "postmaster of the server as sender",
	    TRICK_SENDER, "postmaster@{h}", MAIL_OK, { "root@{s}" }, REFUSED },
};

const struct table_set table_paper = TABLE_SET(rows);
