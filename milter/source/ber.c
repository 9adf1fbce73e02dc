/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ber.h"

#define LENGTH_BYTES_MAX 4

/* Cut the bytes of a length off rest; false when they are none. */
static bool
take_length(struct text *rest, size_t *out)
{
	size_t i, n;

	if (rest->n == 0)
		return false;
	n = text_byte(rest->at[0]);
	*out = n;
	*rest = text_cut(*rest, 1, rest->n);
	if (n < 0x80)
		return true;
	n -= 0x80;
	if (n == 0 || n > LENGTH_BYTES_MAX || n > rest->n)
		return false; /* 0: indefinite */
	*out = 0;
	for (i = 0; i < n; i++)
		*out = *out << 8 | text_byte(rest->at[i]);
	*rest = text_cut(*rest, n, rest->n);
	return true;
}

int
ber_next(struct text *rest, struct text *out)
{
	struct text left = *rest;
	size_t n;
	int tag;

	if (left.n == 0)
		return -1;
	tag = (int)text_byte(left.at[0]);
	left = text_cut(left, 1, left.n);
	/* 0x1f: the tag goes on in the next byte, as none of LDAP's does */
	if ((tag & 0x1f) == 0x1f || !take_length(&left, &n) || n > left.n)
		return -1;
	*out = text_cut(left, 0, n);
	*rest = text_cut(left, n, left.n);
	return tag;
}

bool
ber_take(struct text *rest, int tag, struct text *out)
{
	struct text left = *rest;

	if (ber_next(&left, out) != tag)
		return false;
	*rest = left;
	return true;
}

bool
ber_is_sound(struct text rest)
{
	struct text element;

	while (rest.n > 0)
		if (ber_next(&rest, &element) < 0)
			return false;
	return true;
}
