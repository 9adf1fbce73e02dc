/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/worker_wake.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "milter/socket_path.h"

/* How long a command may lie there: nobody feels it. */
#define TICK_NS 20000000
/* The same when waits have begun lately: more of them may lie there. */
#define BUSY_TICK_NS 5000000
#define CONNECTS_MAX 64 /* at a time */

struct worker_wake {
	atomic_uint waiting;
	atomic_uint started; /* waits ever begun */
	atomic_bool stop;
	sem_t begun; /* the first began to wait, or the end */
	pthread_t thread;
	struct sockaddr_storage address;
	socklen_t length; /* 0: not known, so there is nothing to do */
};

static void
connect_once(const struct worker_wake *w)
{
	int fd = socket(w->address.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	(void)connect(fd, (const struct sockaddr *)&w->address, w->length);
	close(fd);
}

/*
 * As long as somebody waits.  Each connection frees one command, and what it
 * frees may begin to wait in its turn, so there are two for each wait that has
 * begun since the last time.
 */
static void
keep_awake(const struct worker_wake *w)
{
	unsigned seen = w->started - 1, fresh, i;
	struct timespec tick = { 0, BUSY_TICK_NS };

	while (w->waiting > 0 && !w->stop) {
		nanosleep(&tick, NULL);
		fresh = w->started - seen;
		seen += fresh;
		for (i = 0; w->waiting > 0 && i <= 2 * fresh &&
		     i < CONNECTS_MAX; i++)
			connect_once(w);
		tick.tv_nsec = fresh > 0 ? BUSY_TICK_NS : TICK_NS;
	}
}

static void *
run(void *arg)
{
	struct worker_wake *w = arg;

	while (!w->stop)
		if (sem_wait(&w->begun) == 0)
			keep_awake(w);
	return NULL;
}

/* "inet:PORT@HOST" or "inet6:PORT@HOST"; names are looked up here, once. */
static void
find_inet(struct worker_wake *w, const char *socket)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	const char *colon = strchr(socket, ':'), *at = strchr(socket, '@');
	char port[8] = "";

	if (colon == NULL || at == NULL ||
	    (size_t)(at - colon) > sizeof port)
		return;
	memcpy(port, colon + 1, (size_t)(at - colon - 1));
	hints.ai_family = strncmp(socket, "inet6:", 6) == 0 ? AF_INET6 :
	    AF_INET;
	if (getaddrinfo(at + 1, port, &hints, &list) != 0)
		return;
	memcpy(&w->address, list->ai_addr, list->ai_addrlen);
	w->length = list->ai_addrlen;
	freeaddrinfo(list);
}

static void
find_address(struct worker_wake *w, const char *socket)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const char *path = socket_path_of(socket);

	if (path == NULL) {
		find_inet(w, socket);
	} else if (strlen(path) < sizeof un.sun_path) {
		memcpy(un.sun_path, path, strlen(path) + 1);
		memcpy(&w->address, &un, sizeof un);
		w->length = sizeof un;
	}
}

struct worker_wake *
worker_wake_start(const char *socket)
{
	struct worker_wake *w = calloc(1, sizeof *w);
	int error;

	if (w == NULL)
		return NULL;
	find_address(w, socket);
	sem_init(&w->begun, 0, 0);
	error = pthread_create(&w->thread, NULL, run, w);
	if (error == 0)
		return w;
	free(w);
	errno = error;
	return NULL;
}

void
worker_wake_waiting(void *with, bool begins)
{
	struct worker_wake *w = with;

	if (!begins) {
		w->waiting--;
		return;
	}
	w->started++;
	if (atomic_fetch_add(&w->waiting, 1) == 0 && w->length > 0)
		sem_post(&w->begun);
}

void
worker_wake_stop(struct worker_wake *w)
{
	if (w == NULL)
		return;
	w->stop = true;
	sem_post(&w->begun);
	pthread_join(w->thread, NULL);
	sem_destroy(&w->begun);
	free(w);
}
