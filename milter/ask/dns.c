/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns.h"

#include <ares.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "milter/ask/dns_answer.h"
#include "milter/ask/dns_loop.h"
#include "milter/ask/dns_parse.h"
#include "milter/clock.h"

/* Questions that wait for one of the flights under way to end, each. */
#define QUEUE 8

struct dns {
	struct dns_cache *cache;
	struct dns_flights *flights;
	struct dns_loop *loop;
	atomic_uint_fast64_t asked, hits, joined, late, dropped;
};

static bool
read_servers(const struct dns_options *o, struct dns_servers *servers)
{
	if (dns_servers_read(o, servers))
		return true;
	errno = o->servers > 0 ? EINVAL : ENOMEM;
	return false;
}

static bool
start(struct dns *d, const struct dns_options *o)
{
	unsigned flights = o->flights > 0 ? o->flights : DNS_FLIGHTS;
	struct dns_servers servers;
	uint64_t seed;

	if (!read_servers(o, &servers))
		return false;
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		return false;
	d->cache = dns_cache_new(o->cache_bytes > 0 ? o->cache_bytes :
	    DNS_CACHE_BYTES, seed);
	d->flights = dns_flights_new((size_t)flights * QUEUE, d->cache);
	if (d->cache == NULL || d->flights == NULL)
		return false;
	d->loop = dns_loop_new(d->flights, &servers, flights,
	    o->patience_ms > 0 ? o->patience_ms : DNS_PATIENCE_MS);
	return d->loop != NULL;
}

struct dns *
dns_new(const struct dns_options *o)
{
	struct dns *d = calloc(1, sizeof *d);
	int error;

	if (d == NULL)
		return NULL;
	ares_library_init(ARES_LIB_INIT_ALL);
	if (start(d, o))
		return d;
	error = errno;
	dns_free(d);
	errno = error;
	return NULL;
}

bool
dns_reload(struct dns *d, const struct dns_options *o)
{
	struct dns_servers servers;

	if (!read_servers(o, &servers))
		return false;
	if (dns_loop_servers(d->loop, &servers))
		dns_cache_clear(d->cache);
	return true;
}

void
dns_free(struct dns *d)
{
	if (d == NULL)
		return;
	if (d->flights != NULL)
		dns_flights_close(d->flights);
	dns_loop_free(d->loop);
	if (d->flights != NULL)
		dns_flights_empty(d->flights);
	dns_flights_free(d->flights);
	dns_cache_free(d->cache);
	ares_library_cleanup();
	free(d);
}

/* Get q under way: the flight, or NULL and what is known about q already. */
static struct dns_flight *
board(struct dns *d, const struct dns_question *q, int64_t deadline_ms,
    struct dns_answer **answer)
{
	struct dns_flight *flight = NULL;

	switch (dns_flight_board(d->flights, q, deadline_ms, &flight,
	    answer)) {
	case DNS_BOARDED_FIRST:
		dns_loop_wake(d->loop);
		break;
	case DNS_BOARDED:
		d->joined++;
		break;
	case DNS_CACHED:
		d->hits++;
		break;
	case DNS_NO_SEAT:
		d->dropped++;
		break;
	}
	return flight;
}

/* Nobody could say; not for the cache. */
static struct dns_answer *
unknown(enum dns_trouble trouble)
{
	struct dns_answer *a = dns_answer_new(DNS_UNKNOWN, 0);

	dns_answer_blame(a, trouble);
	return a;
}

static struct dns_answer *
ask_servers(struct dns *d, const struct dns_question *q, int64_t deadline_ms)
{
	struct dns_answer *answer = NULL;
	struct dns_flight *flight;

	if (deadline_ms <= clock_ms()) {
		d->late++;
		return unknown(DNS_LATE);
	}
	flight = board(d, q, deadline_ms, &answer);
	if (flight == NULL)
		return answer != NULL ? answer : unknown(DNS_BUSY);
	answer = dns_flight_wait(d->flights, flight, deadline_ms);
	if (answer == NULL) {
		d->late++;
		answer = unknown(clock_ms() < deadline_ms ? DNS_BUSY :
		    DNS_LATE);
	}
	/* the last touch of d: dns_free waits for that */
	dns_flight_leave(d->flights, flight);
	return answer;
}

struct dns_answer *
dns_ask(struct dns *d, struct text name, enum dns_type type,
    int64_t deadline_ms)
{
	struct dns_question q;
	struct dns_answer *answer;

	d->asked++;
	/* what cannot stand in the DNS is not there */
	if (!dns_question_set(&q, name, type))
		return dns_answer_new(DNS_NO_NAME, DNS_TTL_MOST);
	answer = dns_cache_get(d->cache, &q, clock_ms());
	if (answer != NULL) {
		d->hits++;
		return answer;
	}
	return ask_servers(d, &q, deadline_ms);
}

const char *
dns_answer_server(struct dns *d, const struct dns_answer *a, char *out)
{
	bool six;
	char address[IP_TEXT_MAX];
	struct dns_server s;

	out[0] = '\0';
	if (!dns_loop_server(d->loop, dns_answer_credited(a), &s))
		return out;
	six = s.address.family == IP_V6;
	snprintf(out, DNS_SERVER_TEXT_MAX, "%s%s%s:%u", six ? "[" : "",
	    ip_print(&s.address, address), six ? "]" : "", s.port);
	return out;
}

void
dns_prefetch(struct dns *d, struct text name, enum dns_type type,
    int64_t deadline_ms)
{
	struct dns_question q;
	struct dns_answer *answer = NULL;
	struct dns_flight *flight;

	d->asked++;
	if (!dns_question_set(&q, name, type) || deadline_ms <= clock_ms())
		return;
	/* boarding looks into the cache before it asks anybody */
	flight = board(d, &q, deadline_ms, &answer);
	if (flight != NULL)
		dns_flight_leave(d->flights, flight);
	dns_answer_free(answer);
}

void
dns_stats(struct dns *d, struct dns_stats *out)
{
	struct dns_cache_stats cache;

	dns_cache_stats(d->cache, &cache);
	*out = (struct dns_stats){ .asked = d->asked, .hits = d->hits,
		.joined = d->joined, .late = d->late, .dropped = d->dropped,
		.evicted = cache.evicted, .entries = cache.entries,
		.bytes = cache.bytes };
	dns_loop_stats(d->loop, out);
}
