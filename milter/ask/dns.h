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

/* With DNS_UNKNOWN: why nobody could say. */
enum dns_trouble {
	DNS_NO_TROUBLE,
	DNS_SILENT,      /* no server answered */
	DNS_LATE,        /* none had when whoever asked had to leave */
	DNS_SERVFAIL,
	DNS_REFUSED,
	DNS_OTHER_ERROR, /* another code, RFC 1035 4.1.1 */
	DNS_NONSENSE,    /* no answer to the question, or one that is broken */
	DNS_NO_SERVER,   /* each of several failed, or cannot be reached:
	                    c-ares does not say which */
	DNS_BUSY         /* too many questions at a time, or the end */
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

enum dns_trouble dns_answer_trouble(const struct dns_answer *a);

/* Give up the caller's hold on it; NULL is allowed. */
void dns_answer_free(struct dns_answer *a);

/* The resolver: one thread that asks, and a cache; for any number of threads. */
struct dns;

struct dns_options {
	/*
	 * Name servers as "ADDRESS", "ADDRESS:PORT" or "[ADDRESS]:PORT", asked in
	 * this order; none: those of resolv_conf.
	 */
	const char *const *server;
	size_t servers;
	const char *resolv_conf; /* NULL: /etc/resolv.conf */
	size_t cache_bytes;      /* 0: DNS_CACHE_BYTES */
	unsigned flights;        /* questions under way at a time; 0: DNS_FLIGHTS */
	unsigned patience_ms;    /* 0: DNS_PATIENCE_MS */
};

#define DNS_CACHE_BYTES (32u * 1024 * 1024)
#define DNS_FLIGHTS 256
/*
 * How long one question is followed up, though whoever asked may have left at
 * his deadline: a late answer still gets into the cache.
 */
#define DNS_PATIENCE_MS 5000

/*
 * NULL with errno: EINVAL when a server's name is wrong or there are more than
 * 8, otherwise what memory or threads lack.
 */
struct dns *dns_new(const struct dns_options *o);

/*
 * Ask the servers of o from now on; with none, read resolv.conf again.  If they
 * are others than before, the cache is emptied.  False, and nothing changed,
 * as dns_new.  The other options stay.
 */
bool dns_reload(struct dns *d, const struct dns_options *o);

/*
 * Ends at once, whatever servers do: those who wait get DNS_UNKNOWN, and it
 * returns when the last of them has.  Nobody may ask any more.  d may be NULL.
 */
void dns_free(struct dns *d);

/* Counted since dns_new. */
struct dns_stats {
	uint64_t asked;    /* by dns_ask and dns_prefetch */
	uint64_t hits;     /* answered by the cache */
	uint64_t joined;   /* the same question was under way already */
	uint64_t queries;  /* sent to a server; retries are not counted */
	uint64_t answers;  /* from servers: found, no such name, no data */
	uint64_t failures; /* SERVFAIL, refused, nonsense */
	uint64_t timeouts; /* nothing from any server in patience_ms */
	uint64_t late;     /* who asked had to leave at his deadline */
	uint64_t dropped;  /* too many questions at a time */
	uint64_t evicted;  /* from the cache, before their time was over */
	size_t entries, bytes; /* in the cache now */
};

void dns_stats(struct dns *d, struct dns_stats *out);

/*
 * Ask for the records of name; deadline by CLOCK_MONOTONIC in ms.  Returns at
 * the latest then, with DNS_UNKNOWN; never NULL but when out of memory.  The
 * answer is to be freed.
 */
struct dns_answer *dns_ask(struct dns *d, struct text name, enum dns_type type,
    int64_t deadline_ms);

/* Room for the text of a server. */
#define DNS_SERVER_TEXT_MAX (IP_TEXT_MAX + sizeof "[]:65535")

/*
 * Whose answer a is, one that came from the cache too: "ADDRESS:PORT" or
 * "[ADDRESS]:PORT" into out[DNS_SERVER_TEXT_MAX].  "" when nobody's, or when
 * it is not known; by the servers of now, so after a reload it may be wrong.
 * Not while d is being freed, nor behind that.
 */
const char *dns_answer_server(struct dns *d, const struct dns_answer *a,
    char *out);

/* Start the same question and wait for nothing. */
void dns_prefetch(struct dns *d, struct text name, enum dns_type type,
    int64_t deadline_ms);

#endif
