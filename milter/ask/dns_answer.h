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
 * Say why a is unknown; which server said it, counted from 1 in the order of
 * dns_servers, 0 being none.  Both only before it is shown to anybody, and a
 * may be NULL.
 */
void dns_answer_blame(struct dns_answer *a, enum dns_trouble trouble);
void dns_answer_credit(struct dns_answer *a, size_t server);

/* What dns_answer_credit() said. */
size_t dns_answer_credited(const struct dns_answer *a);

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
