/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_loop.h - the thread of the resolver: it takes flights, sends their
 * questions and brings the answers.
 */
#ifndef MILTER_ASK_DNS_LOOP_H
#define MILTER_ASK_DNS_LOOP_H

#include "milter/ask/dns_flight.h"
#include "milter/ask/dns_servers.h"

struct dns_loop;

/*
 * Start it: slots questions at a time, each followed up for patience_ms.  NULL
 * with errno.
 */
struct dns_loop *dns_loop_new(struct dns_flights *flights,
    const struct dns_servers *servers, unsigned slots, unsigned patience_ms);

/* There is a flight to start. */
void dns_loop_wake(struct dns_loop *l);

/* Other servers, from the next flight on; true when they are others. */
bool dns_loop_servers(struct dns_loop *l, const struct dns_servers *servers);

/* The server of this number, counted from 1, of those now in force. */
bool dns_loop_server(struct dns_loop *l, size_t number,
    struct dns_server *out);

/*
 * What became of the questions: queries, answers, failures, timeouts of
 * dns_stats.
 */
void dns_loop_stats(struct dns_loop *l, struct dns_stats *out);

/* End: every flight lands, without an answer.  l may be NULL. */
void dns_loop_free(struct dns_loop *l);

#endif
