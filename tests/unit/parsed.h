/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parsed.h - arguments made and parsed, for tests of the grammar and of the
 * readings.  To be included after cmocka.h.
 */
#ifndef TESTS_PARSED_H
#define TESTS_PARSED_H

#include <stdio.h>
#include <stdlib.h>

#include "policy/address.h"

static struct address a;

/* Parse a heap copy of exact size, so that the sanitizers see every overrun. */
static const struct address *
parse(struct text s, bool utf8)
{
	static char *copy;

	free(copy);
	copy = malloc(s.n > 0 ? s.n : 1);
	assert_non_null(copy);
	memcpy(copy, s.at, s.n);
	address_parse((struct text){ copy, s.n }, utf8, &a);
	return &a;
}

/* before, the byte c, after. */
static struct text
around(const char *before, int c, const char *after)
{
	static char line[64];
	int n = snprintf(line, sizeof line, "%s%c%s", before, c, after);

	return (struct text){ line, (size_t)n };
}

static bool
is_one_of(int c, const char *bytes)
{
	return c != '\0' && strchr(bytes, c) != NULL;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

#endif
