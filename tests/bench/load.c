/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load.c - plays the mail server against a filter and measures the filter.
 * One thread; a session is one connection, as with sendmail.  The result is
 * one line of JSON; `load --help` tells what is in it.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load_options.h"
#include "tests/bench/load_session.h"

#define MS 1000000u            /* in ns */
#define SILENCE_S 10           /* nobody answers for so long: give up */
#define EVENTS 256

struct load {
	struct load_options o;
	struct sockaddr_un address;
	int epoll;
	struct session *session; /* o.concurrency of them */
	struct session *unused;
	struct session *paused, **paused_end; /* in the order of their time */
	unsigned started, abusive, active, held;
	struct tally tally;
	char asked[512]; /* what the filter negotiated */
	uint64_t *latency; /* of each reply to RCPT, ns */
	size_t replies;
};

static void advance(struct load *l, struct session *s);

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 * MS + (uint64_t)t.tv_nsec;
}

static void
finish(struct load *l, struct session *s)
{
	close(s->fd);
	s->next = l->unused;
	l->unused = s;
	l->active--;
}

static void
unpause(struct load *l, struct session *s)
{
	struct session **p = &l->paused;

	while (*p != NULL && *p != s)
		p = &(*p)->next;
	if (*p == NULL)
		return;
	*p = s->next;
	if (*p == NULL)
		l->paused_end = p;
}

static void
fail(struct load *l, struct session *s, const char *what)
{
	if (l->tally.errors++ == 0)
		warnx("session %u: %s", s->who.number, what);
	unpause(l, s);
	finish(l, s);
}

