/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/smtp.h"

#include <stdio.h>
#include <unistd.h>

socklen_t
smtp_sockaddr(const struct ip *ip, uint16_t port, union smtp_address *out)
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
	union smtp_address a = { 0 };
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

static enum smtp_status
connect_to(struct smtp *s, const struct smtp_peer *peer)
{
	union smtp_address to, from;
	socklen_t to_n = smtp_sockaddr(&peer->address, peer->port, &to);
	socklen_t from_n = smtp_sockaddr(&peer->source, 0, &from);

	return stream_connect(&s->stream, &to.sa, to_n,
	    peer->source.family != IP_NONE ? &from.sa : NULL, from_n);
}

/* One line of the reply into r; what follows it stays in the buffer. */
static enum smtp_status
take_line(struct smtp *s, int64_t deadline, struct reply *r, bool *more)
{
	struct stream *in = &s->stream;
	struct text line = { in->in, 0 };
	enum smtp_status st;
	enum reply_line kind;
	size_t end;

	while ((end = text_find((struct text){ in->in, in->n }, '\n')) ==
	    in->n)
		if ((st = stream_fill(in, deadline)) != SMTP_OK)
			return st;
	line.n = end > 0 && in->in[end - 1] == '\r' ? end - 1 : end;
	transcript_add(s->log, "<<<", line);
	kind = reply_take(r, line);
	stream_drop(in, end + 1);
	*more = kind == REPLY_MORE;
	return kind == REPLY_GARBAGE ? SMTP_GARBAGE : SMTP_OK;
}

static enum smtp_status
take_reply(struct smtp *s, struct reply *r)
{
	int64_t deadline = stream_deadline(&s->stream);
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

/* Note in the transcript why it ends here. */
static enum smtp_status
give_up(struct smtp *s, enum smtp_status st)
{
	smtp_close(s);
	transcript_add(s->log, "---", text_of(smtp_status_text(st)));
	return st;
}

/* What a door has answered, line by line, as the reply of a mail server. */
static enum smtp_status
take_answer(struct smtp *s, const char *answer, struct reply *r)
{
	struct text rest = text_of(answer), line;
	enum reply_line kind = REPLY_MORE;
	size_t end;

	while (kind == REPLY_MORE && rest.n > 0) {
		end = text_find(rest, '\n');
		line = text_cut(rest, 0, end > 0 && end < rest.n &&
		    rest.at[end - 1] == '\r' ? end - 1 : end);
		rest = text_cut(rest, end < rest.n ? end + 1 : end, rest.n);
		transcript_add(s->log, "<<<", line);
		kind = reply_take(r, line);
	}
	if (kind != REPLY_DONE) {
		r->code = 0; /* half a reply is none */
		return SMTP_GARBAGE;
	}
	return r->code == 421 ? SMTP_CLOSED : SMTP_OK;
}

enum smtp_status
smtp_secure(struct smtp *s)
{
	enum smtp_status st;

	/* what was said in the clear is not the server's word, RFC 3207 6 */
	if (s->stream.n > 0)
		return give_up(s, SMTP_GARBAGE);
	s->about[0] = '\0';
	st = stream_secure(&s->stream, s->tls, s->about);
	if (s->about[0] != '\0')
		transcript_add(s->log, "===", text_of(s->about));
	return st == SMTP_OK ? st : give_up(s, st);
}

static enum smtp_status
open_door(struct smtp *s, const struct smtp_peer *peer, struct ip *own,
    struct reply *banner)
{
	char answer[SMTP_ANSWER_MAX];
	enum smtp_status st = s->door->open(s->door, &s->stream, peer,
	    answer);

	*own = peer->source;
	return st == SMTP_OK ? take_answer(s, answer, banner) : st;
}

static enum smtp_status
open_server(struct smtp *s, const struct smtp_peer *peer, struct ip *own,
    struct reply *banner)
{
	enum smtp_status st = connect_to(s, peer);

	if (st == SMTP_OK && !own_address(s->stream.fd, own))
		st = SMTP_UNREACHABLE;
	if (st == SMTP_OK && s->tls != NULL && s->tls->use == TLS_AT_ONCE)
		st = smtp_secure(s);
	return st == SMTP_OK ? take_reply(s, banner) : st;
}

enum smtp_status
smtp_open(struct smtp *s, const struct smtp_peer *peer, struct ip *own,
    struct reply *banner)
{
	enum smtp_status st;

	*banner = (struct reply){ 0 };
	st = (s->door != NULL ? open_door : open_server)(s, peer, own,
	    banner);
	if (st == SMTP_OK && banner->code / 100 != 2)
		st = SMTP_NO_SERVICE;
	return st == SMTP_OK ? st : give_up(s, st);
}

static enum smtp_status
ask_door(struct smtp *s, const char *line, struct reply *r)
{
	char answer[SMTP_ANSWER_MAX];
	enum smtp_status st = s->door->ask(s->door, &s->stream, line, answer);

	return st == SMTP_OK ? take_answer(s, answer, r) : st;
}

static enum smtp_status
ask_server(struct smtp *s, const char *line, struct reply *r)
{
	char out[SMTP_OUTPUT_MAX];
	enum smtp_status st;
	int n;

	/* one segment: in two, Nagle waits 40 ms for the delayed ACK */
	n = snprintf(out, sizeof out, "%s\r\n", line);
	if (n < 0 || (size_t)n >= sizeof out)
		return SMTP_UNREACHABLE;
	if (s->stream.n > 0)
		return SMTP_GARBAGE; /* an answer before the question */
	st = stream_put(&s->stream, (struct text){ out, (size_t)n });
	return st == SMTP_OK ? take_reply(s, r) : st;
}

enum smtp_status
smtp_ask(struct smtp *s, const char *line, struct reply *r)
{
	enum smtp_status st;

	*r = (struct reply){ 0 };
	transcript_add(s->log, ">>>", text_of(line));
	st = (s->door != NULL ? ask_door : ask_server)(s, line, r);
	return st == SMTP_OK ? st : give_up(s, st);
}

/* Each line of a message into the transcript. */
static void
log_message(struct transcript *log, struct text message)
{
	size_t end;

	while ((end = text_find(message, '\n')) < message.n) {
		transcript_add(log, ">>>", text_cut(message, 0, end - 1));
		message = text_cut(message, end + 1, message.n);
	}
}

enum smtp_status
smtp_message(struct smtp *s, const char *message, struct reply *r)
{
	enum smtp_status st;

	*r = (struct reply){ 0 };
	log_message(s->log, text_of(message));
	st = stream_put(&s->stream, text_of(message));
	if (st == SMTP_OK)
		st = take_reply(s, r);
	return st == SMTP_OK ? st : give_up(s, st);
}

bool
smtp_is_open(const struct smtp *s)
{
	return s->stream.fd >= 0;
}

void
smtp_close(struct smtp *s)
{
	stream_close(&s->stream);
}

bool
smtp_source_towards(const struct smtp_peer *peer, struct ip *out)
{
	union smtp_address a;
	socklen_t n = smtp_sockaddr(&peer->address, peer->port, &a);
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
