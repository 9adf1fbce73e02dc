/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_wire.h - one question on its way to the servers and back, by c-ares.
 * Each has a channel, so a socket and a port, of its own: c-ares 1.18 sends
 * whatever one channel asks from one port, which leaves a forger only the id
 * to guess (RFC 5452 9.2).  Not for two threads at a time.
 */
#ifndef MILTER_ASK_DNS_WIRE_H
#define MILTER_ASK_DNS_WIRE_H

#include "milter/ask/dns_question.h"
#include "milter/ask/dns_servers.h"

struct dns_wire;

/*
 * Send the question to the server numbered first, later to the next ones.  Its
 * sockets are watched by this epoll, whose events carry (tag << 32 | socket).
 * NULL when out of memory.
 */
struct dns_wire *dns_wire_open(const struct dns_servers *servers, size_t first,
    const struct dns_question *q, int epoll, uint32_t tag);

/* Something happened to the socket of an event. */
void dns_wire_event(struct dns_wire *w, int socket, uint32_t events);

/*
 * Whom the answer came from: the peer of the socket on which it was read, a
 * forgery of his address apart.  False when there is no answer.
 */
bool dns_wire_server(const struct dns_wire *w, struct dns_server *out);

/* It is time to look whether a server has been silent for too long. */
void dns_wire_time(struct dns_wire *w);

/* Milliseconds until dns_wire_time() is due. */
int dns_wire_wait(const struct dns_wire *w);

/* How it ended. */
enum dns_wire_end {
	DNS_WIRE_OPEN,     /* not yet */
	DNS_WIRE_ANSWERED,
	DNS_WIRE_SILENT,   /* nothing in all the tries */
	DNS_WIRE_TROUBLE   /* refused, no socket, no memory */
};

enum dns_wire_end dns_wire_end(const struct dns_wire *w);

/* With DNS_WIRE_SILENT and DNS_WIRE_TROUBLE: what it was. */
enum dns_trouble dns_wire_trouble(const struct dns_wire *w);

/*
 * The answer, to be freed: NULL when out of memory or not DNS_WIRE_ANSWERED.
 * silent becomes the number of servers that had not answered before.
 */
struct dns_answer *dns_wire_take(struct dns_wire *w, unsigned *silent);

/* w may be NULL. */
void dns_wire_close(struct dns_wire *w);

#endif
