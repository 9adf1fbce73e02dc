/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/address.h"

#include "policy/domain.h"
#include "policy/utf8.h"

/*
 * A byte of an atom or the dot between two, RFC 5321 4.1.2; those beyond ASCII
 * (RFC 6531 3.3) have been checked before.
 */
static bool
is_local_byte(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || text_byte(c) > 0x7f)
		return true;
	switch (c) {
	case '!': case '#': case '$': case '%': case '&': case '\'':
	case '*': case '+': case '-': case '/': case '=': case '?':
	case '^': case '_': case '`': case '{': case '|': case '}':
	case '~': case '.':
		return true;
	default:
		return false;
	}
}

static void
clear(struct address *out)
{
	struct text none = { NULL, 0 };

	out->class = ADDRESS_MALFORMED;
	out->error = ADDRESS_OK;
	out->error_at = 0;
	out->route = none;
	out->local = none;
	out->domain = none;
	out->extra_ats = 0;
}

static void
fail(struct address *out, enum address_error error, size_t at)
{
	out->class = ADDRESS_MALFORMED;
	out->error = error;
	out->error_at = at;
}

/* Bytes that no argument may hold anywhere, quoted or not. */
static bool
check_bytes(struct text s, bool utf8, struct address *out)
{
	size_t i, n;

	/*@ loop invariant 0 <= i <= s.n;
	  @ loop invariant \forall integer k; 0 <= k < i ==>
	  @     clean_byte(s.at[k], utf8);
	  @ loop assigns i, n;
	  @ loop variant s.n - i;
	  @*/
	for (i = 0; i < s.n; i += n) {
		unsigned c = text_byte(s.at[i]);

		n = 1;
		if (c < 0x20 || c == 0x7f) {
			fail(out, ADDRESS_CONTROL, i);
			return false;
		}
		if (c < 0x80)
			continue;
		n = utf8 ? utf8_length(s, i) : 0;
		if (n == 0) {
			fail(out, utf8 ? ADDRESS_BAD_UTF8 : ADDRESS_EIGHT_BIT,
			    i);
			return false;
		}
	}
	return true;
}

bool
address_is_literal(struct text domain)
{
	return domain.n != 0 && domain.at[0] == '[' &&
	    domain.at[domain.n - 1] == ']';
}

/* A host name, or a literal with none of [ ] \ , @ and blank inside. */
static bool
is_domain(struct text domain)
{
	char folded[DOMAIN_MAX];
	size_t i;

	if (!address_is_literal(domain))
		return domain_fold(domain, folded) > 0;
	/*@ loop invariant 1 <= i < domain.n;
	  @ loop invariant \forall integer k; 1 <= k < i ==>
	  @     literal_byte(domain.at[k]);
	  @ loop assigns i;
	  @ loop variant domain.n - i;
	  @*/
	for (i = 1; i + 1 < domain.n; i++) {
		char c = domain.at[i];

		if (c == '[' || c == ']' || c == '\\' || c == ' ' ||
		    c == ',' || c == '@')
			return false;
	}
	return domain.n > 2;
}

/* Where the domain that starts at from ends: at , or at : outside brackets. */
static size_t
route_domain_end(struct text s, size_t from)
{
	bool literal = false;
	size_t i;

	/*@ loop invariant from <= i <= s.n;
	  @ loop invariant \forall integer k; from <= k < i ==>
	  @     s.at[k] != ',';
	  @ loop assigns i, literal;
	  @ loop variant s.n - i;
	  @*/
	for (i = from; i < s.n; i++) {
		if (s.at[i] == '[')
			literal = true;
		else if (s.at[i] == ']')
			literal = false;
		else if (s.at[i] == ',' || (s.at[i] == ':' && !literal))
			break;
	}
	return i;
}

/*
 * Read "@a,@b:" at the start of s, which is not empty.  True when there is no
 * route or a good one; *rest is what follows it.
 */
