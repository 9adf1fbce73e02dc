/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The advice of the paper's section on mail servers, brought up to date: for
 * each form what makes a server take it, and what to write instead.  A row is
 * found by form and server; what no row of a server names, a general one does.
 */
#include "milter/probe/advice.h"

#define OWN "P00 P06 P07 P19 S04"
#define PERCENT "P08 P09 P11"
#define BANG "P17 P18"
#define QUOTED "P10 P13"
#define ATS "P12 P14"
#define ROUTE "P15 P16"

static const char sendmail_sender[] =
    "The sender opens nothing in sendmail: what passes a plain foreign "
    "recipient does.  Do what is said of plain foreign mail; and remove "
    "FEATURE(`accept_unresolvable_domains') and "
    "FEATURE(`accept_unqualified_senders'), so that such senders are refused "
    "at MAIL.";

const struct advice_row advice_rows[] = {
	/* Sendmail */
	{ "P01 P05", MTA_SENDMAIL,
	    "Remove FEATURE(`promiscuous_relay') from sendmail.mc.  Look for "
	    "the client, its network and the top-level domain of the recipient "
	    "in local-host-names, relay-domains and, with RELAY, in the access "
	    "map; for R$* $# RELAY in Local_check_rcpt; behind NAT or a proxy "
	    "all clients look like a trusted one.  Make sendmail.cf anew, "
	    "restart; `relayguard lint' names the line." },
	{ OWN, MTA_SENDMAIL,
	    "Remove FEATURE(`relay_local_from') and FEATURE(`relay_mail_from') "
	    "from sendmail.mc: anybody can write your name as sender.  Let "
	    "users relay by SMTP AUTH, networks by Connect: in the access "
	    "map." },
	{ "P02 P03 P04", MTA_SENDMAIL, sendmail_sender },
	{ PERCENT, MTA_SENDMAIL,
	    "Write FEATURE(`nopercenthack', `reject') instead of `nospecial'; "
	    "`nospecial' with LOCAL_RELAY, MAIL_HUB or a Local_check_rcpt "
	    "hands u%d to the hub, which sends it on.  Remove "
	    "FEATURE(`promiscuous_relay')." },
	{ BANG, MTA_SENDMAIL,
	    "Write FEATURE(`nouucp', `reject') instead of `nospecial', which "
	    "with LOCAL_RELAY or MAIL_HUB hands d!u to the hub.  Remove "
	    "FEATURE(`promiscuous_relay')." },
	{ QUOTED " " ROUTE, MTA_SENDMAIL,
	    "Remove FEATURE(`promiscuous_relay') and "
	    "FEATURE(`loose_relay_check'): sendmail then judges the address "
	    "that is left when quotes and routes are gone." },
	{ ATS, MTA_SENDMAIL,
	    "The parser of sendmail 8.17 refuses this in every configuration: "
	    "a server that takes it is older or has rules of its own in "
	    "LOCAL_RULE_0 or LOCAL_RULE_3.  Update, then look there." },
	{ "G/P08 G/P11", MTA_SENDMAIL,
	    "Remove FEATURE(`loose_relay_check') and the `nospecial' of "
	    "FEATURE(`nopercenthack'): the server behind this one, which "
	    "trusts it, takes u%d@r as mail to d.  FEATURE(`relayguard') refuses what "
	    "a next hop would take and leaves 100%@r alone." },
	{ "G/P17 G/P18", MTA_SENDMAIL,
	    "Remove FEATURE(`loose_relay_check') and the `nospecial' of "
	    "FEATURE(`nouucp'): the server behind this one takes d!u@r as mail "
	    "to d.  FEATURE(`relayguard') refuses it and leaves sale!@r "
	    "alone." },
	{ "G/P12 G/P13", MTA_SENDMAIL,
	    "Remove FEATURE(`loose_relay_check'); escaped and half-quoted "
	    "operators pass all the same, which FEATURE(`relayguard') "
	    "refuses." },
	{ "G", MTA_SENDMAIL,
	    "Stock sendmail hands this on to the relay domain as it is, in "
	    "every setting: add FEATURE(`relayguard'), or accept only "
	    "recipients that the domain has (LDAP routing, or To: entries in "
	    "the access map with FEATURE(`blocklist_recipients'))." },
	/* Postfix */
	{ "P01 P05", MTA_POSTFIX,
	    "In main.cf: smtpd_relay_restrictions = permit_mynetworks, "
	    "permit_sasl_authenticated, reject_unauth_destination; mynetworks "
	    "with your own addresses only (`postconf mynetworks' tells; behind "
	    "NAT or in a container the gateway's address is everybody); "
	    "no * in relay_domains.  Look for -o overrides in master.cf." },
	{ OWN, MTA_POSTFIX,
	    "Let no check_sender_access map say OK or permit before "
	    "reject_unauth_destination, in smtpd_relay_restrictions and "
	    "smtpd_recipient_restrictions: anybody can write your name as "
	    "sender.  Users relay by permit_sasl_authenticated." },
	{ "P02 P03 P04", MTA_POSTFIX,
	    "The recipient passed, so do first what is said of plain foreign "
	    "mail.  Then smtpd_sender_restrictions = reject_non_fqdn_sender, "
	    "reject_unknown_sender_domain." },
	{ PERCENT " " BANG " " ROUTE, MTA_POSTFIX,
	    "Set allow_untrusted_routing = no (the default), and let no "
	    "permit_auth_destination or access map say yes before "
	    "reject_unauth_destination; allow_percent_hack and swap_bangpath = "
	    "no if none of your users needs them." },
	{ QUOTED " " ATS, MTA_POSTFIX,
	    "Set resolve_dequoted_address = yes (the default): with no, "
	    "operators in quotes are not seen." },
	{ "F01", MTA_POSTFIX,
	    "Set strict_rfc821_envelopes = yes, and do what is said of plain "
	    "foreign mail." },
	{ "S02", MTA_POSTFIX,
	    "Set smtputf8_enable = no unless you know that all servers behind "
	    "this one treat such signs as letters." },
	{ "G", MTA_POSTFIX,
	    "List the valid recipients of the relay domain in "
	    "relay_recipient_maps; allow_untrusted_routing = no and "
	    "resolve_dequoted_address = yes (the defaults) refuse operators in "
	    "its addresses." },
	/* Exim */
	{ "P01 P05", MTA_EXIM,
	    "In acl_check_rcpt: `require message = relay not permitted / "
	    "domains = +local_domains : +relay_to_domains' after the two "
	    "accepts for hosts = +relay_from_hosts and authenticated = *; both "
	    "lists without * and relay_from_hosts without foreign networks "
	    "(Debian: dc_relay_nets, dc_relay_domains)." },
	{ OWN, MTA_EXIM,
	    "Remove from acl_check_rcpt every accept with senders or "
	    "sender_domains before `relay not permitted', and let "
	    "acl_smtp_mailauth believe AUTH= of your own servers only: anybody "
	    "can write your name." },
	{ "P02 P03 P04", MTA_EXIM,
	    "The recipient passed, so do first what is said of plain foreign "
	    "mail.  Then `require verify = sender' in acl_check_rcpt, and an "
	    "empty sender_unqualified_hosts." },
	{ PERCENT, MTA_EXIM,
	    "Leave percent_hack_domains empty, and keep the first rule of the "
	    "default acl_check_rcpt: deny domains = +local_domains, "
	    "local_parts = ^[.] : ^.*[@%!/|]." },
	{ BANG " " QUOTED " " ATS, MTA_EXIM,
	    "Keep the first rule of the default acl_check_rcpt: deny domains = "
	    "+local_domains, local_parts = ^[.] : ^.*[@%!/|]; and remove "
	    "rewriting rules and routers that read d!u or a quoted address as "
	    "one at d." },
	{ "G", MTA_EXIM,
	    "Keep the second rule of the default acl_check_rcpt, deny domains "
	    "= !+local_domains, local_parts = ^[./|] : ^.*[@%!] : ^.*/\\.\\./, "
	    "before `accept domains = +relay_to_domains', and verify "
	    "recipients there by callout: require verify = "
	    "recipient/callout." },
	/* Exchange */
	{ "P01 P05", MTA_EXCHANGE,
	    "Take the right to relay from strangers: Get-ReceiveConnector | "
	    "Get-ADPermission -User \"NT AUTHORITY\\ANONYMOUS LOGON\" shows "
	    "ms-Exch-SMTP-Accept-Any-Recipient, Remove-ADPermission takes it "
	    "away.  A connector that needs it, or that is "
	    "ExternalAuthoritative, gets the RemoteIPRanges of your own hosts "
	    "only; and no accepted domain may be *." },
	{ OWN, MTA_EXCHANGE,
	    "Take ms-Exch-SMTP-Accept-Authoritative-Domain-Sender from "
	    "ANONYMOUS LOGON on connectors that face the Internet, and relay "
	    "by authentication; then do what is said of plain foreign mail, as "
	    "no sender alone lets Exchange relay." },
	{ "P02 P03 P04", MTA_EXCHANGE,
	    "The recipient passed, so do first what is said of plain foreign "
	    "mail.  Then Set-SenderFilterConfig, and an empty DefaultDomain on "
	    "connectors that face the Internet: with one, a sender without a "
	    "domain becomes yours." },
	{ PERCENT " " BANG " " QUOTED " " ATS " " ROUTE, MTA_EXCHANGE,
	    "Exchange without recipient validation takes any name at its own "
	    "domain and bounces it later: Set-RecipientFilterConfig "
	    "-RecipientValidationEnabled $true; --prove tells whether mail "
	    "really leaves.  Exchange 5.5 did relay encapsulated addresses "
	    "(Q237927) and has no support: replace it." },
	{ "G", MTA_EXCHANGE,
	    "Recipients of an internal or external relay domain are not "
	    "checked: make the domain authoritative, or list its recipients as "
	    "contacts and validate them; refuse %, ! and quotes in front of it "
	    "at the server that faces the Internet." },
	/* OpenSMTPD */
	{ "P01 P05", MTA_OPENSMTPD,
	    "In smtpd.conf no `match from any for any': only `match from any "
	    "for domain <yours>', `match auth from any for any' and `match "
	    "from local for any' (or `from src <networks of your own>').  The "
	    "first rule that matches wins: look at all before it." },
	{ OWN " P02 P03 P04", MTA_OPENSMTPD,
	    "Remove every `match from any mail-from ... for any': anybody can "
	    "write your name as sender.  Users relay by `match auth from any "
	    "for any'." },
	{ "G", MTA_OPENSMTPD,
	    "OpenSMTPD hands u%d@r and d!u@r on as they are: list the valid "
	    "recipients, `match from any for domain <relay> rcpt-to "
	    "<recipients>', and let the server behind it refuse operators and "
	    "trust this one for its own domains only." },
	/* EMWAC IMS */
	{ "*", MTA_IMS,
	    "EMWAC IMS has not been maintained since the 1990s; do not look "
	    "for a setting.  Replace it; until then close its port 25 to all "
	    "but a maintained server in front, which relays to its domains "
	    "only." },
	/* the guard itself */
	{ "*", MTA_GUARD,
	    "An entry of the policy allows this: `relayguard check' with this "
	    "client, sender and recipient names it, `relayguard policy show' "
	    "tells where it is said and until when.  Take it out or make it "
	    "narrower, then reload; in mode monitor nothing is refused." },
	/* any other */
	{ "P01 P05", MTA_UNKNOWN,
	    "Relay only for networks of your own, address by address, and for "
	    "authenticated users; to all others accept only recipients at your "
	    "own domains.  Where a proxy, NAT or container stands in front, "
	    "all clients have its address: it must not be trusted." },
	{ OWN, MTA_UNKNOWN,
	    "Let no sender, postmaster and root included, and no AUTH= give "
	    "the right to relay: anybody can write it.  Relay by network or "
	    "authentication." },
	{ "P02 P03 P04", MTA_UNKNOWN,
	    "The recipient passed, so do first what is said of plain foreign "
	    "mail.  Then refuse senders without a domain, at localhost, and in "
	    "domains that do not exist." },
	{ PERCENT " " BANG " " ROUTE, MTA_UNKNOWN,
	    "Switch routing by addresses off: u%d@h, d!u@h and @h:u@d are no "
	    "addresses of this server, and the right to relay is judged by "
	    "where the mail would go next." },
	{ QUOTED " " ATS, MTA_UNKNOWN,
	    "Judge an address as it is when its quotes are gone, and refuse "
	    "more than one at-sign." },
	{ "S01 S02 S03", MTA_UNKNOWN,
	    "Refuse local parts with ::, with signs that another system folds "
	    "into @, % or !, and such as begin with |, / or :include:, unless "
	    "a mailbox has that name." },
	{ "F01", MTA_UNKNOWN,
	    "Refuse what is no address (RFC 5321 4.1.2) and mend nothing: what "
	    "is mended here is read otherwise by the next server." },
	{ "G", MTA_UNKNOWN,
	    "Accept only recipients that the relay domain has, and refuse %, "
	    "!, @ and :: in front of it: this server hands them on, and the "
	    "next one, which trusts it, sends them anywhere." },
	{ "*", MTA_UNKNOWN,
	    "Refuse it unless the client may relay: judge by where the mail "
	    "would go next." },
	{ ADVICE_ROWS_END, MTA_UNKNOWN, "" },
};
