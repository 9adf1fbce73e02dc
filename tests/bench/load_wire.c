/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/bench/load_wire.h"

#include <arpa/inet.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* Filters answer an envelope in a few bytes; more is a fault. */
#define PACKET_MAX 65536

void
wire_reserve(struct wire *w, size_t n)
{
	if (w->cap - w->n >= n)
		return;
	w->cap = (w->n + n) * 2;
	w->at = realloc(w->at, w->cap);
	if (w->at == NULL)
		err(EX_OSERR, "load");
}

void
wire_begin(struct wire *w, char command)
{
	w->head = w->n;
	wire_number(w, 0);
	wire_put(w, &command, 1);
}

void
wire_put(struct wire *w, const void *data, size_t n)
{
	wire_reserve(w, n);
	memcpy(w->at + w->n, data, n);
	w->n += n;
}

void
wire_number(struct wire *w, uint32_t n)
{
	n = htonl(n);
	wire_put(w, &n, sizeof n);
}

void
wire_text(struct wire *w, const char *s)
{
	wire_put(w, s, strlen(s) + 1);
}

void
wire_end(struct wire *w)
{
	uint32_t length = htonl((uint32_t)(w->n - w->head - sizeof length));

	memcpy(w->at + w->head, &length, sizeof length);
}

void
wire_drop(struct wire *w, size_t n)
{
	w->n -= n;
	if (w->n > 0)
		memmove(w->at, w->at + n, w->n);
}

uint32_t
wire_read_number(const unsigned char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof n);
	return ntohl(n);
}

enum wire_state
wire_first(const struct wire *w, struct packet *out, size_t *bytes)
{
	uint32_t length;

	if (w->n < sizeof length)
		return WIRE_MORE;
	length = wire_read_number(w->at);
	if (length == 0 || length > PACKET_MAX)
		return WIRE_BROKEN;
	*bytes = sizeof length + length;
	if (w->n < *bytes)
		return WIRE_MORE;
	out->command = (char)w->at[sizeof length];
	out->data = w->at + sizeof length + 1;
	out->n = length - 1;
	return WIRE_PACKET;
}
