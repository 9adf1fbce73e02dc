/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * records.h - what a directory told, one record an entry: its entryUUID, its
 * DN and the lines of policy made of it.  Records are only ever added; a later
 * one takes the place of an earlier one in the books of whoever keeps them.
 * One thread adds, any number may read what has been handed to them, so a
 * snapshot can name the DN of each of its entries without a copy.  All records
 * of a set live and die together.
 */
#ifndef POLICY_RECORDS_H
#define POLICY_RECORDS_H

#include <stdint.h>

#include "policy/text.h"

#define RECORD_UUID 16 /* bytes of an entryUUID, RFC 4530 */

struct records;

/* An empty set with one user; NULL when out of memory. */
struct records *records_new(void);

/* One user more, one less; the last one frees all. */
struct records *records_hold(struct records *r);
void records_free(struct records *r);

/*
 * Copy one record; its number, by which it is found in no time, or 0 when out
 * of memory or over 2 GiB.
 */
uint32_t records_add(struct records *r, const unsigned char *uuid,
    struct text dn, struct text lines);

/* Of a number that records_add gave. */
const unsigned char *records_uuid(const struct records *r, uint32_t number);
struct text records_dn(const struct records *r, uint32_t number);
struct text records_lines(const struct records *r, uint32_t number);

/* Bytes of memory, records that have been replaced included. */
size_t records_bytes(const struct records *r);

#endif
