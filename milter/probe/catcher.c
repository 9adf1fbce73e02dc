/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/catcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "milter/clock.h"

#define CLIENTS_MAX 32
#define IDLE_MS 60000
#define CATCH_LINE_MAX 2048

struct client {
	int fd; /* -1: this place is free */
	int64_t heard;
	bool torn; /* the line began with what was passed on as a piece */
	struct catch_session session;
	size_t n;
	char in[CATCH_LINE_MAX];
};

struct catcher {
	int listener;
	int stop[2]; /* a pipe: closed at the writing end, the thread ends */
	const char *nonce;
	pthread_t thread;
	struct client client[CLIENTS_MAX]; /* the thread's own */
	pthread_mutex_t lock;
	unsigned char seen[CATCH_TOKENS_MAX]; /* enum probe_proof */
};

static void
note_found(struct catcher *c, unsigned number, enum probe_proof proof)
{
	if (number == CATCH_NOBODY)
		return;
	pthread_mutex_lock(&c->lock);
	if (c->seen[number] < proof)
		c->seen[number] = (unsigned char)proof;
	pthread_mutex_unlock(&c->lock);
}

/* Replies are short: a client that does not take them is no mail server. */
static bool
say(const struct client *k, const char *reply)
{
	size_t n = strlen(reply);

	return send(k->fd, reply, n, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    (ssize_t)n;
}

static void
hang_up(struct client *k)
{
	close(k->fd);
	k->fd = -1;
}

/* False: hang up. */
static bool
take_line(struct catcher *c, struct client *k, struct text line)
{
	struct catch_found found;
	const char *reply;
	bool quit;

	if (line.n > 0 && line.at[line.n - 1] == '\r')
		line.n--;
	if (k->torn) {
		k->torn = false;
		catch_piece(&k->session, line);
		return true;
	}
	reply = catch_line(&k->session, line, &found, &quit);
	note_found(c, found.bounced, PROOF_BOUNCED);
	note_found(c, found.delivered, PROOF_DELIVERED);
	return (reply == NULL || say(k, reply)) && !quit;
}

static bool
take_lines(struct catcher *c, struct client *k)
{
	size_t end;

	while ((end = text_find((struct text){ k->in, k->n }, '\n')) < k->n) {
		if (!take_line(c, k, (struct text){ k->in, end }))
			return false;
		k->n -= end + 1;
		memmove(k->in, k->in + end + 1, k->n);
	}
	if (k->n == sizeof k->in) {
		catch_piece(&k->session, (struct text){ k->in, k->n });
		k->torn = true;
		k->n = 0;
	}
	return true;
}

static void
hear(struct catcher *c, struct client *k)
{
	ssize_t n = recv(k->fd, k->in + k->n, sizeof k->in - k->n,
	    MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	k->heard = clock_ms();
	if (n > 0)
		k->n += (size_t)n;
	if (n <= 0 || !take_lines(c, k))
		hang_up(k);
}

static void
welcome(struct catcher *c)
{
	int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC), i;

	for (i = 0; fd >= 0 && i < CLIENTS_MAX; i++) {
		struct client *k = &c->client[i];

		if (k->fd >= 0)
			continue;
		*k = (struct client){ .fd = fd, .heard = clock_ms(),
			.session = { .nonce = c->nonce } };
		if (!say(k, catch_banner))
			hang_up(k);
		return;
	}
	if (fd >= 0)
		close(fd); /* it will come again */
}

static void
drop_idle(struct catcher *c)
{
	int64_t before = clock_ms() - IDLE_MS;
	int i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->client[i].fd >= 0 && c->client[i].heard < before)
			hang_up(&c->client[i]);
}

static void *
serve(void *argument)
{
	struct catcher *c = argument;
	struct pollfd p[CLIENTS_MAX + 2];
	int i;

	for (;;) {
		p[0] = (struct pollfd){ c->stop[0], POLLIN, 0 };
		p[1] = (struct pollfd){ c->listener, POLLIN, 0 };
		for (i = 0; i < CLIENTS_MAX; i++)
			p[i + 2] = (struct pollfd){ c->client[i].fd, POLLIN,
				0 }; /* poll passes over -1 */
		if (poll(p, CLIENTS_MAX + 2, 1000) < 0 && errno != EINTR)
			return NULL;
		if (p[0].revents != 0)
			return NULL;
		for (i = 0; i < CLIENTS_MAX; i++)
			if (p[i + 2].revents != 0)
				hear(c, &c->client[i]);
		if (p[1].revents != 0)
			welcome(c);
		drop_idle(c);
	}
}

static int
listen_at(const struct ip *ip, uint16_t port)
{
	union smtp_address a;
	socklen_t n = smtp_sockaddr(ip, port, &a);
	int on = 1, fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* a run just before has left connections in TIME_WAIT */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, &a.sa, n) == 0 && listen(fd, CLIENTS_MAX) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
catcher_free(struct catcher *c)
{
	int i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (c->client[i].fd >= 0)
			hang_up(&c->client[i]);
	if (c->listener >= 0)
		close(c->listener);
	if (c->stop[0] >= 0)
		close(c->stop[0]);
	if (c->stop[1] >= 0)
		close(c->stop[1]);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

struct catcher *
catcher_start(const struct ip *ip, uint16_t port, const char *nonce,
    const char **why)
{
	struct catcher *c = calloc(1, sizeof *c);
	int i;

	*why = "out of memory";
	if (c == NULL)
		return NULL;
	for (i = 0; i < CLIENTS_MAX; i++)
		c->client[i].fd = -1;
	c->nonce = nonce;
	c->stop[0] = c->stop[1] = -1;
	pthread_mutex_init(&c->lock, NULL);
	c->listener = listen_at(ip, port);
	if (c->listener < 0)
		*why = errno == EADDRINUSE ? "somebody else listens there" :
		    errno == EACCES ? "not permitted to listen there" :
		    "not an address of this machine";
	else if (pipe2(c->stop, O_CLOEXEC) == 0 &&
	    pthread_create(&c->thread, NULL, serve, c) == 0)
		return c;
	catcher_free(c);
	return NULL;
}

enum probe_proof
catcher_seen(struct catcher *c, unsigned number)
{
	enum probe_proof proof;

	pthread_mutex_lock(&c->lock);
	proof = (enum probe_proof)c->seen[number];
	pthread_mutex_unlock(&c->lock);
	return proof;
}

void
catcher_stop(struct catcher *c)
{
	if (c == NULL)
		return;
	close(c->stop[1]);
	c->stop[1] = -1;
	pthread_join(c->thread, NULL);
	catcher_free(c);
}
