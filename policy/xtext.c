/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/xtext.h"

/* The value of a digit, or 16 when c is none. */
static unsigned
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;
}

size_t
xtext_decode(struct text s, char *out, size_t cap)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		if (n == cap)
			return cap + 1;
		out[n] = s.at[i];
		if (s.at[i] == '+' && s.n - i > 2 &&
		    hex_value(s.at[i + 1]) < 16 &&
		    hex_value(s.at[i + 2]) < 16) {
			out[n] = (char)(hex_value(s.at[i + 1]) * 16 +
			    hex_value(s.at[i + 2]));
			i += 2;
		}
		n++;
	}
	return n;
}
