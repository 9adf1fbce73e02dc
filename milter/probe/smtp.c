/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/smtp.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "milter/clock.h"

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

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
	}
	return "unknown error";
}

static socklen_t
to_sockaddr(const struct ip *ip, uint16_t port, union address *out)
{
	memset(out, 0, sizeof *out);
	if (ip->family == IP_V4) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		memcpy(&out->v4.sin_addr, ip->byte, 4);
		return sizeof out->v4;
	}
	out->v6.sin6_family = AF_INET6;
	out->v6.sin6_port = htons(port);
	memcpy(&out->v6.sin6_addr, ip->byte, 16);
	return sizeof out->v6;
}

static bool
own_address(int fd, struct ip *out)
{
	union address a = { 0 };
	socklen_t n = sizeof a;

	*out = (struct ip){ .family = IP_NONE };
	if (getsockname(fd, &a.sa, &n) != 0)
		return false;
	out->family = a.sa.sa_family == AF_INET ? IP_V4 : IP_V6;
	if (out->family == IP_V4)
		memcpy(out->byte, &a.v4.sin_addr, 4);
	else
		memcpy(out->byte, &a.v6.sin6_addr, 16);
	return true;
}

/*
 * Wait for events until the deadline.  The run's own end comes first when it
 * is nearer, and is told apart.
 */
static enum smtp_status
wait_for(struct smtp *s, short events, int64_t deadline)
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
connect_result(struct smtp *s)
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

static enum smtp_status
bind_and_connect(struct smtp *s, const struct smtp_peer *peer)
{
	union address a;
	socklen_t n;

	if (peer->source.family != IP_NONE) {
		n = to_sockaddr(&peer->source, 0, &a);
		if (peer->source.family != peer->address.family ||
		    bind(s->fd, &a.sa, n) != 0)
			return SMTP_BAD_SOURCE;
	}
	n = to_sockaddr(&peer->address, peer->port, &a);
	if (connect(s->fd, &a.sa, n) == 0)
		return SMTP_OK;
	if (errno == EINPROGRESS || errno == EINTR)
		return connect_result(s);
	return errno == ECONNREFUSED ? SMTP_REFUSED : SMTP_UNREACHABLE;
}

/* More input; SMTP_GARBAGE when a line is longer than any line may be. */
static enum smtp_status
fill(struct smtp *s, int64_t deadline)
{
	enum smtp_status st;
	ssize_t n;

	if (s->n == sizeof s->in)
		return SMTP_GARBAGE;
	do {
		st = wait_for(s, POLLIN, deadline);
		if (st != SMTP_OK)
			return st;
		n = recv(s->fd, s->in + s->n, sizeof s->in - s->n, 0);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n <= 0)
		return SMTP_CLOSED;
	s->n += (size_t)n;
	return SMTP_OK;
}

/* One line of the reply into r; what follows it stays in the buffer. */
static enum smtp_status
take_line(struct smtp *s, int64_t deadline, struct reply *r, bool *more)
{
	struct text line = { s->in, 0 };
	enum smtp_status st;
	enum reply_line kind;
	size_t end;

	while ((end = text_find((struct text){ s->in, s->n }, '\n')) == s->n)
		if ((st = fill(s, deadline)) != SMTP_OK)
			return st;
	line.n = end > 0 && s->in[end - 1] == '\r' ? end - 1 : end;
	transcript_add(s->log, "<<<", line);
	kind = reply_take(r, line);
	s->n -= end + 1;
	memmove(s->in, s->in + end + 1, s->n);
	*more = kind == REPLY_MORE;
	return kind == REPLY_GARBAGE ? SMTP_GARBAGE : SMTP_OK;
}

static enum smtp_status
take_reply(struct smtp *s, struct reply *r)
{
	int64_t deadline = clock_ms() + s->timeout_ms;
	enum smtp_status st;
	bool more;

	*r = (struct reply){ 0 };
	do
		st = take_line(s, deadline, r, &more);
	while (st == SMTP_OK && more);
	if (st != SMTP_OK)
		r->code = 0; /* half a reply is none */
	return st == SMTP_OK && r->code == 421 ? SMTP_CLOSED : st;
}

static enum smtp_status
put_all(struct smtp *s, const char *at, size_t n)
{
	int64_t deadline = clock_ms() + s->timeout_ms;
	enum smtp_status st;
	ssize_t done;

	while (n > 0) {
		done = send(s->fd, at, n, MSG_NOSIGNAL);
		if (done >= 0) {
			at += done;
			n -= (size_t)done;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return SMTP_CLOSED;
		if ((st = wait_for(s, POLLOUT, deadline)) != SMTP_OK)
			return st;
	}
	return SMTP_OK;
}

/* Note in the transcript why it ends here. */
static enum smtp_status
give_up(struct smtp *s, enum smtp_status st)
{
	smtp_close(s);
	transcript_add(s->log, "---", text_of(smtp_status_text(st)));
	return st;
}

static int
new_socket(const struct smtp_peer *peer)
{
	return socket(peer->address.family == IP_V4 ? AF_INET : AF_INET6,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

enum smtp_status
smtp_open(struct smtp *s, const struct smtp_peer *peer, struct ip *own,
    struct reply *banner)
{
	enum smtp_status st = SMTP_UNREACHABLE;

	*banner = (struct reply){ 0 };
	s->n = 0;
	s->fd = new_socket(peer);
	if (s->fd >= 0)
		st = bind_and_connect(s, peer);
	if (st == SMTP_OK && !own_address(s->fd, own))
		st = SMTP_UNREACHABLE;
	if (st == SMTP_OK)
		st = take_reply(s, banner);
	if (st == SMTP_OK && banner->code / 100 != 2)
		st = SMTP_NO_SERVICE;
	return st == SMTP_OK ? st : give_up(s, st);
}

enum smtp_status
smtp_ask(struct smtp *s, const char *line, struct reply *r)
{
	char out[SMTP_OUTPUT_MAX];
	enum smtp_status st;
	int n;

	*r = (struct reply){ 0 };
	transcript_add(s->log, ">>>", text_of(line));
	/* one segment: in two, Nagle waits 40 ms for the delayed ACK */
	n = snprintf(out, sizeof out, "%s\r\n", line);
	if (n < 0 || (size_t)n >= sizeof out)
		st = SMTP_UNREACHABLE;
	else if (s->n > 0)
		st = SMTP_GARBAGE; /* an answer before the question */
	else
		st = put_all(s, out, (size_t)n);
	if (st == SMTP_OK)
		st = take_reply(s, r);
	return st == SMTP_OK ? st : give_up(s, st);
}

void
smtp_close(struct smtp *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->n = 0;
}

bool
smtp_source_towards(const struct smtp_peer *peer, struct ip *out)
{
	union address a;
	socklen_t n = to_sockaddr(&peer->address, peer->port, &a);
	int fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	*out = (struct ip){ .family = IP_NONE };
	if (fd < 0)
		return false;
	/* a datagram socket finds its route without sending anything */
	ok = connect(fd, &a.sa, n) == 0 && own_address(fd, out);
	close(fd);
	return ok;
}
