/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lint_opens.h - which tests a sendmail lets through with what is in its
 * configuration, alone and together.  Measured, not derived, with a real
 * sendmail 8.17.1: every combination of relay_entire_domain, relay_local_from,
 * loose_relay_check, unqualified, nospecial (both) and a hub, with a relay
 * domain and without; the open doors with up to two of them.  The paper's tests
 * by `relayguard probe`, the others as in tests/table/forms.py.
 */
#ifndef PROBE_LINT_OPENS_H
#define PROBE_LINT_OPENS_H

#include <stddef.h>

enum lint_feature {
	OPEN_ALL = 1 << 0,          /* promiscuous_relay */
	/* a top-level domain or a network in class R or the access map */
	OPEN_CLASS = 1 << 1,
	OPEN_LOCAL_FROM = 1 << 2,   /* relay_local_from */
	OPEN_ENTIRE = 1 << 3,       /* relay_entire_domain */
	OPEN_LOOSE = 1 << 4,        /* loose_relay_check */
	OPEN_UNRESOLVABLE = 1 << 5, /* accept_unresolvable_domains */
	OPEN_UNQUALIFIED = 1 << 6,  /* accept_unqualified_senders */
	OPEN_NO_UUCP = 1 << 7,      /* nouucp, nospecial */
	OPEN_NO_PERCENT = 1 << 8,   /* nopercenthack, nospecial */
	OPEN_HUB = 1 << 9,          /* LOCAL_RELAY or MAIL_HUB */
	OPEN_MAIL_FROM = 1 << 10,   /* relay_mail_from */
	/* no faults, but some of the above need them */
	OPEN_RELAY_DOMAIN = 1 << 11, /* there is a domain to relay to */
	OPEN_FROM_DOMAIN = 1 << 12,  /* access map: From: one of our domains */
	OPEN_FROM_ROOT = 1 << 13,    /* access map: From: root at ours */
	OPEN_FROM_POSTMASTER = 1 << 14,
	OPEN_DELAY = 1 << 15, /* delay_checks: senders are judged at RCPT */
	OPEN_RULE = 1 << 16,  /* a rule without a condition says yes */
	OPEN_AT_ONCE = 1 << 17 /* no fault alone: it says so with "$#" */
};

#define LINT_OPENS_MAX 48

/*
 * The ids of the tests that one (a set of features, mostly a single one) has
 * part in opening when there is all, in the order of the tables, each once.
 * Returns how many.
 */
size_t lint_opens(unsigned all, unsigned one,
    const char *ids[LINT_OPENS_MAX]);

#endif
