/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/ldif.h"

#include <stdlib.h>

#include "conf/ldap_value.h"
#include "conf/lines.h"

/* One line of an entry. */
struct pair {
	struct text name, value;
	size_t attribute; /* which attribute of the entry it belongs to */
};

struct reader {
	const char *file;
	struct complaints *c;
	struct lines lines;
	unsigned line;   /* where the line at hand begins */
	unsigned start;  /* where the entry at hand begins, 0: none */
	bool wrong;      /* the entry at hand is left out */
	struct text dn;
	/* Unfolded lines of the entry; large enough, so it never moves. */
	char *bytes;
	size_t n;
	struct pair *pair;
	size_t pairs, cap;
	/* The entry made of the pairs; room for cap each. */
	struct text *value;
	struct ldap_attribute *attribute;
	size_t attributes;
};

#define WRONG(r, number, ...)                                                \
	complaint_add((r)->c, COMPLAINT_ERROR, (r)->file, number, __VA_ARGS__)

static void
append(struct reader *r, struct text piece)
{
	if (piece.n > 0)
		memcpy(r->bytes + r->n, piece.at, piece.n);
	r->n += piece.n;
}

/* The next line with those that go on from it; false at the end. */
static bool
next_line(struct reader *r, struct text *line)
{
	struct text piece, *rest = &r->lines.rest;
	size_t from = r->n;

	if (!lines_next(&r->lines, &piece))
		return false;
	r->line = r->lines.number;
	append(r, piece);
	while (r->n > from && rest->n > 0 && rest->at[0] == ' ') {
		lines_next(&r->lines, &piece);
		append(r, text_cut(piece, 1, piece.n));
	}
	*line = (struct text){ r->bytes + from, r->n - from };
	return true;
}

/* The six bits of a letter of base64, or -1. */
static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decode in place; false when s is no base64 (RFC 4648 4), to the last bit. */
static bool
decode(char *at, struct text *s)
{
	size_t pad = 0, i, n = 0;
	unsigned bits = 0, have = 0;

	if (s->n % 4 != 0)
		return false;
	while (pad < 2 && pad < s->n && s->at[s->n - 1 - pad] == '=')
		pad++;
	for (i = 0; i < s->n - pad; i++) {
		int value = base64_value(s->at[i]);

		if (value < 0)
			return false;
		bits = (bits << 6 | (unsigned)value) & 0xfff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			at[n++] = (char)(bits >> have & 0xff);
		}
	}
	*s = (struct text){ at, n };
	return (bits & ((1u << have) - 1)) == 0;
}

/* Split "name: value"; *value is in r->bytes.  False with c told. */
static bool
split_line(struct reader *r, struct text line, struct text *name,
    struct text *value)
{
	size_t colon = text_find(line, ':'), from = colon + 1;
	char kind = from < line.n ? line.at[from] : ' ';

	if (colon == line.n || colon == 0) {
		WRONG(r, r->line, "not like \"attribute: value\"");
		return false;
	}
	if (kind == '<') {
		WRONG(r, r->line, "a value from elsewhere (:<) is not fetched");
		return false;
	}
	from += kind == ':';
	while (from < line.n && line.at[from] == ' ')
		from++;
	*name = text_cut(line, 0, colon);
	*value = text_cut(line, from, line.n);
	if (kind == ':' && !decode((char *)line.at + from, value)) {
		WRONG(r, r->line, "not base64 behind ::");
		return false;
	}
	if (kind != ':' && (text_find(*value, '\0') < value->n ||
	    text_find(*value, '\r') < value->n)) {
		WRONG(r, r->line, "a NUL or CR byte; write it in base64 (::)");
		return false;
	}
	return true;
}

/* Is name an attribute with its options (RFC 4512 2.5)? */
static bool
is_description(struct text name)
{
	size_t i;
	bool begins = true; /* a part begins here: it must not be empty */

	for (i = 0; i < name.n; i++) {
		char c = text_lower(name.at[i]);
		bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '.' || c == '_';

		if (!word && (c != ';' || begins))
			return false;
		begins = !word;
	}
	return !begins;
}

/* Room for one more pair. */
static bool
reserve(struct reader *r)
{
	size_t cap = r->cap == 0 ? 32 : r->cap * 2;
	void *p;

	if (r->pairs < r->cap)
		return true;
	if ((p = realloc(r->pair, cap * sizeof *r->pair)) == NULL)
		return false;
	r->pair = p;
	if ((p = realloc(r->value, cap * sizeof *r->value)) == NULL)
		return false;
	r->value = p;
	if ((p = realloc(r->attribute, cap * sizeof *r->attribute)) == NULL)
		return false;
	r->attribute = p;
	r->cap = cap;
	return true;
}

