/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/target.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const struct ip loopback_first = { IP_V4, { 127, 0, 0, 1 } };
static const struct ip loopback_second = { IP_V4, { 127, 0, 0, 2 } };
static const struct ip loopback_third = { IP_V4, { 127, 0, 0, 3 } };

static bool
parse_port(struct text s, uint16_t *out)
{
	unsigned long n = 0;
	size_t i;

	for (i = 0; i < s.n && i < 6; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		n = n * 10 + (unsigned long)(s.at[i] - '0');
	}
	*out = (uint16_t)n;
	return s.n > 0 && s.n < 6 && n > 0 && n <= 65535;
}

/* Split into host and port; port is empty when there is none. */
static bool
split(struct text s, struct text *host, struct text *port)
{
	size_t colon = text_find(s, ':'), close = text_find(s, ']');
	struct text rest;

	*host = s;
	*port = (struct text){ NULL, 0 }; /* none */
	if (s.n > 0 && s.at[0] == '[') {
		if (close == s.n)
			return false;
		*host = text_cut(s, 1, close);
		rest = text_cut(s, close + 1, s.n);
		if (rest.n > 0 && rest.at[0] == ':')
			*port = text_cut(rest, 1, rest.n);
		return rest.n == 0 || rest.at[0] == ':';
	}
	rest = text_cut(s, colon, s.n);
	if (rest.n > 0 && text_find(text_cut(rest, 1, rest.n), ':') ==
	    rest.n - 1) {
		*host = text_cut(s, 0, colon); /* one colon: a port */
		*port = text_cut(rest, 1, rest.n);
	}
	return true;
}

const char *
target_parse(const char *s, struct target *out)
{
	struct text host, port;
	size_t i;

	*out = (struct target){ .port = 25 };
	if (!split(text_of(s), &host, &port))
		return "not HOST, HOST:PORT or [ADDRESS]:PORT";
	out->usual_port = port.at == NULL;
	if (!out->usual_port && !parse_port(port, &out->port))
		return "the port is not a number between 1 and 65535";
	if (host.n == 0 || host.n >= sizeof out->host)
		return "the host is empty or too long";
	for (i = 0; i < host.n; i++)
		if (host.at[i] <= ' ' || host.at[i] > '~')
			return "the host has a blank or a strange byte";
	memcpy(out->host, host.at, host.n);
	out->is_address = ip_parse(host, &out->address);
	if (!out->is_address && s[0] == '[')
		return "no IP address in the brackets";
	if (!out->is_address && text_find(host, ':') < host.n)
		return "not an IPv6 address";
	if (text_same(host, TEXT("localhost")))
		out->address = loopback_first;
	return NULL;
}

static void
from_sockaddr(const struct sockaddr *sa, struct ip *out)
{
	if (sa->sa_family == AF_INET) {
		out->family = IP_V4;
		memcpy(out->byte,
		    &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
		    4);
		return;
	}
	out->family = IP_V6;
	memcpy(out->byte,
	    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
}

const char *
target_resolve(struct target *t, enum ip_family family)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	int error;

	if (t->address.family != IP_NONE)
		return NULL;
	hints.ai_family = family == IP_V4 ? AF_INET :
	    family == IP_V6 ? AF_INET6 : AF_UNSPEC;
	error = getaddrinfo(t->host, NULL, &hints, &list);
	if (error != 0)
		return gai_strerror(error);
	from_sockaddr(list->ai_addr, &t->address);
	freeaddrinfo(list);
	return NULL;
}

static bool
is_loopback_net(const struct ip *ip)
{
	return (ip->family == IP_V4 && ip->byte[0] == 127) ||
	    ip_is_loopback(ip);
}

/* An address of this machine that is neither 127.0.0.1 nor the target. */
static const struct ip *
stranger(const struct ip *target)
{
	return ip_equal(target, &loopback_second) ? &loopback_third :
	    &loopback_second;
}

const char *
target_source(struct smtp_peer *peer, struct ip *trusted)
{
	const struct ip *target = &peer->address;
	struct ip towards = { .family = IP_NONE };
	bool here = is_loopback_net(target) ||
	    (smtp_source_towards(peer, &towards) &&
	    ip_equal(&towards, target));

	*trusted = (struct ip){ .family = IP_NONE };
	if (here)
		*trusted = is_loopback_net(target) && target->family == IP_V4 ?
		    loopback_first : *target;
	if (ip_is_loopback(&peer->source))
		return "mail servers trust 127.0.0.1 and ::1 by design, so "
		    "everything relays from there: use another --source, such "
		    "as 127.0.0.2";
	if (ip_equal(&peer->source, target))
		return "the source is the server's own address, which it "
		    "trusts like 127.0.0.1: use --source 127.0.0.2 or another "
		    "host";
	if (!here && peer->source.family == IP_NONE)
		peer->source = towards;
	if (!here || peer->source.family != IP_NONE)
		return NULL;
	if (target->family == IP_V6)
		return "this machine has no IPv6 address that its own mail "
		    "server would not trust (IPv6 loopback has only ::1): "
		    "probe 127.0.0.1, or come from another host";
	peer->source = *stranger(target);
	return NULL;
}

/* The IPv4 address of the first interface that is up and not loopback. */
static void
interface_address(struct ip *out)
{
	struct ifaddrs *list = NULL, *i;

	if (getifaddrs(&list) != 0)
		return;
	for (i = list; i != NULL && out->family == IP_NONE; i = i->ifa_next)
		if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET &&
		    (i->ifa_flags & IFF_UP) != 0 &&
		    (i->ifa_flags & IFF_LOOPBACK) == 0)
			from_sockaddr(i->ifa_addr, out);
	freeifaddrs(list);
}

void
target_others(const struct smtp_peer *peer, struct ip out[TARGET_OTHERS])
{
	static const struct ip far = { IP_V4, { 127, 77, 0, 77 } };
	size_t i;

	memset(out, 0, TARGET_OTHERS * sizeof *out);
	if (peer->source.family != IP_V4 || !is_loopback_net(&peer->source))
		return;
	out[0] = far;
	interface_address(&out[1]);
	for (i = 0; i < TARGET_OTHERS; i++)
		if (ip_equal(&peer->source, &out[i]) ||
		    ip_equal(&peer->address, &out[i]))
			out[i].family = IP_NONE;
}
