/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/readings.h"

#include "policy/flat.h"

const char *
form_name(enum form form)
{
	switch (form) {
	case FORM_PLAIN:
		return "plain";
	case FORM_PERCENT:
		return "percent-hack";
	case FORM_QUOTED_PERCENT:
		return "quoted-percent";
	case FORM_BANG:
		return "bang-path";
	case FORM_SOURCE_ROUTE:
		return "source-route";
	case FORM_QUOTED_AT:
		return "quoted-route";
	case FORM_MULTI_AT:
		return "multi-at";
	case FORM_DECNET:
		return "decnet-path";
	case FORM_WIDE:
		return "wide-operator";
	case FORM_PROGRAM:
		return "program-target";
	}
	return "unknown";
}

static void
add(struct readings *out, enum form form, size_t by, struct text host)
{
	if (out->n == READINGS_MAX) {
		out->too_many = true;
		return;
	}
	out->at[out->n++] = (struct reading){ form, by, host };
}

/* A letter, a digit, or a byte of a name in another script. */
static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (unsigned char)c > 0x7f;
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
	for (; i < word.n; i++)
		digits += word.at[i] >= '0' && word.at[i] <= '9';
	return digits >= 8 && digits + 1 >= word.n;
}

/* A dot between other bytes, an address literal, an address as a number. */
static bool
looks_qualified(struct text word)
{
	while (word.n > 0 && word.at[0] == '.')
		word = text_cut(word, 1, word.n);
	while (word.n > 0 && word.at[word.n - 1] == '.')
		word.n--;
	return address_is_literal(word) || looks_like_number(word) ||
	    text_find(word, '.') < word.n;
}

/* Can any server take word for a host? */
static bool
is_host(struct text word)
{
	size_t i;

	for (i = 0; i < word.n; i++)
		if (is_name_byte(word.at[i]))
			return true;
	return false;
}

/* Where the word that starts at from ends; a literal keeps its colons. */
static size_t
word_end(const struct flat *f, size_t from)
{
	const char *close;
	size_t i = from;

	if (from < f->n && f->at[from] == '[') {
		close = memchr(f->at + from, ']', f->n - from);
		if (close != NULL)
			i = (size_t)(close - f->at);
	}
	while (i < f->n && !flat_is_operator(f->at[i]) && !flat_is_separator(f->at[i]))
		i++;
	return i;
}

/*
 * The words on the host's side of an operator, with nothing but separators in
 * between, up to the next operator: a server that strips quotes may drop
 * comments, list punctuation and blanks, or keep them.  So each word is a
 * candidate, and so is the whole run: neither ";guard.example" nor
 * "guard.example |" is guard.example.
 */

/*
 * The next word from *at on, up to "%" or "@"; moves *at behind it.  Where "!"
 * is no operator it is part of the host, so it does not end the search.
 */
static struct text
next_word(const struct flat *f, size_t *at)
{
	size_t from;

	for (from = *at; from < f->n && (flat_is_separator(f->at[from]) ||
	     f->at[from] == '!'); from++)
		continue;
	*at = word_end(f, from);
	return (struct text){ f->at + from, *at - from };
}

/* The word before *at, back to "!"; moves *at before it.  See next_word. */
static struct text
previous_word(const struct flat *f, size_t *at)
{
	size_t from, to;

	for (to = *at; to > 0 && (flat_is_separator(f->at[to - 1]) ||
	     f->at[to - 1] == '%' || f->at[to - 1] == '@'); to--)
		continue;
	for (from = to; from > 0 && !flat_is_operator(f->at[from - 1]) &&
	     !flat_is_separator(f->at[from - 1]);)
		from--;
	*at = from;
	return (struct text){ f->at + from, to - from };
}

/* The form that operator i of f makes. */
static enum form
form_of(const struct flat *f, size_t i)
{
	bool quoted = f->mark[i] == MARK_QUOTED;

	if (f->mark[i] == MARK_WIDE)
		return FORM_WIDE;
	if (f->at[i] == '%')
		return quoted ? FORM_QUOTED_PERCENT : FORM_PERCENT;
	if (f->at[i] == '@')
		return quoted ? FORM_QUOTED_AT : FORM_MULTI_AT;
	return f->at[i] == '!' ? FORM_BANG : FORM_DECNET;
}

/*
 * Is a user left over before operator i?  One of operators or blanks alone
 * ("!%d") only when the host is worth it: "100%%" and "wow!!!" are names.
 */
