/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/door_map.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "milter/clock.h"
#include "milter/netstring.h"
#include "milter/serve/map_answer.h"

#define BACKLOG 4096
#define EVENTS 64
/* All that is half-read from all clients together. */
#define PENDING_MAX (4u * 1024 * 1024)
/* Frame of a reply: three digits, colon, comma. */
#define FRAME_MAX (MAP_REPLY_MAX + 8)

struct client {
	int fd;              /* -1: free */
	uint32_t generation; /* tells a late event from the next tenant's */
	unsigned long session;
	time_t active;       /* when it last asked something */
	time_t begun;        /* when the request at hand began */
	char *pending;       /* the part of a request that is there */
	size_t n;
};

struct door_map {
	const struct judge *judge;
	atomic_ulong *number;
	int epoll, listener, stop;
	pthread_t thread;
	bool running;
	struct sockaddr_un address;
	size_t pending; /* bytes held by all clients */
	time_t now;
	struct client client[MAP_CLIENTS_MAX];
	char input[MAP_REQUEST_MAX + 64]; /* a request and its frame */
	char output[16 * FRAME_MAX]; /* replies to one client */
	size_t replies;              /* bytes of them */
};

/* What an epoll event is about. */
#define TOKEN_LISTENER UINT64_MAX
#define TOKEN_STOP (UINT64_MAX - 1)

static uint64_t
token_of(const struct door_map *d, const struct client *c)
{
	return (uint64_t)c->generation << 32 | (uint64_t)(c - d->client);
}

static int
watch(struct door_map *d, int fd, uint64_t token)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = token };

	return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &e);
}

static time_t
uptime(void)
{
	return (time_t)(clock_ms() / 1000);
}

/* ---------------------------------------------------------------- clients */

static void
forget_pending(struct door_map *d, struct client *c)
{
	d->pending -= c->n;
	free(c->pending);
	c->pending = NULL;
	c->n = 0;
}

static void
drop(struct door_map *d, struct client *c)
{
	forget_pending(d, c);
	close(c->fd); /* leaves the epoll set by that */
	c->fd = -1;
	c->generation++;
}

/* Whoever is idle longest, of all or of those that hold half a request. */
static void
drop_idlest(struct door_map *d, bool holding)
{
	struct client *c, *idlest = NULL;

	for (c = d->client; c < d->client + MAP_CLIENTS_MAX; c++)
		if (c->fd >= 0 && (c->n > 0 || !holding) &&
		    (idlest == NULL || c->active < idlest->active))
			idlest = c;
	if (idlest != NULL)
		drop(d, idlest);
}

/* Those who began a request and do not end it. */
static void
drop_slow(struct door_map *d)
{
	size_t i;

	for (i = 0; i < MAP_CLIENTS_MAX; i++)
		if (d->client[i].n > 0 &&
		    d->now - d->client[i].begun >= MAP_REQUEST_SECONDS)
			drop(d, &d->client[i]);
}

static struct client *
free_client(struct door_map *d)
{
	size_t i;

	for (i = 0; i < MAP_CLIENTS_MAX; i++)
		if (d->client[i].fd < 0)
			return &d->client[i];
	return NULL;
}

static void
admit(struct door_map *d, int fd)
{
	struct client *c = free_client(d);

	if (c == NULL) {
		drop_idlest(d, false);
		c = free_client(d);
	}
	c->fd = fd;
	c->session = atomic_fetch_add(d->number, 1) + 1;
	/* one that never asked goes before one that did */
	c->active = d->now - MAP_REQUEST_SECONDS;
	if (watch(d, fd, token_of(d, c)) != 0)
		drop(d, c);
}

