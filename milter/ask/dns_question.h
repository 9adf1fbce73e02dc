/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_question.h - a name and a type, in the one spelling by which questions
 * are compared, and as they go out on the wire (RFC 1035 4.1, RFC 6891).
 */
#ifndef MILTER_ASK_DNS_QUESTION_H
#define MILTER_ASK_DNS_QUESTION_H

#include "milter/ask/dns.h"
#include "policy/domain.h"

struct dns_question {
	enum dns_type type;
	size_t n;
	char name[DOMAIN_MAX]; /* lower case, no dot at the end */
};

/* Bytes of UDP that a server may answer with: never fragmented in practice. */
#define DNS_UDP_BYTES 1232

/* Header, name with its length bytes, type and class, OPT record. */
#define DNS_QUESTION_MAX (12 + DOMAIN_MAX + 2 + 4 + 11)

/*
 * False when name cannot stand in the DNS: empty, a label empty or over 63
 * bytes, over 253 bytes.  Any other byte is allowed (RFC 2181 11).
 */
bool dns_question_set(struct dns_question *q, struct text name,
    enum dns_type type);

/* The name; borrowed from q. */
struct text dns_question_name(const struct dns_question *q);

bool dns_question_equal(const struct dns_question *a,
    const struct dns_question *b);

/*
 * The message that asks q, recursion desired, with EDNS, to
 * out[DNS_QUESTION_MAX].  Returns its length.
 */
size_t dns_question_write(const struct dns_question *q, uint16_t id,
    uint8_t *out);

#endif
