/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/contact.h"

#include <poll.h>
#include <stdio.h>

#include "milter/clock.h"

#define CONNECTIONS_MAX 100
#define OPEN_TRIES 3
#define BACKOFF_MS 50
/*
 * Mishaps in a row; then the rest counts as untested.  A server may well drop
 * the connection at each spelling of P08..P18 and answer all the others.
 */
#define TIMEOUTS_MAX 3
#define CUTS_MAX 24

/* The first word of a greeting, when it can be a server's name. */
static bool
take_name(struct contact *c, const char *greeting)
{
	struct text t = text_of(greeting), word;
	char *out = c->result->names.server;
	size_t n;

	word = text_cut(t, 0, text_find(t, ' '));
	if (text_find(word, '.') == word.n)
		return false; /* "220-ready", "220 ESMTP" */
	n = domain_fold(word, out);
	out[n] = '\0';
	return n > 0;
}

static void
learn_names(struct contact *c, const struct reply *banner,
    const struct reply *greeting, const struct ip *own)
{
	struct probe_names *names = &c->result->names;

	spelling_literal(own, names->own);
	if (c->result->banner[0] == '\0')
		memcpy(c->result->banner, banner->first,
		    sizeof c->result->banner);
	if (names->server[0] == '\0' && !take_name(c, greeting->first) &&
	    !take_name(c, banner->first))
		snprintf(names->server, sizeof names->server, "%s",
		    c->fallback);
}

/* EHLO, or HELO for a server that does not know it. */
static enum smtp_status
greet(struct contact *c, const char *claim, struct reply *reply)
{
	char line[PROBE_ARGUMENT_MAX + 8];
	enum smtp_status st;

	snprintf(line, sizeof line, "EHLO %s", claim);
	st = smtp_ask(&c->smtp, line, reply);
	if (st == SMTP_OK && reply->code / 100 == 5) {
		memcpy(line, "HELO", 4);
		st = smtp_ask(&c->smtp, line, reply);
	}
	return st;
}

static enum smtp_status
no_tls(struct contact *c, const char *why, const struct reply *reply)
{
	snprintf(c->smtp.about, sizeof c->smtp.about, "%s: %u %.400s", why,
	    reply->code, reply->last);
	smtp_close(&c->smtp);
	return SMTP_NO_TLS;
}

/* STARTTLS, RFC 3207, and the same greeting again. */
static enum smtp_status
start_tls(struct contact *c, const char *claim, struct reply *reply)
{
	enum smtp_status st;

	if ((reply->extensions & REPLY_STARTTLS) == 0)
		return no_tls(c, "the server does not offer STARTTLS", reply);
	st = smtp_ask(&c->smtp, "STARTTLS", reply);
	if (st == SMTP_OK && reply->code / 100 != 2)
		return no_tls(c, "STARTTLS refused", reply);
	if (st == SMTP_OK)
		st = smtp_secure(&c->smtp);
	return st == SMTP_OK ? greet(c, claim, reply) : st;
}

static enum smtp_status
greet_with(struct contact *c, const char *claim, struct reply *reply)
{
	const struct tls_wish *tls = c->smtp.tls;
	enum smtp_status st = greet(c, claim, reply);

	if (st == SMTP_OK && reply->code / 100 == 2 && tls != NULL &&
	    tls->use == TLS_STARTTLS)
		st = start_tls(c, claim, reply);
	if (c->result->tls[0] == '\0' || st == SMTP_NO_TLS)
		memcpy(c->result->tls, c->smtp.about, sizeof c->result->tls);
	return st;
}

/* claim: what to say in EHLO; NULL: our own address. */
static enum smtp_status
open_once(struct contact *c, const char *claim, struct reply *reply)
{
	char literal[PROBE_LITERAL_MAX];
	struct reply banner;
	struct ip own;
	enum smtp_status st;

	if (c->result->connections >= CONNECTIONS_MAX)
		return SMTP_OVER;
	c->result->connections++;
	c->claimed = claim != NULL;
	st = smtp_open(&c->smtp, &c->peer, &own, &banner);
	if (st == SMTP_NO_TLS)
		memcpy(c->result->tls, c->smtp.about, sizeof c->result->tls);
	if (st == SMTP_OK) {
		spelling_literal(&own, literal);
		st = greet_with(c, claim != NULL ? claim : literal, reply);
	}
	if (st == SMTP_OK && reply->code / 100 != 2 && claim == NULL) {
		smtp_close(&c->smtp);
		st = SMTP_NO_SERVICE;
	}
	if (st != SMTP_OK)
		return st;
	learn_names(c, &banner, reply, &own);
	c->result->extensions |= reply->extensions;
	return SMTP_OK;
}

static bool
may_try_again(enum smtp_status st)
{
	return st == SMTP_REFUSED || st == SMTP_CLOSED ||
	    st == SMTP_NO_SERVICE;
}

static enum smtp_status
open_with(struct contact *c, const char *claim, struct reply *reply)
{
	enum smtp_status st = SMTP_OVER;
	int try;

	for (try = 0; c->gone == NULL && try < OPEN_TRIES; try++) {
		if (try > 0 || c->cuts > 0)
			poll(NULL, 0, BACKOFF_MS << try);
		st = open_once(c, claim, reply);
		if (!may_try_again(st))
			break;
	}
	return st;
}

bool
contact_open(struct contact *c)
{
	struct reply reply = { 0 };
	enum smtp_status st;

	if (c->claimed)
		contact_quit(c);
	if (smtp_is_open(&c->smtp))
		return true;
	st = open_with(c, NULL, &reply);
	if (st != SMTP_OK && c->gone == NULL)
		c->gone = st == SMTP_NO_TLS ? c->result->tls :
		    smtp_status_text(st);
	return st == SMTP_OK;
}

enum smtp_status
contact_claim(struct contact *c, const char *claim, struct reply *reply)
{
	contact_quit(c);
	return open_with(c, claim, reply);
}

void
contact_pace(struct contact *c)
{
	int64_t now = clock_ms(), until = c->due;

	if (until > c->smtp.stream.end)
		until = c->smtp.stream.end;
	if (until > now && c->gone == NULL) /* else nothing is asked */
		poll(NULL, 0, (int)(until - now));
	c->due = clock_ms() + c->pause_ms;
}

void
contact_forgive(struct contact *c)
{
	c->timeouts = c->cuts = 0;
	c->gone = NULL;
}

void
contact_quit(struct contact *c)
{
	struct reply reply;

	if (smtp_is_open(&c->smtp))
		smtp_ask(&c->smtp, "QUIT", &reply);
	smtp_close(&c->smtp);
}

void
contact_count(struct contact *c, enum smtp_status st)
{
	c->timeouts = st == SMTP_TIMEOUT ? c->timeouts + 1 : 0;
	c->cuts = st == SMTP_CLOSED || st == SMTP_GARBAGE ? c->cuts + 1 : 0;
	if (st == SMTP_OVER || c->timeouts >= TIMEOUTS_MAX ||
	    c->cuts >= CUTS_MAX)
		c->gone = smtp_status_text(st);
}
