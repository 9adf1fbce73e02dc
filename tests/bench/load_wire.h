/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load_wire.h - packets of the milter protocol in a growing buffer: 4 bytes
 * of length (big-endian, of what follows), a command byte, data.
 */
#ifndef TESTS_LOAD_WIRE_H
#define TESTS_LOAD_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An empty buffer is struct wire w = { 0 }; w.at is malloc'ed. */
struct wire {
	unsigned char *at;
	size_t n;
	size_t cap;
	size_t head; /* where the packet being written begins */
};

struct packet {
	char command;
	const unsigned char *data; /* points into the buffer */
	size_t n;
};

/* Exit with EX_OSERR when out of memory. */
void wire_reserve(struct wire *w, size_t n);

/* Write one packet: begin, then any number of put and text, then end. */
void wire_begin(struct wire *w, char command);
void wire_put(struct wire *w, const void *data, size_t n);
void wire_number(struct wire *w, uint32_t n);
void wire_text(struct wire *w, const char *s); /* with its NUL */
void wire_end(struct wire *w);

/* Remove the first n bytes. */
void wire_drop(struct wire *w, size_t n);

enum wire_state {
	WIRE_PACKET, /* out is the first packet; drop its bytes when done */
	WIRE_MORE,   /* not all of it is here yet */
	WIRE_BROKEN  /* this is no packet */
};
enum wire_state wire_first(const struct wire *w, struct packet *out,
    size_t *bytes);

/* A big-endian number at p. */
uint32_t wire_read_number(const unsigned char *p);

#endif
