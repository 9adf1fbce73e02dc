/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/session.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>

#define KEEP_MAX 1024

struct session *
session_new(struct sessions *all)
{
	struct session *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->all = all;
	s->number = atomic_fetch_add(&all->total, 1) + 1;
	s->over_limit = atomic_fetch_add(&all->count, 1) >=
	    atomic_load(&all->limit);
	return s;
}

bool
session_is_too_many(struct session *s)
{
	if (s->over_limit && atomic_load(&s->all->count) <=
	    atomic_load(&s->all->limit))
		s->over_limit = false;
	return s->over_limit;
}

bool
session_may_say(atomic_long *last)
{
	long now = (long)time(NULL), said = atomic_load(last);

	return now - said >= 60 &&
	    atomic_compare_exchange_strong(last, &said, now);
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	session_clear_message(s);
	free(s->own_name);
	free(s->helo);
	free(s->client_name);
	atomic_fetch_sub(&s->all->count, 1);
	free(s);
}

static void
drop(char **at)
{
	free(*at);
	*at = NULL;
}

void
session_clear_message(struct session *s)
{
	drop(&s->queue_id);
	drop(&s->auth);
	drop(&s->sender);
	drop(&s->certificate);
	drop(&s->auth_claim);
	s->utf8 = false;
	sender_findings_clear(&s->findings);
	sender_forged_clear(&s->forged);
}

int
session_keep(char **at, const char *value)
{
	drop(at);
	if (value == NULL)
		return 0;
	*at = strndup(value, KEEP_MAX);
	return *at != NULL ? 0 : -1;
}

struct ip
session_client(const struct sockaddr *address)
{
	struct ip ip = { .family = IP_NONE };
	char text[IP_TEXT_MAX];

	if (address != NULL && address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof in);
		ip.family = IP_V4;
		memcpy(ip.byte, &in.sin_addr, 4);
	} else if (address != NULL && address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof in6);
		ip.family = IP_V6;
		memcpy(ip.byte, &in6.sin6_addr, 16);
	} else {
		return ip;
	}
	/* once through text, so that a mapped IPv4 address becomes IPv4 */
	ip_parse(text_of(ip_print(&ip, text)), &ip);
	return ip;
}

struct envelope
session_envelope(const struct session *s)
{
	return (struct envelope){
		.client = s->client,
		.helo = text_of(s->helo),
		.auth = text_of(s->auth),
		.certificate = text_of(s->certificate),
		.client_name = text_of(s->client_name),
		.sender = text_of(s->sender),
		.auth_claim = text_of(s->auth_claim),
		.own_name = text_of(s->own_name),
		.own_address = s->own_address,
		.utf8 = s->utf8,
	};
}
