/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * summary.h - what a pile of audit records adds up to: totals, the period,
 * and counts by rule, client, form, recipient domain or sender.  To add a
 * grouping: a value in the enum and a row in the table of summary.c.
 */
#ifndef AUDIT_SUMMARY_H
#define AUDIT_SUMMARY_H

#include "milter/audit/group.h"
#include "milter/audit/read.h"
#include "milter/audit/twice.h"

enum summary_by {
	BY_RULE,
	BY_CLIENT,
	BY_FORM,
	BY_RECIPIENT_DOMAIN,
	BY_SENDER
};
#define SUMMARY_BYS 5

/* The word for --by: "recipient-domain". */
const char *summary_by_word(enum summary_by by);

/* False when no grouping has this name. */
bool summary_by_find(struct text word, enum summary_by *by);

struct summary {
	int64_t since;   /* records before this time are not counted */
	uint64_t bad;    /* lines that are no records; kept by the caller */
	uint64_t before; /* records passed over because of since */
	uint64_t twice;  /* second records of attempts, not counted again */
	struct twice *seen;

	/* every record counted is in exactly one of these four */
	uint64_t refused, would_refuse, deferred, accepted;
	int64_t first, last; /* of them all; void when there are none */

	/* refused, would_refuse and deferred; NULL: not asked for */
	struct group *by[SUMMARY_BYS];
	struct group *pairs; /* client and rule, for BY_CLIENT's rules */
};

/*
 * wanted: a bit (1 << BY_...) for each grouping.  INT64_MIN as since counts
 * everything.  -1 when out of memory; summary_free may be called all the same.
 */
int summary_init(struct summary *s, unsigned wanted, int64_t since);
void summary_free(struct summary *s);

/* -1 when out of memory: the summary is then no longer exact. */
int summary_add(struct summary *s, const struct audit_record *r);

/* How many records were counted. */
uint64_t summary_records(const struct summary *s);

/* What the groupings count: refused + would_refuse + deferred. */
uint64_t summary_blocked(const struct summary *s);

#endif