/* The attribute of this name, a new one when it is not there. */
static size_t
find_attribute(struct reader *r, struct text name)
{
	size_t i = r->attributes;

	while (i > 0)
		if (text_same(r->attribute[--i].name, name))
			return i;
	r->attribute[r->attributes] = (struct ldap_attribute){ .name = name };
	return r->attributes++;
}

/* A line behind the DN; false when out of memory. */
static bool
add_pair(struct reader *r, struct text name, struct text value)
{
	struct pair *p;

	if (!reserve(r))
		return false;
	p = &r->pair[r->pairs++];
	*p = (struct pair){ name, value, find_attribute(r, name) };
	r->attribute[p->attribute].n++;
	return true;
}

static void
begin_entry(struct reader *r, struct text name, struct text dn)
{
	const char *fault = dn.n > 0 ? ldap_value_fault(dn) : NULL;

	r->start = r->line;
	r->dn = dn;
	r->wrong = true;
	if (!text_same(name, TEXT("dn")))
		WRONG(r, r->line, "an entry begins with dn:, not %.*s: (of "
		    "ldapsearch, take the output with -LLL)", TEXT_ARG(name));
	else if (fault != NULL)
		WRONG(r, r->line, "dn: %s", fault);
	else
		r->wrong = false;
}

/* A version before all entries; it must be 1. */
static void
read_version(struct reader *r, struct text value)
{
	if (!text_equal(value, TEXT("1")))
		WRONG(r, r->line, "version %.*s, not 1", TEXT_ARG(value));
}

/* Why no attribute of an entry has this name, or NULL. */
static const char *
name_fault(struct text name)
{
	if (text_same(name, TEXT("changetype")) ||
	    text_same(name, TEXT("control")))
		return "a file of changes, entries are needed (slapcat, "
		    "ldapsearch -LLL)";
	if (text_same(name, TEXT("dn")))
		return "an empty line must stand before the next entry";
	return is_description(name) ? NULL : "not the name of an attribute";
}

/* One line that is not empty, unfolded; false when out of memory. */
static bool
read_line(struct reader *r, struct text line, bool first)
{
	struct text name, value;
	const char *fault = NULL;
	bool split = false;

	if (line.at[0] == ' ')
		WRONG(r, r->line, "goes on from no line");
	else
		split = split_line(r, line, &name, &value);
	if (split && first && text_same(name, TEXT("version"))) {
		read_version(r, value);
		return true;
	}
	if (split && r->start == 0) {
		begin_entry(r, name, value);
		return true;
	}
	if (split)
		fault = name_fault(name);
	if (split && fault == NULL)
		return add_pair(r, name, value);
	if (fault != NULL)
		WRONG(r, r->line, "%.*s: %s", TEXT_ARG(name), fault);
	if (r->start == 0)
		r->start = r->line;
	r->wrong = true;
	return true;
}

/* Lay the values of each attribute side by side. */
static void
gather(struct reader *r)
{
	size_t i, at = 0;

	for (i = 0; i < r->attributes; i++) {
		r->attribute[i].value = r->value + at;
		at += r->attribute[i].n;
		r->attribute[i].n = 0;
	}
	for (i = 0; i < r->pairs; i++) {
		struct ldap_attribute *a = &r->attribute[r->pair[i].attribute];

		r->value[(size_t)(a->value - r->value) + a->n++] =
		    r->pair[i].value;
	}
}

/* The entry is complete: hand it over; false when take says so. */
static bool
end_entry(struct reader *r, ldif_take *take, void *with)
{
	struct ldap_entry e;
	bool good = true;

	if (r->start > 0 && !r->wrong && r->pairs == 0) {
		WRONG(r, r->start, "an entry without attributes");
	} else if (r->start > 0 && !r->wrong) {
		gather(r);
		e = (struct ldap_entry){ r->dn, r->attribute, r->attributes };
		good = take(with, &e, r->start);
	}
	r->start = 0;
	r->pairs = r->attributes = r->n = 0;
	return good;
}

static bool
read_all(struct reader *r, ldif_take *take, void *with)
{
	struct text line;
	bool first = true; /* a version may come */

	while (next_line(r, &line)) {
		if (line.n == 0) {
			if (!end_entry(r, take, with))
				return false;
			continue;
		}
		if (line.at[0] == '#')
			continue;
		if (!read_line(r, line, first)) {
			r->c->out_of_memory = true;
			return false;
		}
		first = false;
	}
	return end_entry(r, take, with);
}

bool
ldif_read(struct text content, const char *file, ldif_take *take, void *with,
    struct complaints *c)
{
	struct reader r = { .file = file, .c = c,
		.lines = lines_of(content), .bytes = malloc(content.n + 1) };
	bool good = r.bytes != NULL;

	if (good)
		good = read_all(&r, take, with);
	else
		c->out_of_memory = true;
	free(r.bytes);
	free(r.pair);
	free(r.value);
	free(r.attribute);
	return good;
}
