/* SPDX-License-Identifier: BSD-2-Clause */
/* dns_servers.h - which name servers are asked. */
#ifndef MILTER_ASK_DNS_SERVERS_H
#define MILTER_ASK_DNS_SERVERS_H

#include <pthread.h>

#include "conf/dns_server.h"
#include "milter/ask/dns.h"

#define DNS_SERVERS_MAX 8

struct dns_servers {
	size_t n; /* at least 1 */
	struct dns_server at[DNS_SERVERS_MAX];
};

/*
 * The servers that o names, else those of resolv.conf as it is now, else
 * 127.0.0.1 (as resolv.conf(5) has it).  False when a name is no server, there
 * are too many, or memory is out; resolv.conf beyond the maximum is ignored.
 */
bool dns_servers_read(const struct dns_options *o, struct dns_servers *out);

/* Which of them this one is, counted from 1; 0: none. */
size_t dns_servers_number(const struct dns_servers *servers,
    const struct dns_server *one);

bool dns_servers_equal(const struct dns_servers *a,
    const struct dns_servers *b);

/* ---- those in force, for any thread ---------------------------------------- */

struct dns_servers_now {
	pthread_mutex_t lock;
	struct dns_servers servers;
	unsigned generation; /* counts what was put */
};

void dns_servers_begin(struct dns_servers_now *now,
    const struct dns_servers *servers);
void dns_servers_end(struct dns_servers_now *now);

/* These from now on; true when they are others. */
bool dns_servers_put(struct dns_servers_now *now,
    const struct dns_servers *servers);

/* Make servers, of that generation, those in force; true when that changes. */
bool dns_servers_follow(struct dns_servers_now *now,
    struct dns_servers *servers, unsigned *generation);

/* Is that generation still in force? */
bool dns_servers_current(struct dns_servers_now *now, unsigned generation);

/* The server of a number, counted from 1; false: there is none. */
bool dns_servers_at(struct dns_servers_now *now, size_t number,
    struct dns_server *out);

#endif