static bool
flush(struct session *s)
{
	ssize_t n = send(s->fd, s->out.at, s->out.n,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
	bool whole = n >= 0 && (size_t)n == s->out.n;

	s->out.n = 0;
	s->time = now();
	return whole;
}

/* Let the session go on after the pause that a distant client makes. */
static void
pause_session(struct load *l, struct session *s)
{
	s->time = now() + l->o.think_ms * (uint64_t)MS;
	s->next = NULL;
	*l->paused_end = s;
	l->paused_end = &s->next;
}

static void
go_on(struct load *l, struct session *s)
{
	if (l->o.think_ms > 0)
		pause_session(l, s);
	else
		advance(l, s);
}

/* Send commands up to the next one that has a reply. */
static void
advance(struct load *l, struct session *s)
{
	bool more;

	do {
		if (l->o.hold > 0 && s->step == STEP_HELO) {
			l->held++;
			return;
		}
		more = session_command(s, l->o.recipients);
		if (!flush(s)) {
			fail(l, s, "the filter takes no data");
			return;
		}
		if (!more) {
			session_asked(s, l->asked, sizeof l->asked);
			finish(l, s);
			return;
		}
	} while (!s->waiting && l->o.think_ms == 0);
	if (!s->waiting)
		pause_session(l, s);
}

static void
start(struct load *l)
{
	struct session *s = l->unused;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(EX_OSERR, "socket");
	l->unused = s->next;
	l->active++;
	session_begin(s, fd, l->started++, l->o.abusive);
	l->abusive += s->who.abusive;
	if (connect(fd, (struct sockaddr *)&l->address, sizeof l->address) != 0)
		fail(l, s, strerror(errno));
	else if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		err(EX_OSERR, "epoll_ctl");
	else if (!flush(s))
		fail(l, s, "the filter takes no data");
}

/* False when the session is over. */
static bool
take_reply(struct load *l, struct session *s, const struct packet *reply)
{
	uint64_t took = now() - s->time;

	if (!session_reply(s, reply, &l->tally)) {
		fail(l, s, "a reply that breaks the protocol");
		return false;
	}
	if (s->step == STEP_RCPT && !s->waiting)
		l->latency[l->replies++] = took;
	return true;
}

/* Only one reply can be due, so the rest of the input is looked at later. */
static void
on_readable(struct load *l, struct session *s)
{
	struct packet reply;
	enum wire_state state;
	size_t bytes;
	ssize_t n;

	wire_reserve(&s->in, 1024);
	n = recv(s->fd, s->in.at + s->in.n, s->in.cap - s->in.n, MSG_DONTWAIT);
	if (n <= 0) {
		fail(l, s, n == 0 ? "closed by the filter" : strerror(errno));
		return;
	}
	if (!s->waiting) {
		fail(l, s, "a reply where none is due");
		return;
	}
	s->in.n += (size_t)n;
	while ((state = wire_first(&s->in, &reply, &bytes)) == WIRE_PACKET) {
		if (!take_reply(l, s, &reply))
			return;
		wire_drop(&s->in, bytes);
	}
	if (state == WIRE_BROKEN)
		fail(l, s, "a packet with an impossible length");
	else if (!s->waiting)
		go_on(l, s);
}

/* ns until the first paused session goes on. */
static uint64_t
wake_paused(struct load *l)
{
	uint64_t t = now();
	struct session *s;

	while ((s = l->paused) != NULL && s->time <= t) {
		l->paused = s->next;
		if (l->paused == NULL)
			l->paused_end = &l->paused;
		advance(l, s);
	}
	return s != NULL ? s->time - t : SILENCE_S * 1000ull * MS;
}

static void
wait_for_replies(struct load *l, uint64_t ns)
{
	struct timespec wait = { .tv_sec = (time_t)(ns / (1000 * MS)),
	    .tv_nsec = (long)(ns % (1000 * MS)) };
	struct epoll_event event[EVENTS];
	int i, n = epoll_pwait2(l->epoll, event, EVENTS, &wait, NULL);

	if (n < 0 && errno != EINTR)
		err(EX_OSERR, "epoll_pwait2");
	for (i = 0; i < n; i++)
		on_readable(l, event[i].data.ptr);
	if (n == 0 && l->paused == NULL) {
		warnx("%u sessions without a reply for %d s",
		    l->active - l->held, SILENCE_S);
		l->tally.errors += l->active - l->held;
		l->active = l->held;
		l->o.sessions = l->started;
	}
}

static void
run(struct load *l)
{
	uint64_t end = now() + l->o.limit_s * UINT64_C(1000) * MS;
	uint64_t until_pause_ends;

	do {
		if (now() > end)
			l->o.sessions = l->started;
		while (l->unused != NULL && l->started < l->o.sessions)
			start(l);
		until_pause_ends = wake_paused(l);
		if (l->active > l->held)
			wait_for_replies(l, until_pause_ends);
	} while (l->active > l->held || l->started < l->o.sessions);
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Microseconds; the latencies must be sorted. */
static double
quantile(const struct load *l, double q)
{
	size_t i = (size_t)(q * (double)l->replies);

	if (l->replies == 0)
		return 0;
	return (double)l->latency[i < l->replies ? i : l->replies - 1] / 1e3;
}

/* CPU seconds of the filter, its ended threads included; 0 without --pid. */
static double
filter_cpu(pid_t pid)
{
	const struct timespec settle = { .tv_nsec = 100 * MS };
	struct timespec t;
	clockid_t clock;

	if (pid == 0)
		return 0;
	nanosleep(&settle, NULL);
	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &t) != 0)
		errx(EX_NOINPUT, "no process %d", (int)pid);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
report(struct load *l, double seconds, double cpu)
{
	const struct tally *t = &l->tally;

	qsort(l->latency, l->replies, sizeof *l->latency, by_size);
	printf("{\"sessions\": %u, \"seconds\": %.6f, \"replies\": %zu, "
	    "\"rcpt_per_s\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
	    "\"max_us\": %.1f, \"cpu_s\": %.6f, ", l->started, seconds,
	    l->replies, (double)l->replies / seconds, quantile(l, .5),
	    quantile(l, .99), quantile(l, 1), cpu);
	printf("\"asked\": \"%s\", \"honest\": %u, \"abusive\": %u, ",
	    l->asked, (l->started - l->abusive) * l->o.recipients,
	    l->abusive * l->o.recipients);
	printf("\"honest_accepted\": %" PRIu64 ", \"honest_refused\": %" PRIu64
	    ", \"abusive_accepted\": %" PRIu64 ", \"abusive_refused\": %" PRIu64
	    ", \"mail_refused\": %" PRIu64 ", \"deferred\": %" PRIu64
	    ", \"errors\": %" PRIu64 "}\n", t->honest_accepted,
	    t->honest_refused, t->abusive_accepted, t->abusive_refused,
	    t->mail_refused, t->deferred, t->errors);
	fflush(stdout);
}

/* Keep the idle sessions until whoever looks at the filter closes stdin. */
static void
hold(const struct load *l)
{
	printf("{\"held\": %u, \"errors\": %" PRIu64 "}\n", l->held,
	    l->tally.errors);
	fflush(stdout);
	while (getchar() != EOF)
		;
}

static void
prepare(struct load *l)
{
	struct rlimit files;
	unsigned i;

	l->address.sun_family = AF_UNIX;
	if (strlen(l->o.socket) >= sizeof l->address.sun_path)
		errx(EX_USAGE, "%s: too long for a socket", l->o.socket);
	strcpy(l->address.sun_path, l->o.socket);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->paused_end = &l->paused;
	l->session = calloc(l->o.concurrency, sizeof *l->session);
	l->latency = calloc((size_t)l->o.sessions * l->o.recipients,
	    sizeof *l->latency);
	if (l->epoll < 0 || l->session == NULL || l->latency == NULL)
		err(EX_OSERR, "load");
	for (i = 0; i < l->o.concurrency; i++) {
		l->session[i].next = l->unused;
		l->unused = &l->session[i];
	}
}

static void
release(struct load *l)
{
	unsigned i;

	for (i = 0; i < l->o.concurrency; i++)
		session_free(&l->session[i]);
	free(l->session);
	free(l->latency);
	close(l->epoll);
}

int
main(int argc, char **argv)
{
	struct load l = { 0 };
	uint64_t begin;
	double cpu, seconds;

	load_options(&l.o, argc, argv);
	prepare(&l);
	cpu = filter_cpu(l.o.pid);
	begin = now();
	run(&l);
	seconds = (double)(now() - begin) / 1e9;
	if (l.o.hold > 0)
		hold(&l);
	else
		report(&l, seconds, filter_cpu(l.o.pid) - cpu);
	release(&l);
	return l.tally.errors > 0;
}
