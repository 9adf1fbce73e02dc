/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_name.h - names as SPF asks for them.  They may hold any byte a sender
 * put into his address (RFC 7208 7.3), so only their labels are looked at.
 */
#ifndef MILTER_ASK_SPF_NAME_H
#define MILTER_ASK_SPF_NAME_H

#include "policy/network.h"

/*
 * Write name to out[DOMAIN_MAX] as it can be asked for: without the dot at
 * its end, without as many labels on the left as it takes to fit (7.3).
 * Returns its length, or 0 when a label is empty or longer than 63 bytes.
 */
size_t spf_name_fit(struct text name, char *out);

/*
 * As above for a name that SPF starts from (4.3): nothing is cut, and it has
 * two labels or more.  0 when it is none.
 */
size_t spf_name_full(struct text name, char *out);

/* The name whose PTR records are the client's names, into out[DOMAIN_MAX]. */
struct text spf_name_reverse(const struct ip *ip, char *out);

/* Digits of an address with dots between: 32 of an IPv6 address (7.4). */
struct text spf_name_dotted(const struct ip *ip, char *out);

/* Room for the text of spf_name_dotted(). */
#define SPF_DOTTED_MAX 64

#endif
