/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/flat.h"

/*
 * The ASCII operator that the three bytes at s[i] fold to (NFKC), or NUL:
 * U+FF01 U+FF05 U+FF1A U+FF20, U+FE55 U+FE57 U+FE6A U+FE6B.
 */
static char
wide_operator(struct text s, size_t i)
{
	unsigned b, c;

	if (s.n - i < 3 || text_byte(s.at[i]) != 0xef)
		return '\0';
	b = text_byte(s.at[i + 1]);
	c = text_byte(s.at[i + 2]);
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

	/*@ loop invariant 0 <= n <= i <= s.n;
	  @ loop invariant plain(s) ==> n == i && !escaped;
	  @ loop invariant plain(s) ==> alike(to, s.at, n);
	  @ loop assigns i, n, wide, inside, escaped, to[0 .. s.n - 1],
	  @     mark[0 .. s.n - 1];
	  @ loop variant s.n - i;
	  @*/
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

/* Can c be of a user? */
static bool
is_user_byte(char c)
{
	return !flat_is_operator(c) && !flat_is_separator(c);
}

static size_t
first_user_byte(struct text s)
{
	size_t i;

	/*@ loop invariant 0 <= i <= s.n;
	  @ loop invariant \forall integer k; 0 <= k < i ==> !user(s.at[k]);
	  @ loop assigns i;
	  @ loop variant s.n - i;
	  @*/
	for (i = 0; i < s.n; i++)
		if (is_user_byte(s.at[i]))
			break;
	return i;
}

static size_t
last_user_byte(struct text s)
{
	size_t i;

	/*@ loop invariant 0 <= i <= s.n;
	  @ loop invariant \forall integer k; i <= k < s.n ==> !user(s.at[k]);
	  @ loop assigns i;
	  @ loop variant i;
	  @*/
	for (i = s.n; i > 0; i--)
		if (is_user_byte(s.at[i - 1]))
			return i - 1;
	return 0;
}

struct flat
flat_make(struct text local, char *text, unsigned char *mark)
{
	struct text all = { text, flatten(local, text, mark) };

	return (struct flat){ all.at, all.n, mark, first_user_byte(all),
		last_user_byte(all) };
}
