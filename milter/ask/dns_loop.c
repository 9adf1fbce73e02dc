/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "milter/ask/dns_answer.h"
#include "milter/ask/dns_parse.h"
#include "milter/ask/dns_wire.h"
#include "milter/clock.h"

#define EVENTS 64
#define WAKE UINT64_MAX /* the event that is no socket of a flight */

struct slot {
	struct dns_flight *flight; /* NULL: free */
	struct dns_wire *wire;
	size_t first;      /* the server that was asked first */
	unsigned generation; /* of the servers */
	int64_t end_ms;    /* no answer is waited for after that */
	int64_t look_ms;   /* when the wire's time is due */
};

struct counts {
	atomic_uint_fast64_t queries, answers, failures, timeouts;
};

struct dns_loop {
	struct dns_flights *flights;
	unsigned patience_ms;
	pthread_t thread;
	int epoll, wake;
	atomic_bool stop;
	struct counts counts;
	struct dns_servers_now servers;
	/* the thread's own */
	struct dns_servers asked;
	unsigned asked_generation;
	size_t good; /* the server that answered last: asked first */
	size_t slots, used;
	struct slot slot[];
};

/* ---- the end of a flight ------------------------------------------------------ */

/* What other servers than those of now have said is not kept. */
static void
empty_slot(struct dns_loop *l, struct slot *s, struct dns_answer *answer)
{
	dns_flight_land(l->flights, s->flight, answer,
	    dns_servers_current(&l->servers, s->generation));
	dns_wire_close(s->wire);
	*s = (struct slot){ 0 };
	l->used--;
}

/* It lands without an answer of any server. */
static void
land_trouble(struct dns_loop *l, struct slot *s, enum dns_trouble trouble)
{
	struct dns_answer *a = dns_answer_new(DNS_UNKNOWN, DNS_TTL_UNKNOWN);

	(*(trouble == DNS_SILENT ? &l->counts.timeouts :
	    &l->counts.failures))++;
	dns_answer_blame(a, trouble);
	empty_slot(l, s, a);
}

/* Servers that were silent are asked last, until another one is. */
static void
note_server(struct dns_loop *l, const struct slot *s, unsigned silent)
{
	if (silent > 0 && s->generation == l->asked_generation)
		l->good = (s->first + silent) % l->asked.n;
}

static void
land_answer(struct dns_loop *l, struct slot *s)
{
	unsigned silent;
	struct dns_answer *answer = dns_wire_take(s->wire, &silent);
	struct dns_server server;

	note_server(l, s, silent);
	if (dns_wire_server(s->wire, &server))
		dns_answer_credit(answer,
		    dns_servers_number(&l->asked, &server));
	if (answer != NULL && dns_answer_status(answer) == DNS_UNKNOWN)
		l->counts.failures++;
	else
		l->counts.answers++;
	empty_slot(l, s, answer);
}

/* Is it over?  Then it lands. */
static void
check(struct dns_loop *l, struct slot *s, int64_t now)
{
	switch (dns_wire_end(s->wire)) {
	case DNS_WIRE_OPEN:
		if (now >= s->end_ms)
			land_trouble(l, s, DNS_SILENT);
		else
			s->look_ms = now + dns_wire_wait(s->wire);
		break;
	case DNS_WIRE_ANSWERED:
		land_answer(l, s);
		break;
	case DNS_WIRE_SILENT:
	case DNS_WIRE_TROUBLE:
		land_trouble(l, s, dns_wire_trouble(s->wire));
		break;
	}
}

/* ---- the start ----------------------------------------------------------------- */

static void
start(struct dns_loop *l, struct slot *s, struct dns_flight *flight,
    int64_t now)
{
	/* nobody wants it any more: it waited too long for its slot */
	if (dns_flight_wanted(l->flights, flight) <= now) {
		dns_flight_land(l->flights, flight, NULL, false);
		return;
	}
	s->wire = dns_wire_open(&l->asked, l->good,
	    dns_flight_question(flight), l->epoll, (uint32_t)(s - l->slot));
	if (s->wire == NULL) {
		l->counts.failures++;
		dns_flight_land(l->flights, flight, NULL, false);
		return;
	}
	s->flight = flight;
	s->first = l->good;
	s->generation = l->asked_generation;
	s->end_ms = now + l->patience_ms;
	l->used++;
	l->counts.queries++;
	check(l, s, now);
}

/* A free slot; if there is none, one whose answer nobody wants any more. */
static struct slot *
free_slot(struct dns_loop *l, int64_t now)
{
	struct slot *s, *end = l->slot + l->slots;

	for (s = l->slot; l->used < l->slots && s < end; s++)
		if (s->flight == NULL)
			return s;
	for (s = l->slot; s < end; s++)
		if (dns_flight_wanted(l->flights, s->flight) <= now) {
			empty_slot(l, s, NULL);
			return s;
		}
	return NULL;
}

