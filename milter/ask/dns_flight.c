/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_flight.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "milter/ask/dns_answer.h"
#include "milter/clock.h"

struct dns_flight {
	struct dns_flight *next;   /* of all that have not landed */
	struct dns_flight *queued; /* the next one to start */
	struct dns_question question;
	int64_t wanted_ms;
	unsigned holds; /* the loop and those who wait */
	bool landed;
	struct dns_answer *answer;
	pthread_cond_t arrival;
};

struct dns_flights {
	pthread_mutex_t lock;
	pthread_condattr_t monotonic;
	struct dns_cache *cache;
	struct dns_flight *all;
	struct dns_flight *first, *last; /* to start */
	size_t n, most;
	bool closed;
	size_t inside;        /* threads that hold a flight */
	pthread_cond_t empty; /* nobody is */
};

struct dns_flights *
dns_flights_new(size_t most, struct dns_cache *cache)
{
	struct dns_flights *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->most = most;
	f->cache = cache;
	/* none of these can fail on Linux */
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->empty, NULL);
	pthread_condattr_init(&f->monotonic);
	pthread_condattr_setclock(&f->monotonic, CLOCK_MONOTONIC);
	return f;
}

void
dns_flights_free(struct dns_flights *f)
{
	if (f == NULL)
		return;
	pthread_condattr_destroy(&f->monotonic);
	pthread_cond_destroy(&f->empty);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* ---- under the lock ------------------------------------------------------- */

/* One hold less. */
static void
let_go(struct dns_flight *flight)
{
	if (--flight->holds > 0)
		return;
	dns_answer_free(flight->answer);
	pthread_cond_destroy(&flight->arrival);
	free(flight);
}

static struct dns_flight *
find(const struct dns_flights *f, const struct dns_question *q)
{
	struct dns_flight *flight = f->all;

	while (flight != NULL && !dns_question_equal(&flight->question, q))
		flight = flight->next;
	return flight;
}

/* A new flight, held by the loop, that waits for its start. */
static struct dns_flight *
schedule(struct dns_flights *f, const struct dns_question *q)
{
	struct dns_flight *flight;

	if (f->n >= f->most)
		return NULL;
	flight = calloc(1, sizeof *flight);
	if (flight == NULL)
		return NULL;
	pthread_cond_init(&flight->arrival, &f->monotonic);
	flight->question = *q;
	flight->holds = 1;
	flight->next = f->all;
	f->all = flight;
	f->n++;
	*(f->first != NULL ? &f->last->queued : &f->first) = flight;
	f->last = flight;
	return flight;
}

static enum dns_boarding
board(struct dns_flights *f, const struct dns_question *q,
    int64_t deadline_ms, struct dns_flight **flight,
    struct dns_answer **answer)
{
	enum dns_boarding how = DNS_BOARDED;

	if (f->closed)
		return DNS_NO_SEAT;
	*flight = find(f, q);
	if (*flight == NULL) {
		/* it may have landed since the caller looked */
		*answer = dns_cache_get(f->cache, q, clock_ms());
		if (*answer != NULL)
			return DNS_CACHED;
		*flight = schedule(f, q);
		how = DNS_BOARDED_FIRST;
	}
	if (*flight == NULL)
		return DNS_NO_SEAT;
	(*flight)->holds++;
	f->inside++;
	if ((*flight)->wanted_ms < deadline_ms)
		(*flight)->wanted_ms = deadline_ms;
	return how;
}

/* ---- for those who ask ---------------------------------------------------- */

enum dns_boarding
dns_flight_board(struct dns_flights *f, const struct dns_question *q,
    int64_t deadline_ms, struct dns_flight **flight,
    struct dns_answer **answer)
{
	enum dns_boarding how;

	pthread_mutex_lock(&f->lock);
	how = board(f, q, deadline_ms, flight, answer);
	pthread_mutex_unlock(&f->lock);
	return how;
}

struct dns_answer *
dns_flight_wait(struct dns_flights *f, struct dns_flight *flight,
    int64_t deadline_ms)
{
	struct timespec until = { .tv_sec = (time_t)(deadline_ms / 1000),
		.tv_nsec = (long)(deadline_ms % 1000) * 1000000 };
	struct dns_answer *answer = NULL;
	int error = 0;

	pthread_mutex_lock(&f->lock);
	while (!flight->landed && error == 0)
		error = pthread_cond_timedwait(&flight->arrival, &f->lock,
		    &until);
	if (flight->answer != NULL)
		answer = dns_answer_hold(flight->answer);
	pthread_mutex_unlock(&f->lock);
	return answer;
}

void
dns_flight_leave(struct dns_flights *f, struct dns_flight *flight)
{
	pthread_mutex_lock(&f->lock);
	let_go(flight);
	if (--f->inside == 0)
		pthread_cond_broadcast(&f->empty);
	pthread_mutex_unlock(&f->lock);
}

/* ---- for the loop ------------------------------------------------------------ */

struct dns_flight *
dns_flight_start(struct dns_flights *f)
{
	struct dns_flight *flight;

	pthread_mutex_lock(&f->lock);
	flight = f->first;
	if (flight != NULL)
		f->first = flight->queued;
	pthread_mutex_unlock(&f->lock);
	return flight;
}

bool
dns_flights_queued(struct dns_flights *f)
{
	bool queued;

	pthread_mutex_lock(&f->lock);
	queued = f->first != NULL;
	pthread_mutex_unlock(&f->lock);
	return queued;
}

const struct dns_question *
dns_flight_question(const struct dns_flight *flight)
{
	return &flight->question;
}

int64_t
dns_flight_wanted(struct dns_flights *f, const struct dns_flight *flight)
{
	int64_t wanted;

	pthread_mutex_lock(&f->lock);
	wanted = flight->wanted_ms;
	pthread_mutex_unlock(&f->lock);
	return wanted;
}

static void
take_out(struct dns_flights *f, struct dns_flight *flight)
{
	struct dns_flight **at = &f->all;

	while (*at != flight)
		at = &(*at)->next;
	*at = flight->next;
	f->n--;
}

void
dns_flight_land(struct dns_flights *f, struct dns_flight *flight,
    struct dns_answer *answer, bool keep)
{
	/* first into the cache: whoever does not find the flight looks there */
	if (answer != NULL && keep)
		dns_cache_put(f->cache, &flight->question, answer,
		    clock_ms());
	pthread_mutex_lock(&f->lock);
	take_out(f, flight);
	flight->landed = true;
	flight->answer = answer;
	pthread_cond_broadcast(&flight->arrival);
	let_go(flight);
	pthread_mutex_unlock(&f->lock);
}

void
dns_flights_close(struct dns_flights *f)
{
	pthread_mutex_lock(&f->lock);
	f->closed = true;
	pthread_mutex_unlock(&f->lock);
}

void
dns_flights_empty(struct dns_flights *f)
{
	pthread_mutex_lock(&f->lock);
	while (f->inside > 0)
		pthread_cond_wait(&f->empty, &f->lock);
	pthread_mutex_unlock(&f->lock);
}
