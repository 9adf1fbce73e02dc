/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The map door: sendmail's Local_check_rcpt asks it about each recipient, over
 * the socketmap protocol; contrib/relayguard.m4 has the fields of the key.
 * Senders are only noted: it is asked about them together with a recipient.
 */
#include <stdio.h>

#include "milter/netstring.h"
#include "milter/probe/door.h"

#define SEPARATOR "\x9b"
#define KEY_MAX (3 * PROBE_ARGUMENT_MAX)

static enum smtp_status
map_open(struct smtp_door *smtp, struct stream *s,
    const struct smtp_peer *peer, char answer[SMTP_ANSWER_MAX])
{
	struct door *d = (struct door *)(void *)smtp;

	d->client = peer->source;
	snprintf(answer, SMTP_ANSWER_MAX, "220 map door");
	return door_connect(d, s);
}

static enum smtp_status
take_value(struct stream *s, struct text *value, size_t *used)
{
	int64_t deadline = stream_deadline(s);
	enum netstring_state state = NETSTRING_MORE;
	enum smtp_status st = SMTP_OK;

	while (st == SMTP_OK) {
		state = netstring_read((struct text){ s->in, s->n },
		    sizeof s->in, value, used);
		if (state != NETSTRING_MORE)
			break;
		st = stream_fill(s, deadline);
	}
	return st == SMTP_OK && state == NETSTRING_BAD ? SMTP_GARBAGE : st;
}

/* OK DENY:5.7.1:"550 Relaying denied (P08 percent-hack)" */
static void
say_denied(struct text deny, char answer[SMTP_ANSWER_MAX])
{
	size_t colon = text_find(deny, ':');
	struct text dsn = text_cut(deny, 0, colon);
	struct text quoted = text_cut(deny, colon + 1, deny.n);

	if (quoted.n > 6 && quoted.at[0] == '"')
		quoted = text_cut(quoted, 1, quoted.n - 1);
	snprintf(answer, SMTP_ANSWER_MAX, "%.3s %.*s%.*s",
	    quoted.n > 3 ? quoted.at : "550", (int)dsn.n, dsn.at,
	    (int)(quoted.n > 3 ? quoted.n - 3 : 0), quoted.at + 3);
}

static enum smtp_status
say_value(struct text value, char answer[SMTP_ANSWER_MAX])
{
	struct text deny = TEXT("OK DENY:"), temp = TEXT("TEMP ");

	if (text_equal(value, TEXT("OK RELAY")))
		snprintf(answer, SMTP_ANSWER_MAX, "250 relaying granted");
	else if (text_begins(value, TEXT("NOTFOUND")))
		snprintf(answer, SMTP_ANSWER_MAX, "250 no objection");
	else if (text_begins(value, deny))
		say_denied(text_cut(value, deny.n, value.n), answer);
	else if (text_begins(value, temp))
		snprintf(answer, SMTP_ANSWER_MAX, "451 4.3.0 %.*s",
		    (int)(value.n - temp.n), value.at + temp.n);
	else
		return SMTP_GARBAGE;
	return SMTP_OK;
}

static enum smtp_status
ask_recipient(const struct door *d, struct stream *s, struct text rcpt,
    char answer[SMTP_ANSWER_MAX])
{
	char key[KEY_MAX], frame[KEY_MAX + 16], client[IP_TEXT_MAX];
	struct text value;
	enum smtp_status st;
	size_t used = 0;
	int n;

	n = snprintf(key, sizeof key, "guard %s" SEPARATOR "%s" SEPARATOR
	    "%.*s" SEPARATOR SEPARATOR "%s" SEPARATOR "%s" SEPARATOR SEPARATOR
	    SEPARATOR SEPARATOR SEPARATOR SEPARATOR "%s",
	    ip_print(&d->client, client), d->sender, (int)rcpt.n, rcpt.at,
	    d->names->server, d->names->address, d->helo);
	if (n < 0 || (size_t)n >= sizeof key)
		return SMTP_UNREACHABLE;
	st = stream_put(s, (struct text){ frame, netstring_write(
	    (struct text){ key, (size_t)n }, frame, sizeof frame) });
	if (st == SMTP_OK)
		st = take_value(s, &value, &used);
	if (st == SMTP_OK)
		st = say_value(value, answer);
	if (st == SMTP_OK)
		stream_drop(s, used);
	return st;
}

static enum smtp_status
map_ask(struct smtp_door *smtp, struct stream *s, const char *line,
    char answer[SMTP_ANSWER_MAX])
{
	struct door *d = (struct door *)(void *)smtp;
	struct text mail = door_argument(line, "MAIL FROM:");
	struct text rcpt = door_argument(line, "RCPT TO:");
	struct text helo = door_argument(line, "EHLO ");

	snprintf(answer, SMTP_ANSWER_MAX, "250 not asked");
	if (rcpt.n > 0)
		return ask_recipient(d, s, rcpt, answer);
	if (mail.n > 0)
		snprintf(d->sender, sizeof d->sender, "%.*s", (int)mail.n,
		    mail.at);
	if (helo.n > 0)
		snprintf(d->helo, sizeof d->helo, "%.*s", (int)helo.n,
		    helo.at);
	return SMTP_OK;
}

const struct smtp_door door_map = { map_open, map_ask };
