/* SPDX-License-Identifier: BSD-2-Clause */
/* dns_servers.h - which name servers are asked. */
#ifndef MILTER_ASK_DNS_SERVERS_H
#define MILTER_ASK_DNS_SERVERS_H

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

#endif
