/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The milter door: the mail server's side of the milter protocol, version 6
 * (sendmail's include/libmilter/mfdef.h): packets of a length of four bytes, a
 * letter and data.  No message is ever begun, so of the answers only those to
 * an envelope are known.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "milter/probe/door.h"

#define VERSION 6
#define ACTIONS 0x1ffu
/* Every step is offered; that a reply may be left out, for none. */
#define STEPS (0x1fffffu & ~0xff080u)
#define NO_CONNECT 0x1u
#define NO_HELO 0x2u
#define NO_MAIL 0x4u
#define NO_RCPT 0x8u
#define PACKET_MAX (3 * PROBE_ARGUMENT_MAX)

struct packet {
	size_t n;
	char at[PACKET_MAX]; /* four bytes of length first */
};

static void
begin(struct packet *p, char command)
{
	p->n = 5;
	p->at[4] = command;
}

static void
put_bytes(struct packet *p, const void *bytes, size_t n)
{
	if (n <= PACKET_MAX - p->n)
		memcpy(p->at + p->n, bytes, n);
	p->n = n <= PACKET_MAX - p->n ? p->n + n : PACKET_MAX;
}

static void
put_number(struct packet *p, uint32_t n)
{
	uint32_t big = htonl(n);

	put_bytes(p, &big, sizeof big);
}

/* A string and its NUL. */
static void
put_string(struct packet *p, struct text t)
{
	if (t.n > 0)
		put_bytes(p, t.at, t.n);
	put_bytes(p, "", 1);
}

static enum smtp_status
send_packet(struct stream *s, struct packet *p)
{
	uint32_t big = htonl((uint32_t)(p->n - 4));

	if (p->n >= PACKET_MAX)
		return SMTP_UNREACHABLE; /* too long for a packet */
	memcpy(p->at, &big, sizeof big);
	return stream_put(s, (struct text){ p->at, p->n });
}

static uint32_t
number_at(const char *at)
{
	uint32_t big;

	memcpy(&big, at, sizeof big);
	return ntohl(big);
}

/* The next packet: its letter and data, which are valid until it is dropped. */
static enum smtp_status
take_packet(struct stream *s, char *letter, struct text *data)
{
	int64_t deadline = stream_deadline(s);
	enum smtp_status st = SMTP_OK;
	size_t n;

	while (st == SMTP_OK && (s->n < 5 || s->n - 4 < number_at(s->in))) {
		if (s->n >= 4 && (number_at(s->in) == 0 ||
		    number_at(s->in) > sizeof s->in - 4))
			return SMTP_GARBAGE;
		st = stream_fill(s, deadline);
	}
	if (st != SMTP_OK)
		return st;
	n = number_at(s->in);
	if (n == 0)
		return SMTP_GARBAGE;
	*letter = s->in[4];
	*data = (struct text){ s->in + 5, n - 1 };
	return SMTP_OK;
}

static void
drop_packet(struct stream *s)
{
	stream_drop(s, 4 + (size_t)number_at(s->in));
}

static enum smtp_status
negotiate(struct door *d, struct stream *s)
{
	struct packet p;
	struct text data;
	enum smtp_status st;
	char letter;

	begin(&p, 'O');
	put_number(&p, VERSION);
	put_number(&p, ACTIONS);
	put_number(&p, STEPS);
	st = send_packet(s, &p);
	if (st == SMTP_OK)
		st = take_packet(s, &letter, &data);
	if (st != SMTP_OK)
		return st;
	if (letter != 'O' || data.n < 12)
		return SMTP_GARBAGE;
	d->steps = number_at(data.at + 8);
	drop_packet(s);
	return SMTP_OK;
}

/* What the letter of an answer is in SMTP; false: not one to an envelope. */
static bool
say(struct door *d, char letter, struct text data,
    char answer[SMTP_ANSWER_MAX])
{
	const char *line = NULL;

	switch (letter) {
	case 'a': /* and asks for no more of this session */
		d->over = true;
		line = "250 accepted by the filter";
		break;
	case 'c':
		line = "250 no objection";
		break;
	case 'd':
		line = "550 5.7.0 taken and thrown away by the filter";
		break;
	case 'r':
		line = "550 5.7.1 Command rejected";
		break;
	case 't':
		line = "451 4.7.1 Please try again later";
		break;
	case '4':
		line = "421 4.7.0 closed by the filter";
		break;
	case 'y': /* a reply of its own, with its NUL */
		while (data.n > 0 && data.at[data.n - 1] == '\0')
			data.n--;
		snprintf(answer, SMTP_ANSWER_MAX, "%.*s", (int)data.n,
		    data.at);
		return true;
	default:
		return false;
	}
	snprintf(answer, SMTP_ANSWER_MAX, "%s", line);
	return true;
}

/* Send p, unless this step is not wanted, and take the answer. */
static enum smtp_status
ask(struct door *d, struct stream *s, struct packet *p, uint32_t unwanted,
    char answer[SMTP_ANSWER_MAX])
{
	enum smtp_status st = SMTP_OK;
	struct text data;
	char letter = 'c';
	bool known = false;

	if (d->over || (d->steps & unwanted) != 0) {
		say(d, d->over ? 'a' : 'c', TEXT(""), answer);
		return SMTP_OK;
	}
	st = send_packet(s, p);
	do {
		if (st == SMTP_OK)
			st = take_packet(s, &letter, &data);
		if (st != SMTP_OK)
			return st;
		known = letter == 'p' || say(d, letter, data, answer);
		drop_packet(s);
	} while (letter == 'p'); /* it is at work still */
	return known ? SMTP_OK : SMTP_GARBAGE;
}

/* Macros of the step that follows: names and values in turn. */
static enum smtp_status
send_macros(struct stream *s, const char *step, const char *const pair[],
    size_t n)
{
	struct packet p;
	size_t i;

	begin(&p, 'D');
	put_bytes(&p, step, 1);
	for (i = 0; i < n; i++)
		put_string(&p, text_of(pair[i]));
	return send_packet(s, &p);
}

static enum smtp_status
say_connect(struct door *d, struct stream *s, char answer[SMTP_ANSWER_MAX])
{
	const char *const macros[] = { "j", d->names->server, "{if_addr}",
		d->names->address, "{client_name}", "client.example",
		"{client_resolve}", "FAIL" };
	char client[IP_TEXT_MAX], shown[IP_TEXT_MAX + 8];
	uint16_t port = htons(25000);
	struct packet p;
	enum smtp_status st = send_macros(s, "C", macros, 8);

	if (st != SMTP_OK)
		return st;
	ip_print(&d->client, client);
	snprintf(shown, sizeof shown, "%s%s", d->client.family == IP_V6 ?
	    "IPv6:" : "", client);
	begin(&p, 'C');
	put_string(&p, TEXT("client.example"));
	put_bytes(&p, d->client.family == IP_V6 ? "6" : "4", 1);
	put_bytes(&p, &port, sizeof port);
	put_string(&p, text_of(shown));
	return ask(d, s, &p, NO_CONNECT, answer);
}

static enum smtp_status
milter_open(struct smtp_door *smtp, struct stream *s,
    const struct smtp_peer *peer, char answer[SMTP_ANSWER_MAX])
{
	struct door *d = (struct door *)(void *)smtp;
	enum smtp_status st = door_connect(d, s);

	d->client = peer->source;
	d->over = false;
	if (st == SMTP_OK)
		st = negotiate(d, s);
	if (st == SMTP_OK)
		st = say_connect(d, s, answer);
	if (st == SMTP_OK && answer[0] == '2')
		snprintf(answer, SMTP_ANSWER_MAX, "220 milter door");
	return st;
}

static enum smtp_status
say_abort(struct stream *s)
{
	struct packet p;

	begin(&p, 'A'); /* never answered */
	return send_packet(s, &p);
}

/* Where parameters begin behind a sender; all.n: there are none. */
static size_t
params_at(struct text all)
{
	static const struct {
		const char *word;
	} known[] = { { " AUTH=" }, { " SMTPUTF8" } };
	size_t i, k;

	for (i = 0; i < all.n; i++)
		for (k = 0; k < sizeof known / sizeof known[0]; k++)
			if (text_begins(text_cut(all, i, all.n),
			    text_of(known[k].word)))
				return i;
	return all.n;
}

static enum smtp_status
say_mail(struct door *d, struct stream *s, struct text all,
    char answer[SMTP_ANSWER_MAX])
{
	static const char *const macros[] = { "i", "probe" };
	size_t at = params_at(all);
	struct packet p;
	enum smtp_status st = send_macros(s, "M", macros, 2);

	if (st != SMTP_OK)
		return st;
	begin(&p, 'M');
	put_string(&p, text_cut(all, 0, at));
	if (at < all.n)
		put_string(&p, text_cut(all, at + 1, all.n));
	st = ask(d, s, &p, NO_MAIL, answer);
	/* as sendmail does: else another sender would be out of turn */
	return st == SMTP_OK && answer[0] != '2' ? say_abort(s) : st;
}

static enum smtp_status
say_one(struct door *d, struct stream *s, char command, struct text value,
    char answer[SMTP_ANSWER_MAX])
{
	struct packet p;

	begin(&p, command);
	put_string(&p, value);
	return ask(d, s, &p, command == 'H' ? NO_HELO : NO_RCPT, answer);
}

static enum smtp_status
milter_ask(struct smtp_door *smtp, struct stream *s, const char *line,
    char answer[SMTP_ANSWER_MAX])
{
	struct door *d = (struct door *)(void *)smtp;
	struct text mail = door_argument(line, "MAIL FROM:");
	struct text rcpt = door_argument(line, "RCPT TO:");
	struct text helo = door_argument(line, "EHLO ");
	struct packet p;

	if (rcpt.n > 0)
		return say_one(d, s, 'R', rcpt, answer);
	if (mail.n > 0)
		return say_mail(d, s, mail, answer);
	if (helo.n > 0)
		return say_one(d, s, 'H', helo, answer);
	snprintf(answer, SMTP_ANSWER_MAX, "250 ok");
	if (strcmp(line, "RSET") == 0)
		return say_abort(s);
	begin(&p, 'Q'); /* never answered */
	return send_packet(s, &p);
}

const struct smtp_door door_milter = { milter_open, milter_ask };
