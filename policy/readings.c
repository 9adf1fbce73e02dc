/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/readings.h"

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

/* What a byte was before its quoting was laid aside. */
enum mark {
	MARK_PLAIN,
	MARK_QUOTED, /* in quotes or behind a backslash */
	MARK_WIDE    /* a full-width or small-form operator */
};

/* The local part with its quoting laid aside, while it is being read. */
struct flat {
	const char *at;    /* bytes, in scratch */
	size_t n;
	const unsigned char *mark; /* one enum mark a byte */
	size_t first, last; /* first and last byte that can be of a user */
};

static void
add(struct readings *out, enum form form, struct text host)
{
	if (out->n == READINGS_MAX) {
		out->too_many = true;
		return;
	}
	out->at[out->n++] = (struct reading){ form, host };
}

static bool
is_operator(char c)
{
	return c == '@' || c == '%' || c == '!' || c == ':' || c == ',';
}

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

/* A letter, a digit, or a byte of a name in another script. */
static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (unsigned char)c > 0x7f;
}

/* The word of atom beside the operator: its first one, or its last one. */
static struct text
word_beside(struct text atom, bool last)
{
	size_t i;

	atom = text_trim(atom);
	if (last) {
		for (i = atom.n; i > 0 && !text_is_blank(atom.at[i - 1]);)
			i--;
		return text_cut(atom, i, atom.n);
	}
	for (i = 0; i < atom.n && !text_is_blank(atom.at[i]);)
		i++;
	return text_cut(atom, 0, i);
}

/* A dot with something on both sides, or an address literal. */
static bool
looks_qualified(struct text word)
{
	size_t dot = text_find(word, '.');

	return address_is_literal(word) || (dot > 0 && dot + 1 < word.n);
}

/*
 * Can a mail server take atom, or the word of it beside the operator, for a
 * host?  Where blanks stand around (apart: on the user's side), only a
 * qualified name counts: "great 5% off" and "wow! great" name no host,
 * "u% evil.example" does.
 */
static bool
host_in(struct text atom, bool last, bool apart, struct text *host)
{
	size_t i;

	*host = word_beside(atom, last);
	if ((apart || host->n != atom.n) && !looks_qualified(*host))
		return false;
	for (i = 0; i < host->n; i++)
		if (is_name_byte(host->at[i]))
			return true;
	return false;
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

/* Is byte i of f, if there is one, a blank? */
static bool
is_blank_at(const struct flat *f, size_t i)
{
	return i < f->n && text_is_blank(f->at[i]);
}

/* "%" or "@" before the atom make it a host if a user stands further left. */
static void
read_before(const struct flat *f, size_t from, struct text atom,
    struct readings *out)
{
	size_t at = from - 1;
	struct text host;
	bool apart;

	if (from == 0 || (f->at[at] != '%' && f->at[at] != '@') ||
	    f->first >= at)
		return;
	/* blanks around an at-sign have always been ignored, RFC 822 3.4.2 */
	apart = f->at[at] == '%' && is_blank_at(f, at - 1);
	if (f->at[at] == '@')
		atom = word_beside(atom, false);
	if (host_in(atom, false, apart, &host))
		add(out, form_of(f, at), host);
}

static bool
is_double_colon(const struct flat *f, size_t i)
{
	return f->at[i] == ':' && i + 1 < f->n && f->at[i + 1] == ':';
}

/*
 * "!" and "::" after the atom make it a host if a user stands further right,
 * and so do ":" and "," when "@" stands before it (a quoted source route).
 */
static void
read_after(const struct flat *f, size_t from, size_t to, struct text atom,
    struct readings *out)
{
	struct text host;

	if (to >= f->n || f->last <= to)
		return;
	if (f->at[to] == '!' || is_double_colon(f, to)) {
		if (host_in(atom, true, is_blank_at(f, to + 1), &host))
			add(out, form_of(f, to), host);
	} else if (from > 0 && f->at[from - 1] == '@' &&
	    (f->at[to] == ':' || f->at[to] == ',')) {
		atom = word_beside(atom, false);
		if (host_in(atom, false, false, &host))
			add(out, FORM_SOURCE_ROUTE, host);
	}
}

/* Where the atom at from ends; brackets keep a literal's colons together. */
static size_t
atom_end(const struct flat *f, size_t from)
{
	const char *close;
	size_t i = from;

	if (from < f->n && f->at[from] == '[') {
		close = memchr(f->at + from, ']', f->n - from);
		if (close != NULL)
			i = (size_t)(close - f->at);
	}
	while (i < f->n && !is_operator(f->at[i]))
		i++;
	return i;
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
		add(out, FORM_PROGRAM, all);
}

static void
read_local(struct text local, struct readings *out)
{
	unsigned char mark[ADDRESS_MAX];
	struct flat f = { .at = out->scratch, .mark = mark };
	struct text atom;
	size_t from, to, i;

	f.n = flatten(local, out->scratch, mark);
	f.first = f.n;
	for (i = 0; i < f.n; i++) {
		if (is_operator(f.at[i]) || text_is_blank(f.at[i]))
			continue;
		if (f.first == f.n)
			f.first = i;
		f.last = i;
	}
	read_program(&f, out);
	for (from = 0; from < f.n; from = to + 1) {
		to = atom_end(&f, from);
		atom = (struct text){ f.at + from, to - from };
		read_before(&f, from, atom, out);
		read_after(&f, from, to, atom, out);
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
		add(out, FORM_SOURCE_ROUTE, text_cut(route, from, to));
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
