/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of faults, and going through it. */
#include "milter/probe/lint_find.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/escape.h"

#define FEATURE(name) { "FEATURE", name, NULL }
#define NOSPECIAL(name) { "FEATURE", name, "nospecial" }
#define DEFINE(name) { "define", name, NULL }
#define NONE { NULL, NULL, NULL }

static const struct lint_rule rules[] = {
	{ "milter_missing", 0, lint_milter_missing, NONE,
	    "sendmail does not ask the guard.",
	    "FEATURE(`relayguard'), or INPUT_MAIL_FILTER(`relayguard', "
	    "`S=local:/run/relayguard/milter.sock, F=T, "
	    "T=C:10s;S:10s;R:30s;E:5m')" },
	{ "milter_flags", 0, lint_milter_flags, NONE,
	    "While the guard is away, mail passes unfiltered for the rest of "
	    "the session (no F=), is bounced (F=R) or the connection is "
	    "closed (F=4).",
	    "F=T in the milter's line: 451, try again later" },
	{ "milter_socket_tcp", 0, lint_milter_tcp, NONE,
	    "Each recipient costs 44 ms instead of 0.13, and any user of the "
	    "machine can answer in the guard's place while it is away.",
	    "S=local:/run/relayguard/milter.sock" },
	{ "socket_directory", 0, lint_socket_directory, NONE,
	    "sendmail uses no socket below a directory that others may write "
	    "to: it does not start or, if it is running, does without the "
	    "filter.",
	    "a directory of the guard's own, as /run/relayguard, with mode "
	    "0750 or 0755, and no writable one above it" },
	{ "daemon_without_milter", 0, lint_daemon, NONE,
	    "On this port the guard is not asked: the port has a list of "
	    "filters of its own.",
	    "InputMailFilters=relayguard in DAEMON_OPTIONS, or no such list "
	    "there" },
	{ "promiscuous_relay", OPEN_ALL, lint_promiscuous,
	    FEATURE("promiscuous_relay"),
	    "sendmail relays for everybody, to everywhere.",
	    "RELAY_DOMAIN_FILE(`/etc/mail/relay-domains') with the domains "
	    "and client addresses that you relay for" },
	{ "relay_entire_domain", OPEN_ENTIRE, lint_entire_domain,
	    FEATURE("relay_entire_domain"),
	    "All hosts below your domain (class m) may relay and be relayed "
	    "to; a client is taken by its name in DNS.",
	    "the domains and client addresses one by one in "
	    "/etc/mail/relay-domains" },
	{ "relay_local_from", OPEN_LOCAL_FROM, lint_local_from,
	    FEATURE("relay_local_from"),
	    "Whoever claims one of your addresses as sender may relay; "
	    "nothing proves a sender.",
	    "SMTP AUTH for people who travel, client addresses for machines" },
	{ "relay_mail_from", OPEN_MAIL_FROM, lint_mail_from,
	    FEATURE("relay_mail_from"),
	    "Whoever claims a sender that the access map has with RELAY may "
	    "relay; nothing proves a sender.",
	    "SMTP AUTH for people who travel, client addresses for machines" },
	{ "loose_relay_check", OPEN_LOOSE, lint_loose,
	    FEATURE("loose_relay_check"),
	    "u%d@r passes when r is a domain you relay to, and the server "
	    "behind sends it on to d: two hops make an open relay.",
	    "nothing: leave the feature out" },
	{ "relay_based_on_MX", 0, lint_by_mx, FEATURE("relay_based_on_MX"),
	    "Whoever lets the MX of a domain point to you may relay to it (no "
	    "probe shows this: it takes a domain in DNS).",
	    "the domains one by one in /etc/mail/relay-domains" },
	{ "accept_unresolvable_domains", OPEN_UNRESOLVABLE, lint_unresolvable,
	    FEATURE("accept_unresolvable_domains"),
	    "Senders in domains that do not exist get past MAIL; P02 then "
	    "passes wherever something else lets recipients through.",
	    "nothing: leave the feature out" },
	{ "accept_unqualified_senders", OPEN_UNQUALIFIED, lint_unqualified,
	    FEATURE("accept_unqualified_senders"),
	    "Senders without a domain, at localhost and at an own address "
	    "get past MAIL; P03, P04 and P07 then pass wherever something "
	    "else lets recipients through.",
	    "nothing: leave the feature out; DAEMON_OPTIONS(`..., M=u') for "
	    "a port of your own machines" },
	{ "nouucp_nospecial", OPEN_NO_UUCP, lint_nouucp, NOSPECIAL("nouucp"),
	    "\"!\" is an ordinary letter here, but not for a hub or for the "
	    "servers you relay to: they read d!u and send it on.",
	    "FEATURE(`nouucp', `reject'), or nothing" },
	{ "nopercenthack_nospecial", OPEN_NO_PERCENT, lint_nopercenthack,
	    NOSPECIAL("nopercenthack"),
	    "\"%\" is an ordinary letter here, but not for a hub or for the "
	    "servers you relay to: they read u%d and send it on.",
	    "FEATURE(`nopercenthack', `reject'), or nothing" },
	{ "LOCAL_RELAY", OPEN_HUB, lint_local_relay, DEFINE("LOCAL_RELAY"),
	    "Unqualified local names go to another host as they are; what "
	    "hides in them is read there.",
	    "virtusertable entries for the names that are "
	    "elsewhere; with a hub, never `nospecial'" },
	{ "MAIL_HUB", OPEN_HUB, lint_mail_hub, DEFINE("MAIL_HUB"),
	    "Local mail goes to another host as it is; what hides in local "
	    "names is read there.",
	    "virtusertable entries for the names that are elsewhere; with a "
	    "hub, never `nospecial'" },
	{ "class_R_tld", OPEN_CLASS, lint_class_tld, NONE,
	    "Everything below this top-level domain is relayed to, and "
	    "clients that have a name there may relay.",
	    "the domains that are yours, one by one" },
	{ "class_R_wide", OPEN_CLASS, lint_class_wide, NONE,
	    "All clients in this network may relay to everywhere.",
	    "longer prefixes, best single addresses of your own machines" },
	{ "access_tld", OPEN_CLASS, lint_access_tld, NONE,
	    "Everything below this top-level domain is relayed to (To:), "
	    "clients that have a name there may relay (Connect:), or both "
	    "(no tag).",
	    "To: with the domains that are yours, one by one" },
	{ "access_wide", OPEN_CLASS, lint_access_wide, NONE,
	    "All clients in this network may relay to everywhere.",
	    "Connect: with more numbers, best single addresses of your own "
	    "machines" },
	{ "local_rule_relays", OPEN_RULE, lint_local_grant, NONE,
	    "A rule without a condition says yes to every client and every "
	    "recipient that no rule above it refuses; with the guard in "
	    "monitor mode that is everything.",
	    "a condition on its left side, or entries in the guard's policy" },
	{ "anonymous_auth", 0, lint_anonymous, NONE,
	    "AUTH ANONYMOUS takes no password, and whoever has done it may "
	    "relay (no probe shows this: none authenticates).",
	    "TRUST_AUTH_MECH with mechanisms that prove who somebody is" },
	{ "map_door_missing", 0, lint_map_missing, NONE,
	    "The guard does not see what sendmail refuses by itself, and what "
	    "it would grant has no effect.",
	    "FEATURE(`relayguard')" },
	{ "map_door_flags", 0, lint_map_flags, NONE,
	    "Without -q quotes are lost and without -f upper case, so that "
	    "another address is judged; without -d a hung guard hangs the "
	    "session; without -T and a rule for it a guard that is away "
	    "counts as \"not found\".",
	    "Kguard socket -q -f -d5 -T<TMPF> "
	    "local:/run/relayguard/map.sock, and in Local_check_rcpt a rule "
	    "that answers <TMPF> with $#error $@ 4.3.0; FEATURE(`relayguard') "
	    "writes both" },
};
#define RULES (sizeof rules / sizeof rules[0])

