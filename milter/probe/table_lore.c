/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known about each trick.  By rule, not by test: the members of a
 * class differ in spelling only.  Measured with `make table` (sendmail 8.17,
 * Postfix 3.7, Exim 4.96, OpenSMTPD 6.8) or read in the documents named.
 */
#include <string.h>

#include "milter/probe/table_rows.h"

#define PAPER "CERTCC-KR 2001"
#define ROUTES "sendmail with promiscuous_relay or LOCAL_RELAY"
#define LOOSE "sendmail with loose_relay_check, or nouucp and "               \
	"nopercenthack `nospecial'"
#define BY_NETWORK "relay by client network or SMTP AUTH, never by what the " \
	"sender says"
#define NO_ROUTING "switch routing by local parts off; for relay domains "    \
	"refuse operators, as the next server may take them"

static const struct probe_lore lore[] = {
	{ "P00", PAPER, "sendmail with relay_local_from or relay_mail_from; "
	    "any server with an access rule for its own domain", BY_NETWORK },
	{ "P01", PAPER, "sendmail with promiscuous_relay; any server that "
	    "trusts the client's network",
	    "relay only for networks of your own and for authenticated "
	    "clients" },
	{ "P02", PAPER ", RFC 5321 2.3.5",
	    "any server that does not ask the DNS for the sender's domain; "
	    "sendmail with accept_unresolvable_domains",
	    "refuse senders whose domain does not exist" },
	{ "P03", PAPER ", RFC 6761 6.3", "most but sendmail, which refuses it",
	    "refuse senders at localhost from outside" },
	{ "P04", PAPER ", RFC 5321 2.3.5",
	    "sendmail with accept_unqualified_senders; Postfix unless "
	    "reject_non_fqdn_sender",
	    "refuse senders without a domain from outside" },
	{ "P05", PAPER ", RFC 5321 4.5.5",
	    "servers that let bounces pass to anywhere",
	    "accept the null sender for recipients of your own only" },
	{ "P06", PAPER, "sendmail with relay_local_from or relay_mail_from",
	    BY_NETWORK },
	{ "P07", PAPER ", RFC 5321 4.1.3",
	    "sendmail with relay_local_from (other literals than its own are "
	    "refused at MAIL)", BY_NETWORK },
	{ "P08", PAPER ", RFC 1123 5.2.16",
	    ROUTES "; at a relay domain: " LOOSE "; OpenSMTPD as backup MX; "
	    "Exim and old sendmail behind it", NO_ROUTING },
	{ "P09", PAPER ", RFC 1123 5.2.16", ROUTES, NO_ROUTING },
	{ "P10", PAPER ", RFC 5321 4.1.2", "sendmail with promiscuous_relay",
	    "judge an address as it is after its quotes are gone" },
	{ "P11", PAPER ", RFC 5321 4.1.2", ROUTES "; at a relay domain: "
	    LOOSE, NO_ROUTING },
	{ "P12", PAPER ", RFC 5321 4.1.2", "none today; sendmail's parser "
	    "refuses it", "refuse several at-signs, quoted or not" },
	{ "P13", PAPER ", RFC 5321 4.1.2", "sendmail with promiscuous_relay; "
	    "at a relay domain: loose_relay_check; old Lotus Domino",
	    "judge an address as it is after its quotes are gone" },
	{ "P14", PAPER, "none today; sendmail's parser refuses it",
	    "refuse several at-signs" },
	{ "P15", PAPER ", RFC 5321 appendix C",
	    "sendmail with promiscuous_relay",
	    "ignore or refuse source routes: judge the last address" },
	{ "P16", PAPER ", RFC 5321 appendix C",
	    "sendmail with promiscuous_relay",
	    "ignore or refuse source routes: judge the last address" },
	{ "P17", PAPER ", RFC 976", ROUTES "; Exchange and old sendmail "
	    "behind it", NO_ROUTING },
	{ "P18", PAPER ", RFC 976", ROUTES "; at a relay domain: " LOOSE
	    "; OpenSMTPD as backup MX", NO_ROUTING },
	{ "P19", PAPER, "sendmail with relay_local_from or relay_mail_from",
	    BY_NETWORK },
	{ "S01", "DECnet Mail-11, sendmail's cf/README",
	    "a gateway passes it on; VMS and sendmail with a DECnet mailer "
	    "behind it", NO_ROUTING },
	{ "S02", "RFC 6531, Unicode TR 15",
	    "servers that fold compatibility characters",
	    "offer SMTPUTF8 only when what is behind you is known" },
	{ "S03", "sendmail's aliases(5)",
	    "a gateway passes it on; servers that strip quotes behind it",
	    "refuse local parts that begin with |, / or :include:" },
	{ "S04", "RFC 4954 5", "servers that believe AUTH= of strangers",
	    "believe AUTH= of servers of your own only" },
	{ "F01", "RFC 5321 4.1.2", "servers that mend what is no address; "
	    "sendmail takes the second of two bracketed addresses",
	    "refuse what is no address, mend nothing" },
};

const struct probe_lore *
table_lore(const struct probe_test *t)
{
	static const struct probe_lore none = { "", "", "", "" };
	size_t i;

	for (i = 0; t->rule != NULL && i < sizeof lore / sizeof lore[0]; i++)
		if (strcmp(lore[i].rule, t->rule) == 0)
			return &lore[i];
	return &none;
}
