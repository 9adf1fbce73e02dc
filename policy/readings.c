/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/readings.h"

#include "policy/words.h"

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

/* The form that operator i of f makes. */
static enum form
form_of(struct flat f, size_t i)
{
	bool quoted = f.mark[i] == MARK_QUOTED;

	if (f.mark[i] == MARK_WIDE)
		return FORM_WIDE;
	if (f.at[i] == '%')
		return quoted ? FORM_QUOTED_PERCENT : FORM_PERCENT;
	if (f.at[i] == '@')
		return quoted ? FORM_QUOTED_AT : FORM_MULTI_AT;
	return f.at[i] == '!' ? FORM_BANG : FORM_DECNET;
}

/*
 * Is a user left over before operator i?  One of operators or blanks alone
 * ("!%d") only when the host is worth it: "100%%" and "wow!!!" are names.
 */
static bool
has_user_before(struct flat f, size_t i, struct text host)
{
	return f.first < i || (i > 0 && word_is_qualified(host));
}

static bool
has_user_behind(struct flat f, size_t i, struct text host)
{
	return f.last > i || (i + 1 < f.n && word_is_qualified(host));
}

/* A colon or comma between from and the next operator, or that, or f.n. */
static size_t
route_end(struct flat f, size_t from)
{
	/*@ loop invariant \at(from, Pre) <= from <= f.n;
	  @ loop assigns from;
	  @ loop variant f.n - from;
	  @*/
	while (from < f.n && f.at[from] != ':' && f.at[from] != ',' &&
	    !flat_is_operator(f.at[from]))
		from++;
	return from;
}

/* A quoted source route: "@d:u@e", "@d (c),@e:u"; the word ends at end. */
static bool
is_route(struct flat f, size_t i, size_t end, struct text host)
{
	end = route_end(f, end);
	return f.at[i] == '@' && end < f.n && !flat_is_operator(f.at[end]) &&
	    has_user_behind(f, end, host);
}

/* "%" and "@" at i make a word behind them a host. */
static void
read_right(struct flat f, size_t i, struct readings *out)
{
	size_t from, to, last = 0;
	bool host = false;
	struct text word;

	/*@ loop invariant i < from <= f.n;
	  @ loop invariant from < f.n ==> !gap_right(f.at[from]);
	  @ loop invariant !found(out) && f.first < i ==>
	  @     nameless(f.at, i + 1, from);
	  @ loop invariant grown{Pre, Here}(out, f.at, f.n);
	  @ loop assigns from, to, last, host, word, out->n, out->too_many,
	  @     out->at[0 .. READINGS_MAX - 1];
	  @ loop variant f.n - from;
	  @*/
	for (from = word_next(f, i + 1); (to = word_end(f, from)) > from;
	    from = word_next(f, to)) {
		word = flat_part(f, from, to);
		if (!word_is_host(f, from, to))
			continue;
		host = true;
		if (has_user_before(f, i, word)) {
			last = word.n;
			add(out, form_of(f, i), i, word);
		}
		if (is_route(f, i, to, word))
			add(out, FORM_SOURCE_ROUTE, i, word);
	}
	/* "dst.(c)test" is qualified, though none of its words is */
	word = flat_part(f, i + 1, to);
	if (last < word.n &&
	    (last > 0 || (host && has_user_before(f, i, word))))
		add(out, form_of(f, i), i, word);
}

/* "!" or "::" at i makes a word before it a host. */
static void
read_left(struct flat f, size_t i, struct readings *out)
{
	size_t from, to, last = 0;
	bool host = false;
	struct text word;

	/*@ loop invariant 0 <= to <= i;
	  @ loop invariant to > 0 ==> !gap_left(f.at[to - 1]);
	  @ loop invariant !found(out) && f.last > i ==>
	  @     nameless(f.at, to, i);
	  @ loop invariant grown{Pre, Here}(out, f.at, f.n);
	  @ loop assigns from, to, last, host, word, out->n, out->too_many,
	  @     out->at[0 .. READINGS_MAX - 1];
	  @ loop variant to;
	  @*/
	for (to = word_previous(f, i); (from = word_start(f, to)) < to;
	    to = word_previous(f, from)) {
		word = flat_part(f, from, to);
		if (!word_is_host(f, from, to))
			continue;
		host = true;
		if (!has_user_behind(f, i, word))
			continue;
		last = word.n;
		add(out, form_of(f, i), i, word);
	}
	word = flat_part(f, to, i);
	if (last < word.n &&
	    (last > 0 || (host && has_user_behind(f, i, word))))
		add(out, form_of(f, i), i, word);
}

