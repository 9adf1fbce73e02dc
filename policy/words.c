/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/words.h"

/* A letter, a digit, or a byte of a name in another script. */
static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || text_byte(c) > 0x7f;
}

/*
 * An IPv4 address as one number, decimal or hexadecimal, with or without "#":
 * eight digits or more make one outside 0.0.0.0/8.
 */
static bool
looks_like_number(struct text word)
{
	size_t i = 0, digits = 0;

	if (i < word.n && word.at[i] == '#')
		i++;
	if (word.n - i > 2 && word.at[i] == '0' &&
	    text_lower(word.at[i + 1]) == 'x')
		return true;
	/*@ loop invariant 0 <= i <= word.n && digits <= i;
	  @ loop assigns i, digits;
	  @ loop variant word.n - i;
	  @*/
	for (; i < word.n; i++)
		digits += word.at[i] >= '0' && word.at[i] <= '9';
	return digits >= 8 && digits + 1 >= word.n;
}

bool
word_is_qualified(struct text word)
{
	size_t from = 0, to = word.n;

	/*@ loop invariant 0 <= from <= to;
	  @ loop assigns from;
	  @ loop variant to - from;
	  @*/
	while (from < to && word.at[from] == '.')
		from++;
	/*@ loop invariant from <= to <= word.n;
	  @ loop assigns to;
	  @ loop variant to;
	  @*/
	while (to > from && word.at[to - 1] == '.')
		to--;
	word = text_cut(word, from, to);
	return address_is_literal(word) || looks_like_number(word) ||
	    text_find(word, '.') < word.n;
}

bool
word_is_host(struct flat f, size_t from, size_t to)
{
	size_t i;

	/*@ loop invariant from <= i <= to && nameless(f.at, from, i);
	  @ loop assigns i;
	  @ loop variant to - i;
	  @*/
	for (i = from; i < to; i++)
		if (is_name_byte(f.at[i]))
			return true;
	return false;
}

size_t
word_next(struct flat f, size_t from)
{
	size_t i = from;

	/*@ loop invariant from <= i <= f.n && nameless(f.at, from, i);
	  @ loop assigns i;
	  @ loop variant f.n - i;
	  @*/
	while (i < f.n && (flat_is_separator(f.at[i]) || f.at[i] == '!'))
		i++;
	return i;
}

size_t
word_end(struct flat f, size_t from)
{
	size_t i = from, close;

	if (from < f.n && f.at[from] == '[') {
		close = from + text_find(flat_part(f, from, f.n), ']');
		if (close < f.n)
			i = close;
	}
	/*@ loop invariant from <= i <= f.n;
	  @ loop invariant i == from || user(f.at[from]);
	  @ loop assigns i;
	  @ loop variant f.n - i;
	  @*/
	while (i < f.n && !flat_is_operator(f.at[i]) &&
	    !flat_is_separator(f.at[i]))
		i++;
	return i;
}

size_t
word_previous(struct flat f, size_t to)
{
	size_t i = to;

	/*@ loop invariant 0 <= i <= to && nameless(f.at, i, to);
	  @ loop assigns i;
	  @ loop variant i;
	  @*/
	while (i > 0 && (flat_is_separator(f.at[i - 1]) ||
	    f.at[i - 1] == '%' || f.at[i - 1] == '@'))
		i--;
	return i;
}

size_t
word_start(struct flat f, size_t to)
{
	size_t i = to;

	/*@ loop invariant 0 <= i <= to;
	  @ loop invariant i == to || user(f.at[to - 1]);
	  @ loop assigns i;
	  @ loop variant i;
	  @*/
	while (i > 0 && !flat_is_operator(f.at[i - 1]) &&
	    !flat_is_separator(f.at[i - 1]))
		i--;
	return i;
}
