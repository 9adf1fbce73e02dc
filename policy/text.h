/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text.h - a slice of text: a pointer and a length, passed by value.
 * It borrows its bytes (never owns, never frees), has no terminating NUL and
 * may hold any byte.  An empty slice may have a NULL pointer.
 */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct text {
	const char *at;
	size_t n;
};

/* A slice over a string literal. */
#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })

/* A slice over a C string; NULL gives the empty slice. */
static inline struct text
text_of(const char *s)
{
	return (struct text){ s, s != NULL ? strlen(s) : 0 };
}

/* The bytes from (included) to to (excluded); from <= to <= t.n. */
static inline struct text
text_cut(struct text t, size_t from, size_t to)
{
	/* NULL + 0 is undefined */
	return (struct text){ t.at != NULL ? t.at + from : NULL, to - from };
}

/* Position of the first byte c, or t.n when there is none. */
static inline size_t
text_find(struct text t, char c)
{
	size_t i;

	/*@ loop invariant 0 <= i <= t.n;
	  @ loop invariant \forall integer k; 0 <= k < i ==> t.at[k] != c;
	  @ loop assigns i;
	  @ loop variant t.n - i;
	  @*/
	for (i = 0; i < t.n; i++)
		if (t.at[i] == c)
			break;
	return i;
}

/* ASCII lower case; every other byte stays as it is (no locale). */
static inline char
text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* A byte as a number from 0 to 255, whether char is signed or not. */
static inline unsigned
text_byte(char c)
{
	int v = c;

	return (unsigned)(v < 0 ? v + 256 : v);
}

static inline bool
text_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool
text_equal(struct text a, struct text b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

/* Equal without regard to ASCII case. */
static inline bool
text_same(struct text a, struct text b)
{
	size_t i;

	if (a.n != b.n)
		return false;
	/*@ loop invariant 0 <= i <= a.n;
	  @ loop assigns i;
	  @ loop variant a.n - i;
	  @*/
	for (i = 0; i < a.n; i++)
		if (text_lower(a.at[i]) != text_lower(b.at[i]))
			return false;
	return true;
}

/* Does t begin with prefix, without regard to ASCII case? */
static inline bool
text_begins(struct text t, struct text prefix)
{
	return t.n >= prefix.n &&
	    text_same(text_cut(t, 0, prefix.n), prefix);
}

/* t without the blanks at both ends. */
static inline struct text
text_trim(struct text t)
{
	size_t from = 0, to = t.n;

	/*@ loop invariant 0 <= from <= t.n;
	  @ loop invariant from == 0 || t.at[0] == ' ' || t.at[0] == '\t';
	  @ loop assigns from;
	  @ loop variant t.n - from;
	  @*/
	while (from < t.n && text_is_blank(t.at[from]))
		from++;
	/*@ loop invariant from <= to <= t.n;
	  @ loop invariant to == t.n || t.at[t.n - 1] == ' ' ||
	  @     t.at[t.n - 1] == '\t';
	  @ loop assigns to;
	  @ loop variant to;
	  @*/
	while (to > from && text_is_blank(t.at[to - 1]))
		to--;
	return text_cut(t, from, to);
}

#endif
