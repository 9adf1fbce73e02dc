/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/utf8.h"

size_t
utf8_length(struct text s, size_t i)
{
	unsigned c = text_byte(s.at[i]);
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2, k;
	unsigned code;

	if (c < 0xc2 || n > s.n - i)
		return 0;
	code = c - (n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0);
	/*@ loop invariant 1 <= k <= n;
	  @ loop invariant \forall integer j; i <= j < i + k ==> s.at[j] < 0;
	  @ loop invariant code <= (k == 1 ? 0x1f : k == 2 ? 0x7ff :
	  @     k == 3 ? 0x1ffff : 0x7fffff);
	  @ loop assigns k, code;
	  @ loop variant n - k;
	  @*/
	for (k = 1; k < n; k++) {
		unsigned next = text_byte(s.at[i + k]);

		if (next < 0x80 || next > 0xbf)
			return 0;
		code = code * 0x40 + (next - 0x80);
	}
	if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000) ||
	    code > 0x10ffff || code < 0xa0 || (code >= 0xd800 && code < 0xe000))
		return 0;
	return n;
}
