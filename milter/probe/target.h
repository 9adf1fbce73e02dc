/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * target.h - whom to probe, and from which source: a test from an address the
 * server trusts tells nothing, because everything relays from there.
 */
#ifndef PROBE_TARGET_H
#define PROBE_TARGET_H

#include "milter/probe/smtp.h"

/* Long enough for a host name or an IPv6 address. */
#define TARGET_HOST_MAX 256

struct target {
	char host[TARGET_HOST_MAX]; /* as given, without brackets and port */
	uint16_t port;
	bool usual_port; /* none was given */
	bool is_address;
	struct ip address; /* IP_NONE until resolved, unless is_address */
};

/*
 * Read "host", "host:port", "192.0.2.1:25", "[::1]:25" or "::1"; the port is
 * 25 when none is given.  "localhost" is 127.0.0.1.  NULL, or what is wrong.
 */
const char *target_parse(const char *s, struct target *out);

/*
 * Find the address of a host name; of family unless that is IP_NONE.  NULL,
 * or what is wrong.
 */
const char *target_resolve(struct target *t, enum ip_family family);

/*
 * Choose the source (peer->source is IP_NONE) or check the one given.
 * trusted becomes an address of this machine that the server is likely to
 * trust, or IP_NONE for a server elsewhere.  NULL, or why a test from this
 * source would not be valid.
 */
const char *target_source(struct smtp_peer *peer, struct ip *trusted);

/*
 * Other addresses of this machine that should be as strange to the server as
 * the source: another one of loopback, and that of an interface.  Those that
 * do not exist are IP_NONE; so are all unless the source is loopback.
 */
#define TARGET_OTHERS 2
void target_others(const struct smtp_peer *peer,
    struct ip out[TARGET_OTHERS]);

#endif
