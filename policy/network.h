/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * network.h - client addresses and networks, IPv4 and IPv6.
 * An IPv4 address mapped into IPv6 (::ffff:a.b.c.d) is that IPv4 address
 * everywhere, so that no client can choose which list it is looked up in.
 */
#ifndef POLICY_NETWORK_H
#define POLICY_NETWORK_H

#include <stdint.h>

#include "policy/text.h"

enum ip_family {
	IP_NONE, /* unknown: never equal to anything, never trusted */
	IP_V4,
	IP_V6
};

struct ip {
	enum ip_family family;
	uint8_t byte[16]; /* network order; IPv4 uses the first four */
};

struct network {
	struct ip base; /* all bits after the prefix are zero */
	unsigned bits;  /* 0..32 or 0..128 */
};

enum network_error {
	NETWORK_OK = 0,
	NETWORK_BAD_ADDRESS,
	NETWORK_BAD_PREFIX,
	NETWORK_HOST_BITS /* bits set after the prefix: 10.1.2.3/8 */
};

/* Longest text of ip_print and network_print, with the NUL. */
#define IP_TEXT_MAX 46
#define NETWORK_TEXT_MAX 50

/* Bits of an address of this family: 32, 128, or 0. */
unsigned ip_width(enum ip_family family);

/*
 * Read "192.0.2.1" or "2001:db8::1", with or without sendmail's "IPv6:" in
 * front (RFC 5321 4.1.3).  False: out has family IP_NONE.
 */
bool ip_parse(struct text s, struct ip *out);

bool ip_equal(const struct ip *a, const struct ip *b);

/* 127.0.0.1 or ::1; not the rest of 127.0.0.0/8, as sendmail has it. */
bool ip_is_loopback(const struct ip *ip);

/* Text form into out[IP_TEXT_MAX], NUL-terminated; "unknown" for IP_NONE. */
const char *ip_print(const struct ip *ip, char *out);

/* Read "ADDRESS" (then /32 or /128) or "ADDRESS/BITS". */
enum network_error network_parse(struct text s, struct network *out);

/* What is wrong, in words for a person. */
const char *network_error_text(enum network_error e);

bool network_contains(const struct network *net, const struct ip *ip);

/* Text form into out[NETWORK_TEXT_MAX]: "10.0.0.0/8". */
const char *network_print(const struct network *net, char *out);

#endif