/* All who wait at the door, but not so many that the others starve. */
static void
accept_clients(struct door_map *d)
{
	int i, fd;

	for (i = 0; i < EVENTS; i++) {
		fd = accept4(d->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			admit(d, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE)
			drop_idlest(d, false); /* then it will do */
		return;
	}
}

/* -------------------------------------------------------------- questions */

/* Send the replies so far; false when the client does not take them. */
static bool
flush(struct door_map *d, const struct client *c)
{
	size_t n = d->replies;

	d->replies = 0;
	return n == 0 ||
	    send(c->fd, d->output, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static bool
answer(struct door_map *d, struct client *c, struct text request)
{
	char reply[MAP_REPLY_MAX];
	size_t n = map_answer(d->judge, c->session, request, reply);

	if (sizeof d->output - d->replies < FRAME_MAX && !flush(d, c))
		return false;
	d->replies += netstring_write((struct text){ reply, n },
	    d->output + d->replies, sizeof d->output - d->replies);
	c->active = d->now;
	return true;
}

/* Answer every whole request in bytes; how many they took, or -1: drop. */
static ssize_t
answer_all(struct door_map *d, struct client *c, struct text bytes)
{
	enum netstring_state state;
	struct text request;
	size_t done = 0, used;

	d->replies = 0;
	while ((state = netstring_read(text_cut(bytes, done, bytes.n),
	    MAP_REQUEST_MAX, &request, &used)) == NETSTRING_WHOLE) {
		if (!answer(d, c, request))
			return -1;
		done += used;
	}
	return flush(d, c) && state == NETSTRING_MORE ? (ssize_t)done : -1;
}

/* Keep what is left of bytes for the next time; false: drop the client. */
static bool
keep_rest(struct door_map *d, struct client *c, struct text rest, bool fresh)
{
	char *copy = NULL;

	if (rest.n > 0) {
		copy = malloc(rest.n);
		if (copy == NULL)
			return false;
		memcpy(copy, rest.at, rest.n);
	}
	forget_pending(d, c);
	c->pending = copy;
	c->n = rest.n;
	d->pending += rest.n;
	if (fresh)
		c->begun = d->now;
	return true;
}

/* Read once, answer what is whole; false: drop the client. */
static bool
serve_client(struct door_map *d, struct client *c)
{
	size_t had = c->n;
	ssize_t got, done;

	if (had > 0)
		memcpy(d->input, c->pending, had);
	got = recv(c->fd, d->input + had, sizeof d->input - had, 0);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0)
		return false;
	done = answer_all(d, c,
	    (struct text){ d->input, had + (size_t)got });
	if (done < 0)
		return false;
	return keep_rest(d, c, (struct text){ d->input + done,
	    had + (size_t)got - (size_t)done }, had == 0 || done > 0);
}

/* ------------------------------------------------------------------- loop */

/* The client an event is about; NULL when it is gone already. */
static struct client *
client_of(struct door_map *d, uint64_t token)
{
	struct client *c = &d->client[token & 0xffffffffu];

	return c->fd >= 0 && token_of(d, c) == token ? c : NULL;
}

static void *
run(void *arg)
{
	struct door_map *d = arg;
	struct epoll_event e[EVENTS];
	struct client *c;
	time_t swept = 0;
	int i, n;

	for (;;) {
		n = epoll_wait(d->epoll, e, EVENTS, 1000);
		d->now = uptime();
		for (i = 0; i < n; i++) {
			if (e[i].data.u64 == TOKEN_STOP)
				return NULL;
			if (e[i].data.u64 == TOKEN_LISTENER) {
				accept_clients(d);
				continue;
			}
			c = client_of(d, e[i].data.u64);
			if (c != NULL && !serve_client(d, c))
				drop(d, c);
		}
		if (d->now != swept)
			drop_slow(d);
		swept = d->now;
		while (d->pending > PENDING_MAX)
			drop_idlest(d, true);
	}
}

/* --------------------------------------------------------------- lifetime */

/* Take a socket away that nobody serves any more; nothing but a socket. */
static int
remove_stale(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	return unlink(path);
}

static int
listen_at(struct door_map *d, const char *path)
{
	d->address.sun_family = AF_UNIX;
	if ((size_t)snprintf(d->address.sun_path, sizeof d->address.sun_path,
	    "%s", path) >= sizeof d->address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	d->listener = socket(AF_UNIX,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->listener < 0 || remove_stale(path) != 0 ||
	    bind(d->listener, (const struct sockaddr *)&d->address,
	    sizeof d->address) != 0 || listen(d->listener, BACKLOG) != 0)
		return -1;
	return watch(d, d->listener, TOKEN_LISTENER);
}

struct door_map *
door_map_open(const char *path, const struct judge *judge,
    atomic_ulong *number)
{
	struct door_map *d = calloc(1, sizeof *d);
	size_t i;
	int error;

	if (d == NULL)
		return NULL;
	d->judge = judge;
	d->number = number;
	d->listener = -1;
	for (i = 0; i < MAP_CLIENTS_MAX; i++)
		d->client[i].fd = -1;
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	d->stop = eventfd(0, EFD_CLOEXEC);
	if (d->epoll >= 0 && d->stop >= 0 &&
	    watch(d, d->stop, TOKEN_STOP) == 0 && listen_at(d, path) == 0)
		return d;
	error = errno;
	d->address.sun_path[0] = '\0'; /* not ours to remove */
	door_map_close(d);
	errno = error;
	return NULL;
}

int
door_map_start(struct door_map *d)
{
	d->running = pthread_create(&d->thread, NULL, run, d) == 0;
	return d->running ? 0 : -1;
}

void
door_map_close(struct door_map *d)
{
	size_t i;

	if (d == NULL)
		return;
	if (d->running) {
		eventfd_write(d->stop, 1);
		pthread_join(d->thread, NULL);
	}
	for (i = 0; i < MAP_CLIENTS_MAX; i++)
		if (d->client[i].fd >= 0)
			drop(d, &d->client[i]);
	if (d->address.sun_path[0] != '\0')
		unlink(d->address.sun_path);
	if (d->listener >= 0)
		close(d->listener);
	if (d->stop >= 0)
		close(d->stop);
	if (d->epoll >= 0)
		close(d->epoll);
	free(d);
}
