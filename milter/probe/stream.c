/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/stream.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "milter/clock.h"

const char *
smtp_status_text(enum smtp_status s)
{
	switch (s) {
	case SMTP_OK:
		return "no error";
	case SMTP_REFUSED:
		return "connection refused";
	case SMTP_UNREACHABLE:
		return "server not reachable";
	case SMTP_BAD_SOURCE:
		return "the source is not an address of this machine";
	case SMTP_TIMEOUT:
		return "no answer in time";
	case SMTP_OVER:
		return "total time limit reached";
	case SMTP_CLOSED:
		return "connection closed by the server";
	case SMTP_NO_SERVICE:
		return "the server offers no service";
	case SMTP_GARBAGE:
		return "the answer is not SMTP";
	case SMTP_NO_TLS:
		return "no TLS with the server";
	}
	return "unknown error";
}

/*
 * Wait for events until the deadline.  The run's own end comes first when it
 * is nearer, and is told apart.
 */
static enum smtp_status
wait_for(struct stream *s, short events, int64_t deadline)
{
	struct pollfd p = { .fd = s->fd, .events = events };
	int64_t left;
	int n;

	do {
		int64_t until = deadline < s->end ? deadline : s->end;

		left = until - clock_ms();
		if (left <= 0)
			return s->end <= deadline ? SMTP_OVER : SMTP_TIMEOUT;
		n = poll(&p, 1, left > 1000000 ? 1000000 : (int)left);
	} while (n == 0 || (n < 0 && errno == EINTR));
	return n > 0 ? SMTP_OK : SMTP_CLOSED;
}

static enum smtp_status
connect_result(struct stream *s)
{
	int error = 0;
	socklen_t n = sizeof error;
	enum smtp_status st = wait_for(s, POLLOUT, clock_ms() + s->timeout_ms);

	if (st != SMTP_OK)
		return st;
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0 || error)
		return error == ECONNREFUSED ? SMTP_REFUSED :
		    SMTP_UNREACHABLE;
	return SMTP_OK;
}

enum smtp_status
stream_connect(struct stream *s, const struct sockaddr *to, socklen_t to_n,
    const struct sockaddr *from, socklen_t from_n)
{
	enum smtp_status st = SMTP_OK;

	s->n = 0;
	s->tls = NULL;
	s->fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return SMTP_UNREACHABLE;
	if (from != NULL && (from->sa_family != to->sa_family ||
	    bind(s->fd, from, from_n) != 0))
		st = SMTP_BAD_SOURCE;
	else if (connect(s->fd, to, to_n) != 0)
		st = errno == EINPROGRESS || errno == EINTR ?
		    connect_result(s) : errno == ECONNREFUSED ||
		    errno == ENOENT ? SMTP_REFUSED : SMTP_UNREACHABLE;
	if (st != SMTP_OK)
		stream_close(s);
	return st;
}

int64_t
stream_deadline(const struct stream *s)
{
	return clock_ms() + s->timeout_ms;
}

/* Bytes moved, 0: it is over, -1: nothing now.  As tls_recv(). */
static ssize_t
plainly(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EINTR ? -1 : 0;
}

static ssize_t
take(struct stream *s, short *wait)
{
	char *at = s->in + s->n;
	size_t room = sizeof s->in - s->n;

	*wait = POLLIN;
	return s->tls != NULL ? tls_recv(s->tls, at, room, wait) :
	    plainly(recv(s->fd, at, room, 0));
}

static ssize_t
give(struct stream *s, struct text bytes, short *wait)
{
	*wait = POLLOUT;
	return s->tls != NULL ? tls_send(s->tls, bytes.at, bytes.n, wait) :
	    plainly(send(s->fd, bytes.at, bytes.n, MSG_NOSIGNAL));
}

enum smtp_status
stream_secure(struct stream *s, const struct tls_wish *wish,
    char about[TLS_ABOUT_MAX])
{
	int64_t deadline = stream_deadline(s);
	enum smtp_status st = SMTP_OK;
	short wait = 0;

	s->tls = tls_new(s->fd, wish, about);
	if (s->tls == NULL)
		return SMTP_NO_TLS;
	while (st == SMTP_OK && (wait = tls_handshake(s->tls, about)) > 0)
		st = wait_for(s, wait, deadline);
	return wait < 0 ? SMTP_NO_TLS : st;
}

enum smtp_status
stream_fill(struct stream *s, int64_t deadline)
{
	enum smtp_status st;
	ssize_t n;
	short wait;

	if (s->n == sizeof s->in)
		return SMTP_GARBAGE;
	while ((n = take(s, &wait)) < 0)
		if ((st = wait_for(s, wait, deadline)) != SMTP_OK)
			return st;
	if (n == 0)
		return SMTP_CLOSED;
	s->n += (size_t)n;
	return SMTP_OK;
}

void
stream_drop(struct stream *s, size_t n)
{
	s->n -= n;
	memmove(s->in, s->in + n, s->n);
}

enum smtp_status
stream_put(struct stream *s, struct text bytes)
{
	int64_t deadline = stream_deadline(s);
	enum smtp_status st;

	while (bytes.n > 0) {
		short wait;
		ssize_t done = give(s, bytes, &wait);

		if (done == 0)
			return SMTP_CLOSED;
		if (done > 0)
			bytes = text_cut(bytes, (size_t)done, bytes.n);
		else if ((st = wait_for(s, wait, deadline)) != SMTP_OK)
			return st;
	}
	return SMTP_OK;
}

void
stream_close(struct stream *s)
{
	tls_free(s->tls);
	s->tls = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->n = 0;
}
