/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_answer.h - answers, made: by the resolver from what the wire said, and
 * by tests.  Whoever makes one fills it before anybody else sees it; from
 * then on it is never changed, so threads may share it.
 */
#ifndef MILTER_ASK_DNS_ANSWER_H
#define MILTER_ASK_DNS_ANSWER_H

#include "milter/ask/dns.h"

/* An answer without records, held once; NULL when out of memory. */
struct dns_answer *dns_answer_new(enum dns_status status, unsigned ttl);

/*
 * Add a copy of record, its texts too.  Only before the answer is shown to
 * anybody.  False when out of memory: the answer is as it was.
 */
bool dns_answer_add(struct dns_answer *a, const struct dns_record *record);

/*
 * The same answer as the cache gives it out: cached, ttl seconds left.  It
 * shares the records of a, which it holds.  NULL when out of memory.
 */
struct dns_answer *dns_answer_again(struct dns_answer *a, unsigned ttl);

/* One more hold on a; returns a.  Each is given up by dns_answer_free(). */
struct dns_answer *dns_answer_hold(struct dns_answer *a);

/* Bytes of memory it takes, for a cache that is bounded. */
size_t dns_answer_size(const struct dns_answer *a);

#endif
