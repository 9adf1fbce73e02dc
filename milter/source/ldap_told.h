/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_told.h - all entries a directory has told us, found by entryUUID.  What
 * they say lies in records (policy/records.h), which snapshots share.  For one
 * thread at a time.
 */
#ifndef SOURCE_LDAP_TOLD_H
#define SOURCE_LDAP_TOLD_H

#include "policy/records.h"

struct told;

/* Nothing told yet; NULL when out of memory. */
struct told *told_new(void);
void told_free(struct told *t);

/* A copy that shares the records of t; NULL when out of memory. */
struct told *told_copy(const struct told *t);

/* The same entries in records without those that were replaced. */
struct told *told_compact(const struct told *t);

/* Is more than half of the records' memory of no use any more? */
bool told_is_loose(const struct told *t);

/* Keep what an entry says now; its record, or 0 when out of memory. */
uint32_t told_put(struct told *t, const unsigned char *uuid, struct text dn,
    struct text lines);

/* The record of an entry, 0 when it is not known. */
uint32_t told_get(const struct told *t, const unsigned char *uuid);

/* Forget an entry; what its record was, 0 when it was not known. */
uint32_t told_drop(struct told *t, const unsigned char *uuid);

/*
 * The present phase of a refresh: no entry is marked after told_begin; put and
 * mark mark one; told_next_unmarked then finds the others.
 */
void told_begin(struct told *t);
void told_mark(struct told *t, const unsigned char *uuid);

/* The record at or behind *cursor, which starts at 0; 0 at the end. */
uint32_t told_next(const struct told *t, size_t *cursor);
uint32_t told_next_unmarked(const struct told *t, size_t *cursor);

/* How many entries there are. */
size_t told_count(const struct told *t);

struct records *told_records(const struct told *t);

#endif
