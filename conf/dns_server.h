/* SPDX-License-Identifier: BSD-2-Clause */
/* dns_server.h - a name server as the postmaster writes it. */
#ifndef CONF_DNS_SERVER_H
#define CONF_DNS_SERVER_H

#include "policy/network.h"

#define DNS_PORT 53

struct dns_server {
	struct ip address;
	unsigned port;
};

/*
 * Read "ADDRESS", "ADDRESS:PORT" or "[ADDRESS]:PORT"; an IPv6 address with a
 * port must have the brackets, and without one may.
 */
bool dns_server_parse(struct text s, struct dns_server *out);

#endif