/* The .mc has it and the .cf has not. */
static const struct lint_rule not_applied = { "mc_not_applied", 0, NULL, NONE,
	"The .mc has what the .cf has not: it was changed, and the .cf not "
	"made anew.",
	"make -C /etc/mail, then look again" };

static bool
was_found(const struct lint *l, const struct lint_rule *r)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->finding[i].rule == r)
			return true;
	return false;
}

/* promiscuous_relay leaves the rule sets out that these would change. */
static bool
is_hidden(const struct lint *l, const struct lint_rule *r)
{
	return (l->features & OPEN_ALL) != 0 &&
	    (r->find == lint_by_mx || (r->feature & (OPEN_LOCAL_FROM |
	    OPEN_MAIL_FROM | OPEN_ENTIRE | OPEN_LOOSE)) != 0);
}

/* Tell where the .mc makes it, or that it is there alone. */
static void
compare_mc(struct lint *l, const struct lint_rule *r)
{
	unsigned line = lint_mc_find(l->mc, &r->mc);
	size_t i;

	if (line == 0 || (!was_found(l, r) && is_hidden(l, r)))
		return;
	if (!was_found(l, r)) {
		lint_add(l, &not_applied, l->mc_name, line, line,
		    "%s(`%s'...) makes %s", r->mc.name, r->mc.argument,
		    r->name);
		return;
	}
	for (i = 0; i < l->n; i++)
		if (l->finding[i].rule == r)
			l->finding[i].mc_line = line;
}

void
lint_find(struct lint *l)
{
	size_t i;

	lint_access(l);
	if (lint_set_line(l, "checkrcpt") != 0)
		l->features |= OPEN_DELAY;
	for (i = 0; i < RULES; i++)
		rules[i].find(l, &rules[i]);
	for (i = 0; i < l->n; i++)
		l->features |= l->finding[i].rule->feature;
	for (i = 0; l->mc_name != NULL && i < RULES; i++)
		if (rules[i].mc.name != NULL)
			compare_mc(l, &rules[i]);
}

/* ---- for those who find ---- */

void
lint_add(struct lint *l, const struct lint_rule *r, const char *file,
    unsigned line, unsigned mc_line, const char *format, ...)
{
	char raw[LINT_DETAIL_MAX];
	struct lint_finding f = { .rule = r, .line = line,
		.mc_line = mc_line };
	struct lint_finding *at;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(raw, sizeof raw, format, arguments);
	va_end(arguments);
	escape_text(text_of(raw), f.detail, sizeof f.detail);
	at = realloc(l->finding, (l->n + 1) * sizeof *at);
	if (at != NULL)
		l->finding = at;
	f.file = strdup(file);
	if (at == NULL || f.file == NULL) {
		free(f.file);
		l->notes.out_of_memory = true;
		return;
	}
	l->finding[l->n++] = f;
}

void
lint_free(struct lint *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->finding[i].file);
	free(l->finding);
	l->finding = NULL;
	l->n = 0;
	complaints_free(&l->notes);
}
