/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * twice.h - finds the attempts that are on record twice.  With both doors in
 * the MTA one that the map door does not stop (monitor mode, or accepted) goes
 * on to the milter door, which judges it again and writes a second record.
 *
 * A record of the milter door is the second one when the map door has written
 * the same shortly before: same queue id, recipient, verdict and rule.  The MTA
 * asks one door right after the other, so between both stand only records of
 * sessions going on at the same time; the last TWICE_MAX of the map door are
 * remembered, in a table that does not grow.  Each stands for one record of the
 * milter door: who tries the same recipient twice has tried twice.  Without a
 * queue id nothing tells two clients apart, so nothing is taken for the same.
 */
#ifndef AUDIT_TWICE_H
#define AUDIT_TWICE_H

#include "milter/audit/read.h"

#ifndef TWICE_MAX /* the fuzzer has it smaller */
#define TWICE_MAX 256
#endif

struct twice;

/* NULL when out of memory. */
struct twice *twice_new(void);
void twice_free(struct twice *t);

/* Is r the second record of an attempt?  To be asked about every record. */
bool twice_seen(struct twice *t, const struct audit_record *r);

#endif
