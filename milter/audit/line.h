/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * line.h - one decision of the guard as text: the JSON line of the audit file
 * and the short line for syslog.  Everything a client sent is escaped by
 * policy/escape.h and bounded, so that no envelope can forge, split or blow up
 * a record.
 *
 * The JSON object, schema version 1, always has these keys in this order:
 *   v              1
 *   time           RFC 3339, UTC, milliseconds
 *   door           "milter", "map"
 *   session        number of the SMTP session within this run of the guard
 *   queue_id       the MTA's; "" when it has none yet
 *   client         IP address, or "unknown"
 *   helo, auth, sender, recipient    as the client sent them; may be ""
 *   stage          "mail" or "rcpt"
 *   verdict        "accept", "refuse" or "defer"
 *   code, dsn      reply, RFC 5321 and RFC 3463: 550, "5.7.1"; null: accepted
 *   rule, form     "P08", "percent-hack"; null when no rule was needed
 *   destinations   [{"host", "form", "is"}]: where the mail could end up
 *   why            the chain of reasons, one string each
 *   left_out       destinations and reasons that did not fit; 0 as a rule
 *   trusted        may the client relay anywhere?
 *   mode           "enforce", or "monitor": the verdict was not carried out
 *   policy_serial  which policy decided
 * A later version may add keys at the end without another v.
 */
#ifndef AUDIT_LINE_H
#define AUDIT_LINE_H

#include <time.h>

#include "policy/envelope.h"
#include "policy/verdict.h"

/* All pointers are borrowed for the one call. */
struct audit_decision {
	struct timespec time; /* CLOCK_REALTIME */
	const char *door;
	struct text queue_id;
	enum rule_stage stage;
	const struct envelope *envelope;
	const struct verdict *verdict;
	const struct policy *policy; /* of the verdict; may be NULL */
	bool monitor;                /* refused on paper only */
	uint64_t policy_serial;
	unsigned long session;
};

/*
 * Longest text of a field, escaped.  What is cut ends in "...".  JSON doubles
 * quotes and backslashes, so a field can take twice as many bytes.
 */
#define AUDIT_FIELD_MAX 512 /* helo, auth, sender, recipient */
#define AUDIT_ID_MAX 64     /* door, queue_id */
#define AUDIT_HOST_MAX 256  /* destinations[].host */
#define AUDIT_WHY_MAX 240   /* why[] */

/* Most entries of the two arrays. */
#define AUDIT_DESTINATIONS_MAX 8
#define AUDIT_REASONS_MAX 12

/* Longest JSON line, with its newline: 16 KiB; usual ones are under 1 KiB. */
#define AUDIT_LINE_MAX 16384

/*
 * The JSON line with its newline (no NUL) into out[AUDIT_LINE_MAX].  Returns
 * its length, 0 when it does not fit (which is a mistake of ours).
 */
size_t audit_line(const struct audit_decision *d, char *out);

/* Longest syslog line, with the NUL. */
#define AUDIT_NOTICE_MAX 1024

/*
 * "refuse P08 percent-hack client=192.0.2.1 from=<a@b> to=<c%d@e> code=550
 * dsn=5.7.1 qid=4AO9n1 mode=enforce" on one line.  Within a value a blank,
 * < > and " are escaped too, so that no value can imitate the next key; the
 * client's address stands before everything that the client chose.
 */
size_t audit_notice(const struct audit_decision *d, char *out);

/* A MAIL or RCPT argument without the angle brackets around it. */
struct text audit_bare(struct text argument);

#endif