static bool
has_user_before(const struct flat *f, size_t i, struct text host)
{
	return f->first < i || (i > 0 && looks_qualified(host));
}

static bool
has_user_behind(const struct flat *f, size_t i, struct text host)
{
	return f->last > i || (i + 1 < f->n && looks_qualified(host));
}

/* A quoted source route: "@d:u@e", "@d,@e:u"; the word ends at end. */
static bool
is_route(const struct flat *f, size_t i, size_t end, struct text host)
{
	return f->at[i] == '@' && end < f->n &&
	    (f->at[end] == ':' || f->at[end] == ',') &&
	    has_user_behind(f, end, host);
}

/* "%" and "@" at i make a word behind them a host. */
static void
read_right(const struct flat *f, size_t i, struct readings *out)
{
	struct text word, last = { NULL, 0 };
	size_t at = i + 1;

	while ((word = next_word(f, &at)).n > 0) {
		if (!is_host(word))
			continue;
		if (has_user_before(f, i, word)) {
			last = word;
			add(out, form_of(f, i), i, word);
		}
		if (is_route(f, i, at, word))
			add(out, FORM_SOURCE_ROUTE, i, word);
	}
	if (last.n > 0 && last.n < at - i - 1)
		add(out, form_of(f, i), i,
		    (struct text){ f->at + i + 1, at - i - 1 });
}

/* "!" or "::" at i makes a word before it a host. */
static void
read_left(const struct flat *f, size_t i, struct readings *out)
{
	struct text word, last = { NULL, 0 };
	size_t at = i;

	while ((word = previous_word(f, &at)).n > 0) {
		if (!is_host(word) || !has_user_behind(f, i, word))
			continue;
		last = word;
		add(out, form_of(f, i), i, word);
	}
	if (last.n > 0 && last.n < i - at)
		add(out, form_of(f, i), i,
		    (struct text){ f->at + at, i - at });
}

static bool
is_double_colon(const struct flat *f, size_t i)
{
	return f->at[i] == ':' && i + 1 < f->n && f->at[i + 1] == ':';
}

static bool
has_byte(struct text s, char c)
{
	return text_find(s, c) < s.n;
}

/*
 * "|program", "/file", ":include:file": an MTA that strips quotes may hand the
 * mail to a program or a file.  A "/" with "=" behind it is an X.400 address,
 * an operator alone is a name.
 */
static void
read_program(const struct flat *f, struct readings *out)
{
	struct text all = text_trim((struct text){ f->at, f->n });
	bool program = all.n > 1 && all.at[0] == '|' && has_byte(all, '/');
	bool file = all.n > 1 && all.at[0] == '/' && !has_byte(all, '=');

	if (program || file ||
	    (text_begins(all, TEXT(":include:")) && all.n > 9))
		add(out, FORM_PROGRAM, 0, all);
}

/* Is byte i the first of a host with a user before it: "u@[", "u%["? */
static bool
is_behind_user(const struct flat *f, size_t i)
{
	return i > 0 && (f->at[i - 1] == '@' || f->at[i - 1] == '%') &&
	    f->first < i - 1;
}

static void
read_local(struct text local, struct readings *out)
{
	unsigned char mark[ADDRESS_MAX];
	struct flat f;
	bool literal = false; /* the colons of u@[IPv6:...] lead nowhere */
	size_t i;

	flat_make(local, out->scratch, mark, &f);
	read_program(&f, out);
	for (i = 0; i < f.n; i++) {
		if (f.at[i] == '[' || f.at[i] == ']')
			literal = f.at[i] == '[' && is_behind_user(&f, i);
		else if (f.at[i] == '%' || f.at[i] == '@')
			read_right(&f, i, out);
		else if (f.at[i] == '!')
			read_left(&f, i, out);
		else if (!literal && is_double_colon(&f, i))
			read_left(&f, i, out);
	}
}

/* "@a,@b": each element is a host the mail may be sent to first. */
static void
read_route(struct text route, struct readings *out)
{
	size_t from = 1, to;

	while (from < route.n) {
		for (to = from; to < route.n && route.at[to] != ',';)
			to++;
		add(out, FORM_SOURCE_ROUTE, from, text_cut(route, from, to));
		from = to + 2; /* skip ",@" */
	}
}

void
readings_find(const struct address *a, struct readings *out)
{
	out->n = 0;
	out->too_many = false;
	read_route(a->route, out);
	read_local(a->local, out);
}

bool
readings_have(const struct readings *r, enum form form)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->at[i].form == form)
			return true;
	return false;
}
