/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_flight.h - questions under way.  The same question is asked once,
 * however many threads wait for its answer (single flight); each waits until
 * its own deadline.  One thread, the loop, takes them and brings the answers.
 * Times are CLOCK_MONOTONIC in ms.
 */
#ifndef MILTER_ASK_DNS_FLIGHT_H
#define MILTER_ASK_DNS_FLIGHT_H

#include "milter/ask/dns_cache.h"

/* One question under way. */
struct dns_flight;

/* All of them. */
struct dns_flights;

/* Of so many at a time; cache: where answers are. NULL when out of memory. */
struct dns_flights *dns_flights_new(size_t most, struct dns_cache *cache);

/* f may be NULL.  Nobody waits any more, none is under way. */
void dns_flights_free(struct dns_flights *f);


/* ---- for those who ask ------------------------------------------------------- */

enum dns_boarding {
	DNS_BOARDED_FIRST, /* the loop must be woken */
	DNS_BOARDED,       /* it was under way already */
	DNS_CACHED,        /* its answer came meanwhile */
	DNS_NO_SEAT        /* too many, no memory, or the end */
};

/*
 * Get q under way, wanted until the deadline.  flight is to be left, or, when
 * DNS_CACHED, answer is to be freed.
 */
enum dns_boarding dns_flight_board(struct dns_flights *f,
    const struct dns_question *q, int64_t deadline_ms,
    struct dns_flight **flight, struct dns_answer **answer);

/* Wait for its answer, to be freed; NULL when it is not there in time. */
struct dns_answer *dns_flight_wait(struct dns_flights *f,
    struct dns_flight *flight, int64_t deadline_ms);

void dns_flight_leave(struct dns_flights *f, struct dns_flight *flight);

/* ---- for the loop --------------------------------------------------------------- */

/* The next one that has not started; NULL when there is none. */
struct dns_flight *dns_flight_start(struct dns_flights *f);

/* Is one waiting to be started? */
bool dns_flights_queued(struct dns_flights *f);

const struct dns_question *dns_flight_question(const struct dns_flight *flight);

/* Until when somebody wants its answer. */
int64_t dns_flight_wanted(struct dns_flights *f,
    const struct dns_flight *flight);

/*
 * It is over: whoever waits gets the answer; NULL: there is none.  keep: into
 * the cache with it, too.  The flight is given up.
 */
void dns_flight_land(struct dns_flights *f, struct dns_flight *flight,
    struct dns_answer *answer, bool keep);

/* From now on nobody boards. */
void dns_flights_close(struct dns_flights *f);

/* Wait until all who waited have left. */
void dns_flights_empty(struct dns_flights *f);

#endif
