/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_view.h - a snapshot as the policy command looks at it: sorted, so
 * that entries that speak about the same value stand together and what is
 * below a domain or inside a network follows it.
 */
#ifndef SOURCE_POLICY_VIEW_H
#define SOURCE_POLICY_VIEW_H

#include "policy/policy.h"

/* Kind, then value: 0 when both speak about the same domain or network. */
int policy_order(const struct policy_entry *a, const struct policy_entry *b);

/*
 * Does e speak for names below its value (half SPAN_BELOW), for the value
 * itself (SPAN_SELF)?  What is no domain speaks for itself only.
 */
bool policy_speaks(const struct policy_entry *e, enum policy_span half);

/*
 * The numbers of all entries in policy_order, equal ones as they were added;
 * to be freed.  NULL when out of memory.
 */
size_t *policy_sorted(const struct policy *p);

/* One past the last entry that speaks about the same value as sorted[from]. */
size_t policy_group_end(const struct policy *p, const size_t *sorted,
    size_t from);

/*
 * Which entry of the group sorted[from .. end) decides for that half at now,
 * as policy_find_* would: its position, or end when none is live.
 */
size_t policy_group_winner(const struct policy *p, const size_t *sorted,
    size_t from, size_t end, enum policy_span half, int64_t now);

/* Does an entry until a last longer than one until b?  0 is for ever. */
bool policy_outlasts(int64_t a, int64_t b);

/*
 * Where e comes from, for a complaint: file[ORIGIN_MAX], or the DN there, whose
 * line is 0.
 */
unsigned policy_place(const struct policy *p, const struct policy_entry *e,
    char *file);

/* Expired at now? */
bool policy_is_void(const struct policy_entry *e, int64_t now);

/* Room for what policy_origin says of an entry. */
#define ORIGIN_MAX 512

#endif