static bool
is_double_colon(struct flat f, size_t i)
{
	return f.at[i] == ':' && i + 1 < f.n && f.at[i + 1] == ':';
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
read_program(struct flat f, struct readings *out)
{
	struct text all = text_trim((struct text){ f.at, f.n });
	bool program = all.n > 1 && all.at[0] == '|' && has_byte(all, '/');
	bool file = all.n > 1 && all.at[0] == '/' && !has_byte(all, '=');

	if (program || file ||
	    (text_begins(all, TEXT(":include:")) && all.n > 9))
		add(out, FORM_PROGRAM, 0, all);
}

/* Is byte i the first of a host with a user before it: "u@[", "u%["? */
static bool
is_behind_user(struct flat f, size_t i)
{
	return i > 0 && (f.at[i - 1] == '@' || f.at[i - 1] == '%') &&
	    f.first < i - 1;
}

/* literal: byte i stands in one, where colons lead nowhere. */
static void
read_operator(struct flat f, size_t i, bool literal, struct readings *out)
{
	if (f.at[i] == '%' || f.at[i] == '@')
		read_right(f, i, out);
	else if (f.at[i] == '!' || (!literal && is_double_colon(f, i)))
		read_left(f, i, out);
}

static void
read_flat(struct flat f, struct readings *out)
{
	bool literal = false; /* in u@[IPv6:...] */
	size_t i;

	read_program(f, out);
	/*@ loop invariant 0 <= i <= f.n;
	  @ loop invariant no_bracket(f.at, i) ==> !literal;
	  @ loop invariant grown{Pre, Here}(out, f.at, f.n);
	  @ loop invariant right: !found(out) ==> \forall integer p;
	  @     p < i ==> !leads_right(f.at, f.n, p);
	  @ loop invariant left: !found(out) ==> \forall integer p;
	  @     p < i ==> !leads_left(f.at, f.n, p);
	  @ loop assigns i, literal, out->n, out->too_many,
	  @     out->at[0 .. READINGS_MAX - 1];
	  @ loop variant f.n - i;
	  @*/
	for (i = 0; i < f.n; i++) {
		if (f.at[i] == '[' || f.at[i] == ']')
			literal = f.at[i] == '[' && is_behind_user(f, i);
		read_operator(f, i, literal, out);
	}
}

static void
read_local(struct text local, struct readings *out)
{
	unsigned char mark[ADDRESS_MAX];

	read_flat(flat_make(local, out->scratch, mark), out);
}

/* "@a,@b": each element is a host the mail may be sent to first. */
static void
read_route(struct text route, struct readings *out)
{
	size_t from = 1, to;

	/*@ loop invariant 1 <= from <= route.n + 2;
	  @ loop invariant from < route.n ==> route.at[from] != ',';
	  @ loop invariant 0 <= out->n <= READINGS_MAX;
	  @ loop invariant hosts: \forall integer k; 0 <= k < out->n ==>
	  @     of(out->at[k].host, route.at, route.n);
	  @ loop invariant from == 1 || found(out);
	  @ loop assigns from, to, out->n, out->too_many,
	  @     out->at[0 .. READINGS_MAX - 1];
	  @ loop variant route.n + 2 - from;
	  @*/
	while (from < route.n) {
		/*@ loop invariant from <= to <= route.n;
		  @ loop invariant to > from || route.at[from] != ',';
		  @ loop assigns to;
		  @ loop variant route.n - to;
		  @*/
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
	/*@ assert \forall integer k; 0 <= k < out->n ==>
	  @     of(out->at[k].host, \at(a->route.at, Pre),
	  @     \at(a->route.n, Pre)); */
	/*@ assert a->local == \at(a->local, Pre); */
	read_local(a->local, out);
}

bool
readings_have(const struct readings *r, enum form form)
{
	size_t i;

	/*@ loop invariant 0 <= i <= r->n;
	  @ loop invariant \forall integer k; 0 <= k < i ==>
	  @     r->at[k].form != form;
	  @ loop assigns i;
	  @ loop variant r->n - i;
	  @*/
	for (i = 0; i < r->n; i++)
		if (r->at[i].form == form)
			return true;
	return false;
}
