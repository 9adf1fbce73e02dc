/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_name.h - domain names within a DNS message, compressed or not (RFC 1035
 * 4.1.4).
 */
#ifndef MILTER_ASK_DNS_NAME_H
#define MILTER_ASK_DNS_NAME_H

#include "policy/domain.h"

/* As text: folded, no dot at the end, "" for the root. */
struct dns_name {
	size_t n;
	bool odd; /* a label has a dot in it: not what the text looks like */
	char at[DOMAIN_MAX];
};

struct text dns_name_text(const struct dns_name *name);

/*
 * Read the name at position *at of message and move *at behind it.  False when
 * it does not lie within the message, points forward, or has over 255 bytes.
 */
bool dns_name_read(struct text message, size_t *at, struct dns_name *name);

#endif
