/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/escape.h"

static const char hex_digits[] = "0123456789abcdef";

static bool
is_printable(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '\\';
}

/* How many bytes c is when it is escaped. */
static size_t
escaped_width(unsigned char c)
{
	return is_printable(c) ? 1 : 4;
}

static void
put_byte(unsigned char c, char *out)
{
	if (is_printable(c)) {
		out[0] = (char)c;
		return;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex_digits[c >> 4];
	out[3] = hex_digits[c & 15];
}

/* How long in is when it is escaped, looking no further than cap. */
static size_t
escaped_length(struct text in, size_t cap)
{
	size_t i, n = 0;

	for (i = 0; i < in.n && n < cap; i++)
		n += escaped_width((unsigned char)in.at[i]);
	return n;
}

size_t
escape_text(struct text in, char *out, size_t cap)
{
	size_t i, width, n = 0, room = cap;
	bool cut;

	if (cap == 0)
		return 0;
	cut = escaped_length(in, cap) >= cap;
	if (cut)
		room = cap > 3 ? cap - 3 : 1; /* for "..." */
	for (i = 0; i < in.n; i++) {
		width = escaped_width((unsigned char)in.at[i]);
		if (n + width >= room)
			break;
		put_byte((unsigned char)in.at[i], out + n);
		n += width;
	}
	if (cut && cap > 3) {
		memcpy(out + n, "...", 3);
		n += 3;
	}
	out[n] = '\0';
	return n;
}

/* The value of a hexadecimal digit, or -1. */
static int
hex_value(char c)
{
	const char *p;

	if (c == '\0')
		return -1;
	p = strchr(hex_digits, text_lower(c));
	return p != NULL ? (int)(p - hex_digits) : -1;
}

size_t
unescape_text(struct text in, char *out)
{
	size_t i = 0, n = 0;

	while (i < in.n) {
		if (in.n - i >= 4 && in.at[i] == '\\' && in.at[i + 1] == 'x') {
			int high = hex_value(in.at[i + 2]);
			int low = hex_value(in.at[i + 3]);

			if (high >= 0 && low >= 0) {
				out[n++] = (char)(high * 16 + low);
				i += 4;
				continue;
			}
		}
		out[n++] = in.at[i++];
	}
	return n;
}
