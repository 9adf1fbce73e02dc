/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns.h - questions to the DNS, each with a deadline.
 * An answer never mixes up what is known: the name has such records, the name
 * does not exist, the name exists without them, or nobody could say.
 */
#ifndef MILTER_ASK_DNS_H
#define MILTER_ASK_DNS_H

#include <stdint.h>

#include "policy/network.h"
#include "policy/text.h"

enum dns_type {
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28
};

enum dns_status {
	DNS_FOUND,
	DNS_NO_NAME, /* NXDOMAIN */
	DNS_NO_DATA, /* the name is there, such a record is not */
	DNS_UNKNOWN  /* timeout, SERVFAIL, refused, nonsense */
};

struct dns_record {
	enum dns_type type;
	unsigned preference; /* MX */
	struct ip address;   /* A, AAAA */
	struct text name;    /* MX, PTR: the target, folded, no dot at the end;
	                        "" is the root (null MX, RFC 7505) */
	struct text txt;     /* TXT: the strings joined, raw bytes */
};

/* One answer: immutable, counted; its records' texts live as long as it. */
struct dns_answer;

enum dns_status dns_answer_status(const struct dns_answer *a);

/* Records; 0 unless the status is DNS_FOUND. */
size_t dns_answer_count(const struct dns_answer *a);

/* Record i, less than the count; borrowed from the answer. */
const struct dns_record *dns_answer_at(const struct dns_answer *a, size_t i);

/* Did it come from the cache? */
bool dns_answer_cached(const struct dns_answer *a);

/* Seconds for which it may be used again. */
unsigned dns_answer_ttl(const struct dns_answer *a);

/* Give up the caller's hold on it; NULL is allowed. */
void dns_answer_free(struct dns_answer *a);

/* The resolver. */
struct dns;

/*
 * Ask for the records of name; deadline by CLOCK_MONOTONIC in ms.  Returns at
 * the latest then, with DNS_UNKNOWN; never NULL but when out of memory.  The
 * answer is to be freed.
 */
struct dns_answer *dns_ask(struct dns *d, struct text name, enum dns_type type,
    int64_t deadline_ms);

/* Start the same question and wait for nothing. */
void dns_prefetch(struct dns *d, struct text name, enum dns_type type,
    int64_t deadline_ms);

#endif