static void
start_queued(struct dns_loop *l, int64_t now)
{
	struct slot *s;

	if (dns_servers_follow(&l->servers, &l->asked, &l->asked_generation))
		l->good = 0;
	while (dns_flights_queued(l->flights)) {
		s = free_slot(l, now);
		if (s == NULL)
			break;
		start(l, s, dns_flight_start(l->flights), now);
	}
}

/* ---- the thread ------------------------------------------------------------------- */

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Milliseconds until something is due; -1: nothing is. */
static int
time_left(struct dns_loop *l, int64_t now)
{
	bool queued = dns_flights_queued(l->flights);
	int64_t due = INT64_MAX;
	struct slot *s;

	for (s = l->slot; l->used > 0 && s < l->slot + l->slots; s++) {
		if (s->flight == NULL)
			continue;
		due = earlier(due, earlier(s->look_ms, s->end_ms));
		if (queued)
			due = earlier(due,
			    dns_flight_wanted(l->flights, s->flight));
	}
	if (due == INT64_MAX)
		return -1;
	return due > now ? (int)(due - now) : 0;
}

static void
handle(struct dns_loop *l, const struct epoll_event *event, int64_t now)
{
	uint64_t which = event->data.u64, count;
	struct slot *s;

	if (which == WAKE) {
		/* what it counts does not matter */
		while (read(l->wake, &count, sizeof count) < 0 &&
		    errno == EINTR)
			continue;
		return;
	}
	/* its flight may have landed by an earlier event of the same batch */
	s = &l->slot[which >> 32];
	if (s->flight == NULL)
		return;
	dns_wire_event(s->wire, (int)(which & UINT32_MAX), event->events);
	check(l, s, now);
}

static void
handle_time(struct dns_loop *l, int64_t now)
{
	struct slot *s;

	for (s = l->slot; l->used > 0 && s < l->slot + l->slots; s++) {
		if (s->flight == NULL ||
		    earlier(s->look_ms, s->end_ms) > now)
			continue;
		dns_wire_time(s->wire);
		check(l, s, now);
	}
}

static void
land_all(struct dns_loop *l)
{
	struct dns_flight *flight;
	struct slot *s;

	for (s = l->slot; s < l->slot + l->slots; s++)
		if (s->flight != NULL)
			empty_slot(l, s, NULL);
	while ((flight = dns_flight_start(l->flights)) != NULL)
		dns_flight_land(l->flights, flight, NULL, false);
}

static void *
run(void *argument)
{
	struct dns_loop *l = argument;
	struct epoll_event event[EVENTS];
	int n, i;

	while (!l->stop) {
		n = epoll_wait(l->epoll, event, EVENTS,
		    time_left(l, clock_ms()));
		for (i = 0; i < n; i++)
			handle(l, &event[i], clock_ms());
		handle_time(l, clock_ms());
		start_queued(l, clock_ms());
	}
	land_all(l);
	return NULL;
}

/* ---- for the others ---------------------------------------------------------------- */

void
dns_loop_wake(struct dns_loop *l)
{
	uint64_t one = 1;

	/* full is as good as written: the loop wakes */
	while (write(l->wake, &one, sizeof one) < 0 && errno == EINTR)
		continue;
}

bool
dns_loop_servers(struct dns_loop *l, const struct dns_servers *servers)
{
	return dns_servers_put(&l->servers, servers);
}

bool
dns_loop_server(struct dns_loop *l, size_t number, struct dns_server *out)
{
	return dns_servers_at(&l->servers, number, out);
}

void
dns_loop_stats(struct dns_loop *l, struct dns_stats *out)
{
	out->queries = l->counts.queries;
	out->answers = l->counts.answers;
	out->failures = l->counts.failures;
	out->timeouts = l->counts.timeouts;
}

/* Signals are for the threads that wait for them. */
static int
start_thread(struct dns_loop *l)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&l->thread, NULL, run, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* epoll, the event to wake it, the thread; errno, or 0. */
static int
start_all(struct dns_loop *l)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = WAKE };

	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll < 0 || l->wake < 0 ||
	    epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &event) != 0)
		return errno;
	return start_thread(l);
}

static void
release(struct dns_loop *l)
{
	if (l->epoll >= 0)
		close(l->epoll);
	if (l->wake >= 0)
		close(l->wake);
	dns_servers_end(&l->servers);
	free(l);
}

struct dns_loop *
dns_loop_new(struct dns_flights *flights, const struct dns_servers *servers,
    unsigned slots, unsigned patience_ms)
{
	struct dns_loop *l = calloc(1, sizeof *l + slots * sizeof l->slot[0]);
	int error;

	if (l == NULL)
		return NULL;
	l->flights = flights;
	l->asked = *servers;
	l->slots = slots;
	l->patience_ms = patience_ms;
	l->epoll = l->wake = -1;
	dns_servers_begin(&l->servers, servers);
	error = start_all(l);
	if (error == 0)
		return l;
	release(l);
	errno = error;
	return NULL;
}

void
dns_loop_free(struct dns_loop *l)
{
	if (l == NULL)
		return;
	l->stop = true;
	dns_loop_wake(l);
	pthread_join(l->thread, NULL);
	release(l);
}