static bool
take_route(struct text s, struct address *out, struct text *rest)
{
	size_t i = 0, end;

	*rest = s;
	if (s.at[0] != '@')
		return true;
	/*@ loop invariant 0 <= i <= s.n;
	  @ loop invariant i > 0 ==> i > 2 && s.at[1] != ',';
	  @ loop invariant \forall integer k; 0 <= k < i && s.at[k] == ',' ==>
	  @     k == i - 1 || (k < i - 3 && s.at[k + 2] != ',');
	  @ loop assigns i, end;
	  @ loop variant s.n - i;
	  @*/
	do {
		if (i >= s.n || s.at[i] != '@')
			return false;
		end = route_domain_end(s, i + 1);
		if (!is_domain(text_cut(s, i + 1, end)))
			return false;
		i = end + 1;
	} while (end < s.n && s.at[end] == ',');
	if (end >= s.n)
		return false;
	/*@ assert \forall integer k; 0 <= k < end && s.at[k] == ',' ==>
	  @     k + 2 < end && s.at[k + 2] != ','; */
	out->route = text_cut(s, 0, end);
	*rest = text_cut(s, end + 1, s.n);
	return true;
}

/* Position of the last at-sign outside quotes, or s.n; counts them all. */
static size_t
last_at(struct text s, size_t *ats)
{
	bool quoted = false, escaped = false;
	size_t i, at = s.n;

	*ats = 0;
	/*@ loop invariant 0 <= i <= s.n;
	  @ loop invariant quoting(s.at, i) ==
	  @     (quoted ? 1 : 0) + (escaped ? 2 : 0);
	  @ loop invariant *ats == at_signs(s.at, i) && *ats <= i;
	  @ loop invariant at == s.n ? *ats == 0 :
	  @     at < i && *ats >= 1 && bare_at(s.at, at) &&
	  @     at_signs(s.at, at) == *ats - 1;
	  @ loop assigns i, at, quoted, escaped, *ats;
	  @ loop variant s.n - i;
	  @*/
	for (i = 0; i < s.n; i++) {
		if (escaped) {
			escaped = false;
		} else if (s.at[i] == '\\') {
			escaped = true;
		} else if (s.at[i] == '"') {
			quoted = !quoted;
		} else if (s.at[i] == '@' && !quoted) {
			at = i;
			(*ats)++;
		}
	}
	return at;
}

/* The byte after the quoted string that starts at from, or 0: no end. */
static size_t
quoted_end(struct text s, size_t from)
{
	bool escaped = false;
	size_t i;

	/*@ loop invariant from < i <= s.n;
	  @ loop invariant quoting(s.at, i) == (escaped ? 3 : 1);
	  @ loop invariant \forall integer k; from < k <= i ==>
	  @     quoting(s.at, k) != 0;
	  @ loop assigns i, escaped;
	  @ loop variant s.n - i;
	  @*/
	for (i = from + 1; i < s.n; i++) {
		if (escaped)
			escaped = false;
		else if (s.at[i] == '\\')
			escaped = true;
		else if (s.at[i] == '"')
			return i + 1;
	}
	return 0;
}

static bool
ends_word(struct text s, size_t i)
{
	return i >= s.n || s.at[i] == '.' || s.at[i] == '@';
}

/*
 * Words of atom bytes, quoted-pairs and quoted strings, the latter only as a
 * whole word between dots (RFC 5322 obs-local-part); at-signs part the words
 * too, the caller has counted them.
 */
static bool
check_local(struct text s, size_t offset, struct address *out)
{
	bool word_start = true;
	size_t i = 0, end;

	/*@ loop invariant 0 <= i <= s.n && quoting(s.at, i) == 0;
	  @ loop invariant \forall integer k; 0 <= k < i ==>
	  @     quoting(s.at, k) == 0 ==> bare_byte(s.at[k]);
	  @ loop assigns i, end, word_start;
	  @ loop variant s.n - i;
	  @*/
	while (i < s.n) {
		if (s.at[i] == '"') {
			end = quoted_end(s, i);
			if (!word_start || end == 0 || !ends_word(s, end)) {
				fail(out, ADDRESS_QUOTES, offset + i);
				return false;
			}
			i = end;
			continue;
		}
		if (s.at[i] == '\\' && i + 1 < s.n) {
			i++;
		} else if (s.at[i] != '@' && !is_local_byte(s.at[i])) {
			fail(out, ADDRESS_BAD_LOCAL, offset + i);
			return false;
		}
		word_start = ends_word(s, i);
		i++;
	}
	return true;
}

