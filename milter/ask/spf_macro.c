/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_macro.h"

#include <stdio.h>

#include "milter/ask/spf_name.h"
#include "policy/domain.h"

/* More parts than any value has: "all of them" (7.3 asks for 127 or more). */
#define PARTS_ALL 100000u

/* One macro-expand (7.1), taken apart. */
struct macro {
	char letter;     /* lower case, or one of % _ - */
	bool escape;     /* it was upper case: URL-escape the value */
	unsigned parts;  /* this many on the right; PARTS_ALL */
	bool reverse;
	struct text delimiters;
};

/* Where the expansion goes: its head, or its tail when it is a name. */
struct sink {
	char *at;
	size_t n, cap;
	bool tail;
	bool beyond; /* a value has bytes beyond ASCII, if not what we took */
};

static bool
is_alnum(char c)
{
	c = text_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
has_byte(struct text t, char c)
{
	return text_find(t, c) < t.n;
}

/* ------------------------------------------------------------- grammar */

/* The digits, at *i; false when they say zero. */
static bool
parse_parts(struct text s, size_t *i, unsigned *out)
{
	size_t from = *i;
	unsigned n = 0;

	for (; *i < s.n && is_digit(s.at[*i]); (*i)++)
		if (n < PARTS_ALL)
			n = n * 10 + (unsigned)(s.at[*i] - '0');
	*out = n > PARTS_ALL || *i == from ? PARTS_ALL : n;
	return n > 0 || *i == from;
}

/* What stands in braces, from *i on, which moves behind the closing one. */
static bool
parse_braces(struct text s, size_t *i, struct macro *m)
{
	size_t from;

	if (*i >= s.n)
		return false;
	m->letter = text_lower(s.at[*i]);
	m->escape = s.at[*i] != m->letter;
	(*i)++;
	if (!parse_parts(s, i, &m->parts))
		return false;
	m->reverse = *i < s.n && text_lower(s.at[*i]) == 'r';
	*i += m->reverse;
	for (from = *i; *i < s.n && has_byte(TEXT(".-+,/_="), s.at[*i]);)
		(*i)++;
	m->delimiters = text_cut(s, from, *i);
	return *i < s.n && s.at[(*i)++] == '}';
}

/* The macro that begins with the percent sign at *i. */
static bool
parse_macro(struct text s, size_t *i, struct macro *m)
{
	*m = (struct macro){ .letter = 0 };
	(*i)++;
	if (*i >= s.n)
		return false;
	if (has_byte(TEXT("%_-"), s.at[*i])) {
		m->letter = s.at[(*i)++];
		return true;
	}
	return s.at[(*i)++] == '{' && parse_braces(s, i, m);
}

static bool
is_literal(char c, bool explanation)
{
	return (c > 0x20 && c < 0x7f) || (explanation && c == ' ');
}

/* As spf_macro_valid(); *macro_last says how it ends. */
static bool
check(struct text s, bool explanation, bool *macro_last)
{
	struct text letters = explanation ? TEXT("%_-slodiphvcrt") :
	    TEXT("%_-slodiphv");
	struct macro m;
	size_t i = 0;

	*macro_last = false;
	while (i < s.n) {
		*macro_last = s.at[i] == '%';
		if (!*macro_last) {
			if (!is_literal(s.at[i++], explanation))
				return false;
		} else if (!parse_macro(s, &i, &m) ||
		    !has_byte(letters, m.letter)) {
			return false;
		}
	}
	return true;
}

bool
spf_macro_valid(struct text s, bool explanation)
{
	bool macro_last;

	return check(s, explanation, &macro_last);
}

/* toplabel (7.1): letters, digits, inner hyphens, not digits alone. */
static bool
is_top_label(struct text t)
{
	bool all_digits = true;
	size_t i;

	if (t.n == 0 || t.at[0] == '-' || t.at[t.n - 1] == '-')
		return false;
	for (i = 0; i < t.n; i++) {
		if (!is_alnum(t.at[i]) && t.at[i] != '-')
			return false;
		all_digits = all_digits && is_digit(t.at[i]);
	}
	return !all_digits;
}

bool
spf_macro_domain_valid(struct text s)
{
	bool macro_last;
	size_t from;

	if (s.n == 0 || !check(s, false, &macro_last))
		return false;
	if (macro_last)
		return true;
	s.n -= s.at[s.n - 1] == '.';
	for (from = s.n; from > 0 && s.at[from - 1] != '.' &&
	    s.at[from - 1] != '}';)
		from--;
	return from > 0 && s.at[from - 1] == '.' &&
	    is_top_label(text_cut(s, from, s.n));
}

bool
spf_macro_wants_name(struct text s)
{
	struct macro m;
	size_t i = 0;

	while (i < s.n) {
		if (s.at[i] != '%')
			i++;
		else if (!parse_macro(s, &i, &m) || m.letter == 'p')
			return m.letter == 'p';
	}
	return false;
}

/* ----------------------------------------------------------- expansion */

static void
put(struct sink *out, char c)
{
	if (out->n == out->cap) {
		size_t half = out->cap / 2;

		if (!out->tail)
			return;
		out->n -= half;
		memmove(out->at, out->at + half, out->n);
	}
	out->at[out->n++] = c;
}

static void
put_text(struct sink *out, struct text t)
{
	size_t i;

	for (i = 0; i < t.n; i++)
		put(out, t.at[i]);
}

/* A byte of a value; unreserved as in RFC 3986 2.3. */
static void
put_value_byte(struct sink *out, char c, bool escape)
{
	static const char hex[] = "0123456789ABCDEF";

	if (!escape || is_alnum(c) || has_byte(TEXT("-._~"), c)) {
		put(out, c);
		return;
	}
	put(out, '%');
	put(out, hex[text_byte(c) >> 4]);
	put(out, hex[text_byte(c) & 15]);
}

/* The first or the last parts of the value, with their delimiters. */
static struct text
choose_parts(struct text value, struct text delimiters, unsigned parts,
    bool first)
{
	unsigned seen = 0;
	size_t i;

	for (i = 0; i < value.n; i++) {
		size_t at = first ? i : value.n - 1 - i;

		if (has_byte(delimiters, value.at[at]) && ++seen == parts)
			return first ? text_cut(value, 0, at) :
			    text_cut(value, at + 1, value.n);
	}
	return value;
}

/* The value's parts in reverse order, joined by dots. */
static void
put_reversed(struct sink *out, struct text value, struct text delimiters,
    bool escape)
{
	size_t end = value.n, i;

	for (;;) {
		size_t from = end;

		while (from > 0 && !has_byte(delimiters, value.at[from - 1]))
			from--;
		for (i = from; i < end; i++)
			put_value_byte(out, value.at[i], escape);
		if (from == 0)
			return;
		put_value_byte(out, '.', escape);
		end = from - 1;
	}
}

static void
put_value(struct sink *out, struct text value, const struct macro *m)
{
	struct text delimiters = m->delimiters.n > 0 ? m->delimiters :
	    TEXT(".");
	size_t i;

	for (i = 0; i < value.n; i++)
		out->beyond |= text_byte(value.at[i]) > 0x7f;
	/* after reversal the last parts are those that were the first */
	value = choose_parts(value, delimiters, m->parts, m->reverse);
	if (m->reverse) {
		put_reversed(out, value, delimiters, m->escape);
		return;
	}
	for (i = 0; i < value.n; i++)
		put_value_byte(out, has_byte(delimiters, value.at[i]) ? '.' :
		    value.at[i], m->escape);
}

static struct text
value_of(char letter, const struct spf_macro_values *v, char *buffer)
{
	switch (letter) {
	case 's':
		return v->sender;
	case 'l':
		return v->local;
	case 'o':
		return v->sender_domain;
	case 'd':
		return v->domain;
	case 'p':
		return v->name.n > 0 ? v->name : TEXT("unknown");
	case 'h':
		return v->helo;
	case 'r':
		return v->host.n > 0 ? v->host : TEXT("unknown");
	case 'i':
		return spf_name_dotted(&v->client, buffer);
	case 'c':
		return text_of(ip_print(&v->client, buffer));
	case 'v':
		return v->client.family == IP_V6 ? TEXT("ip6") :
		    TEXT("in-addr");
	default:
		snprintf(buffer, SPF_DOTTED_MAX, "%lld", (long long)v->now);
		return text_of(buffer);
	}
}

static void
put_macro(struct sink *out, const struct macro *m,
    const struct spf_macro_values *v)
{
	char buffer[SPF_DOTTED_MAX];

	if (m->letter == '%')
		put(out, '%');
	else if (m->letter == '_')
		put(out, ' ');
	else if (m->letter == '-')
		put_text(out, TEXT("%20"));
	else
		put_value(out, value_of(m->letter, v, buffer), m);
}

static void
expand(struct text s, const struct spf_macro_values *v, struct sink *out)
{
	struct macro m;
	size_t i = 0;

	while (i < s.n) {
		if (s.at[i] != '%')
			put(out, s.at[i++]);
		else if (parse_macro(s, &i, &m))
			put_macro(out, &m, v);
	}
}

size_t
spf_macro_expand(struct text s, const struct spf_macro_values *v, char *out,
    size_t cap)
{
	struct sink sink = { .at = out, .cap = cap };

	expand(s, v, &sink);
	return sink.n;
}

size_t
spf_macro_expand_domain(struct text s, const struct spf_macro_values *v,
    char *out)
{
	char room[4 * (DOMAIN_MAX + 1)];
	struct sink sink = { .at = room, .cap = sizeof room, .tail = true };

	expand(s, v, &sink);
	return sink.beyond ? 0 : spf_name_fit((struct text){ room, sink.n }, out);
}
