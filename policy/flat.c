/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/flat.h"

/*
 * The ASCII operator that the three bytes at s[i] fold to (NFKC), or NUL:
 * U+FF01 U+FF05 U+FF1A U+FF20, U+FE55 U+FE57 U+FE6A U+FE6B.
 */
static char
wide_operator(struct text s, size_t i)
{
	unsigned char b, c;

	if (s.n - i < 3 || (unsigned char)s.at[i] != 0xef)
		return '\0';
	b = (unsigned char)s.at[i + 1];
	c = (unsigned char)s.at[i + 2];
	if (b == 0xbc)
		return c == 0x81 ? '!' : c == 0x85 ? '%' : c == 0x9a ? ':' :
		    c == 0xa0 ? '@' : '\0';
	if (b == 0xb9)
		return c == 0x95 ? ':' : c == 0x97 ? '!' : c == 0xaa ? '%' :
		    c == 0xab ? '@' : '\0';
	return '\0';
}

/*
 * Copy s to to without quotes and backslashes and with wide operators folded,
 * marking what each byte was.  Both buffers hold ADDRESS_MAX.
 */
static size_t
flatten(struct text s, char *to, unsigned char *mark)
{
	bool inside = false, escaped = false;
	size_t i, n = 0;
	char wide;

	for (i = 0; i < s.n; i++) {
		if (!escaped && s.at[i] == '\\') {
			escaped = true;
			continue;
		}
		if (!escaped && s.at[i] == '"') {
			inside = !inside;
			continue;
		}
		wide = wide_operator(s, i);
		to[n] = wide != '\0' ? wide : s.at[i];
		mark[n] = wide != '\0' ? MARK_WIDE : inside || escaped ?
		    MARK_QUOTED : MARK_PLAIN;
		n++;
		i += wide != '\0' ? 2 : 0;
		escaped = false;
	}
	return n;
}

/* The first and last bytes that a user can be made of. */
static void
find_user_bytes(struct flat *f)
{
	size_t i;

	f->first = f->n;
	for (i = 0; i < f->n; i++) {
		if (flat_is_operator(f->at[i]) || flat_is_separator(f->at[i]))
			continue;
		f->first = f->first < i ? f->first : i;
		f->last = i;
	}
}

void
flat_make(struct text local, char *text, unsigned char *mark, struct flat *out)
{
	*out = (struct flat){ .at = text, .mark = mark };
	out->n = flatten(local, text, mark);
	find_user_bytes(out);
}
