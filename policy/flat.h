/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flat.h - a local part with its quoting laid aside, as a server that strips
 * quotes and backslashes would read it; for words.c and readings.c.  Full-width
 * operators have become the plain ones (NFKC does that).
 */
#ifndef POLICY_FLAT_H
#define POLICY_FLAT_H

#include "policy/address.h"

/* What a byte was before its quoting was laid aside. */
enum mark {
	MARK_PLAIN,
	MARK_QUOTED, /* in quotes or behind a backslash */
	MARK_WIDE    /* a full-width or small-form operator */
};

/* The local part with its quoting laid aside, while it is being read. */
struct flat {
	const char *at;    /* bytes, in the buffer given to flat_make */
	size_t n;
	const unsigned char *mark; /* one enum mark a byte */
	size_t first; /* first byte that can be of a user, or n */
	size_t last;  /* last such byte, or 0 */
};

/* The bytes that lead from one host to the next. */
static inline bool
flat_is_operator(char c)
{
	return c == '@' || c == '%' || c == '!';
}

/* Bytes that part words: a server that strips quotes may drop any of them. */
static inline bool
flat_is_separator(char c)
{
	return text_is_blank(c) || c == ',' || c == ':' || c == ';' ||
	    c == '<' || c == '>' || c == '(' || c == ')';
}

/* The bytes of f from from (included) to to (excluded); from <= to <= f.n. */
static inline struct text
flat_part(struct flat f, size_t from, size_t to)
{
	return (struct text){ f.at + from, to - from };
}

/*
 * Lay local flat.  text and mark hold ADDRESS_MAX bytes each and must live as
 * long as the result; local.n <= ADDRESS_MAX.
 */
struct flat flat_make(struct text local, char *text, unsigned char *mark);

#endif
