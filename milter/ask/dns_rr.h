/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_rr.h - the records of a DNS message one by one, and what is in them
 * (RFC 1035 4.1.3).  Nothing outside the message is read, whatever its
 * lengths and counts say.
 */
#ifndef MILTER_ASK_DNS_RR_H
#define MILTER_ASK_DNS_RR_H

#include "milter/ask/dns.h"
#include "milter/ask/dns_name.h"

/* Types and a class that nobody asks for, but answers hold. */
#define DNS_NS 2
#define DNS_CNAME 5
#define DNS_SOA 6
#define DNS_OPT 41
#define DNS_CLASS_IN 1

struct dns_rr {
	struct dns_name owner;
	unsigned type, class;
	uint32_t ttl; /* as it is there: dns_rr_ttl() gives its meaning */
	size_t at, n; /* where in the message its data is */
};

/* Some records one after the other: a section of the message. */
struct dns_walk {
	struct text message;
	size_t at;
	unsigned left;
	bool broken; /* it ended because a record is not well-formed */
};

/* Big-endian, two bytes; they must lie within m. */
unsigned dns_number(struct text m, size_t at);

/* The next record; false at the end, or when broken. */
bool dns_walk_next(struct dns_walk *w, struct dns_rr *rr);

/* The walk over the records behind those that are left in w. */
struct dns_walk dns_walk_behind(struct dns_walk w, unsigned records);

/* Seconds; RFC 2181 8: with the highest bit set they count as 0. */
uint32_t dns_rr_ttl(const struct dns_rr *rr);

/* The name that is all of a CNAME's data. */
bool dns_rr_target(struct text m, const struct dns_rr *rr,
    struct dns_name *name);

/* RFC 2308 5: the SOA's own TTL or its last field, whichever is shorter. */
bool dns_rr_soa(struct text m, const struct dns_rr *rr, uint32_t *ttl);

/* The longest text: all strings of the longest record. */
#define DNS_STRINGS_MAX 65535

/* Where the texts of one record are put together. */
struct dns_scratch {
	struct dns_name name;
	char strings[DNS_STRINGS_MAX];
};

/*
 * What is in a record of a type that is asked for; its texts point into s.
 * False when its data is not what the type has.
 */
bool dns_rr_read(struct text m, const struct dns_rr *rr,
    struct dns_scratch *s, struct dns_record *record);

#endif
