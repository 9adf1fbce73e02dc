/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_parse.h - an answer from the bytes of a DNS message (RFC 1035 4.1).
 * Whoever sends them is not trusted: every length is checked, a pointer goes
 * back only, CNAMEs are followed within the message and not for ever, and
 * whatever does not answer the very question is DNS_UNKNOWN, never "no".
 */
#ifndef MILTER_ASK_DNS_PARSE_H
#define MILTER_ASK_DNS_PARSE_H

#include "milter/ask/dns_question.h"

/*
 * Seconds for which an answer may be used again: what its records say (the
 * shortest, CNAMEs included; for a negative answer that of its SOA, RFC 2308
 * 5), but within these.
 */
#define DNS_TTL_LEAST 5
#define DNS_TTL_MOST 3600
#define DNS_TTL_NO_MOST 300
#define DNS_TTL_UNKNOWN 5 /* trouble, and a "no" without SOA */

/* Longest chain of CNAMEs that is followed. */
#define DNS_CNAMES_MAX 16

/*
 * What message says to q, asked with this id.  NULL only when out of memory.
 * A name whose label has a dot in it cannot be written as text: a record with
 * such a target is left out, one of such an owner is of no name asked for.
 */
struct dns_answer *dns_parse(struct text message,
    const struct dns_question *q, uint16_t id);

#endif