static void
parse_mailbox(struct text s, size_t offset, struct address *out)
{
	size_t ats, at = last_at(s, &ats);

	out->local = text_cut(s, 0, at);
	out->extra_ats = ats != 0 ? ats - 1 : 0;
	if (at == 0) {
		fail(out, ADDRESS_EMPTY, offset);
		return;
	}
	if (!check_local(out->local, offset, out))
		return;
	if (at == s.n) {
		out->class = ADDRESS_BARE;
		return;
	}
	/*@ assert at_signs(out->local.at, at) == out->extra_ats; */
	out->domain = text_cut(s, at + 1, s.n);
	/*@ assert inside(out->domain, s); */
	if (out->domain.n == 0)
		fail(out, ADDRESS_EMPTY, offset + at + 1);
	else if (!is_domain(out->domain))
		fail(out, ADDRESS_BAD_DOMAIN, offset + at + 1);
	else
		out->class = ADDRESS_MAILBOX;
}

/* Take the angle brackets off; false when only one of them is there. */
static bool
take_brackets(struct text s, struct text *inner)
{
	*inner = s;
	if (s.n == 0 || s.at[0] != '<')
		return true;
	if (s.at[s.n - 1] != '>')
		return false; /* "<" alone too */
	*inner = text_trim(text_cut(s, 1, s.n - 1));
	return true;
}

/* Take brackets and route off; true when a mailbox is left to read. */
static bool
take_mailbox(struct text s, struct address *out, struct text *mailbox)
{
	struct text inner;

	if (!take_brackets(s, &inner))
		fail(out, ADDRESS_BRACKETS, s.n - 1);
	else if (inner.n == 0 && s.n != 0)
		out->class = ADDRESS_NULL;
	else if (inner.n == 0)
		fail(out, ADDRESS_EMPTY, 0);
	else if (!take_route(inner, out, mailbox))
		fail(out, ADDRESS_BAD_ROUTE, (size_t)(inner.at - s.at));
	else if (mailbox->n == 0)
		fail(out, ADDRESS_EMPTY, s.n);
	else
		return true;
	return false;
}

/* s: the argument without blanks around it, its bytes checked. */
static void
parse_path(struct text s, struct address *out)
{
	struct text mailbox;

	if (take_mailbox(s, out, &mailbox))
		parse_mailbox(mailbox, (size_t)(mailbox.at - s.at), out);
}

void
address_parse(struct text argument, bool utf8, struct address *out)
{
	struct text s = text_trim(argument);

	clear(out);
	if (s.n > ADDRESS_MAX)
		fail(out, ADDRESS_TOO_LONG, ADDRESS_MAX);
	else if (check_bytes(s, utf8, out))
		parse_path(s, out);
}

const char *
address_error_text(enum address_error e)
{
	switch (e) {
	case ADDRESS_OK:
		return "no error";
	case ADDRESS_TOO_LONG:
		return "longer than 512 bytes";
	case ADDRESS_CONTROL:
		return "control character";
	case ADDRESS_EIGHT_BIT:
		return "8-bit character without SMTPUTF8";
	case ADDRESS_BAD_UTF8:
		return "not UTF-8 text";
	case ADDRESS_BRACKETS:
		return "angle brackets do not match";
	case ADDRESS_QUOTES:
		return "quotes do not match or stand inside a word";
	case ADDRESS_BAD_ROUTE:
		return "not a source route";
	case ADDRESS_BAD_LOCAL:
		return "character not allowed in a local part";
	case ADDRESS_BAD_DOMAIN:
		return "not a domain";
	case ADDRESS_EMPTY:
		return "local part or domain missing";
	}
	return "unknown error";
}
