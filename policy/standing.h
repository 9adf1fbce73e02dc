/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * standing.h - how a host stands to us: this host, a local domain, a relay
 * domain, or none of ours; and who a sender claims to be.
 */
#ifndef POLICY_STANDING_H
#define POLICY_STANDING_H

#include "policy/court.h"

struct standing {
	enum reason_kind kind; /* REASON_HERE .. REASON_FOREIGN */
	bool has_entry;
	struct policy_entry entry;
};

/*
 * host: a domain as typed, a literal with its brackets, the host of a reading;
 * empty is this host.  What is no host name is REASON_FOREIGN.
 */
struct standing standing_of(const struct court *c, struct text host);

/* May mail go there? */
bool standing_allows(const struct standing *s);

/*
 * Who the sender claims to be, by its domain or any reading of it: our name in
 * any spelling, a name below ours, an address of ours.  *user: which user of
 * ours, without BATV tag; it borrows from the address and its readings.
 */
enum sender_claim standing_claim(const struct court *c,
    const struct address *sender, const struct readings *readings,
    struct text *user);

#endif
