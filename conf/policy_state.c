/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/policy_state.h"

#include <stdio.h>

#include "conf/crc32c.h"
#include "conf/lines.h"
#include "policy/escape.h"

#define TITLE "relayguard state "
#define VERSION "2"

/* While the file is checked. */
struct reader {
	struct text rest;
	unsigned line; /* of the one handed out last */
	const char *name;
	struct complaints *c;
};

static bool
wrong(struct reader *r, const char *what)
{
	complaint_add(r->c, COMPLAINT_ERROR, r->name, r->line,
	    "%s; not used", what);
	return false;
}

/* The next line without its LF; false at the end, or when there is no LF. */
static bool
next_line(struct text *rest, struct text *line)
{
	size_t end = text_find(*rest, '\n');

	if (end == rest->n)
		return false;
	*line = text_cut(*rest, 0, end);
	*rest = text_cut(*rest, end + 1, rest->n);
	return true;
}

/* The next line, which must begin with word; *value is what follows it. */
static bool
expect(struct reader *r, struct text word, struct text *value)
{
	struct text line;

	r->line++;
	if (!next_line(&r->rest, &line))
		return wrong(r, "cut short");
	if (!text_begins(line, word))
		return wrong(r, "damaged");
	*value = text_cut(line, word.n, line.n);
	return true;
}

/* Digits of this base, nothing else, up to 18 (10) or 8 (16) of them. */
static bool
read_number(struct text s, unsigned base, int64_t *out)
{
	size_t i;
	char d;

	*out = 0;
	if (s.n == 0 || s.n > (base == 16 ? 8 : 18))
		return false;
	for (i = 0; i < s.n; i++) {
		d = s.at[i];
		if (d >= '0' && d <= '9')
			*out = *out * base + (d - '0');
		else if (base == 16 && d >= 'a' && d <= 'f')
			*out = *out * base + (d - 'a' + 10);
		else
			return false;
	}
	return true;
}

static bool
read_uuid(struct text s, unsigned char *out)
{
	int64_t byte;
	size_t i;

	if (s.n != (size_t)POLICY_STATE_UUID * 2)
		return false;
	for (i = 0; i < POLICY_STATE_UUID; i++) {
		if (!read_number(text_cut(s, 2 * i, 2 * i + 2), 16, &byte))
			return false;
		out[i] = (unsigned char)byte;
	}
	return true;
}

/* "UUID DN" */
static bool
read_entry(struct text value, struct policy_state_entry *e)
{
	const size_t blank = (size_t)POLICY_STATE_UUID * 2;

	if (value.n <= blank || value.at[blank] != ' ' ||
	    !read_uuid(text_cut(value, 0, blank), e->uuid))
		return false;
	e->dn = text_cut(value, blank + 1, value.n);
	return true;
}

/*
 * The entries, from r->rest on up to the last line; *end is what that says
 * behind "end", r->rest then the entries alone.
 */
static bool
read_entries(struct reader *r, size_t *entries, struct text *end)
{
	struct text start = r->rest, line;
	struct policy_state_entry e;

	for (*entries = 0;;) {
		r->line++;
		if (!next_line(&r->rest, &line))
			return wrong(r, "cut short");
		if (text_begins(line, TEXT("end ")))
			break;
		if (text_begins(line, TEXT("entry "))) {
			if (!read_entry(text_cut(line, 6, line.n), &e))
				return wrong(r, "damaged");
			++*entries;
		} else if (*entries == 0) {
			return wrong(r, "damaged");
		}
	}
	if (r->rest.n > 0)
		return wrong(r, "something behind the end");
	*end = text_cut(line, 4, line.n);
	r->rest = (struct text){ start.at, (size_t)(line.at - start.at) };
	return true;
}

/* "ENTRIES CRC" of the bytes before that line. */
static bool
check_end(struct reader *r, struct text end, size_t entries,
    struct text before)
{
	size_t blank = text_find(end, ' ');
	int64_t n, crc;

	if (blank == end.n || !read_number(text_cut(end, 0, blank), 10, &n) ||
	    !read_number(text_cut(end, blank + 1, end.n), 16, &crc))
		return wrong(r, "damaged");
	if ((uint32_t)crc != crc32c(0, before) || (size_t)n != entries)
		return wrong(r, "damaged: the checksum is not that of "
		    "its content");
	return true;
}

/* Turn escapes into bytes where they stand. */
static struct text
unescape(char *content, struct text s)
{
	char *at = content + (s.at - content);

	return (struct text){ at, unescape_text(s, at) };
}

/* Is there a word in both? */
static bool
share_a_word(struct text a, struct text b)
{
	struct text word, other, rest;

	while ((word = line_word(&a)).n > 0)
		for (rest = b; (other = line_word(&rest)).n > 0;)
			if (text_equal(word, other))
				return true;
	return false;
}

/* The first line, and whether the others are of a form that is known. */
static bool
read_title(struct reader *r)
{
	struct text version;

	if (!expect(r, TEXT(TITLE), &version))
		return false;
	return text_equal(version, TEXT(VERSION)) ||
	    wrong(r, "written by another version");
}

bool
policy_state_read(char *content, size_t n, const char *name,
    const struct policy_search *ours, struct policy_state *out,
    struct complaints *c)
{
	struct reader r = { { content, n }, 0, name, c };
	struct text settings, uris, saved, cookie, end = { NULL, 0 };

	if (!read_title(&r) || !expect(&r, TEXT("settings "), &settings) ||
	    !expect(&r, TEXT("uris "), &uris) ||
	    !expect(&r, TEXT("saved "), &saved) ||
	    !expect(&r, TEXT("cookie "), &cookie))
		return false;
	if (!read_number(saved, 10, &out->saved))
		return wrong(&r, "damaged");
	if (!read_entries(&r, &out->entries, &end) ||
	    !check_end(&r, end, out->entries, (struct text){ content,
	    (size_t)(r.rest.at - content) + r.rest.n }))
		return false;
	r.line = 2;
	if (!text_equal(settings, ours->settings))
		return wrong(&r, "saved with other settings of ldap_*");
	r.line++;
	if (!share_a_word(unescape(content, uris), ours->uris))
		return wrong(&r, "saved from other servers (ldap_uri)");
	out->cookie = unescape(content, cookie);
	out->rest = content + (r.rest.at - content);
	out->rest_n = r.rest.n;
	return true;
}

bool
policy_state_next(struct policy_state *s, struct policy_state_entry *e)
{
	struct text rest = { s->rest, s->rest_n }, line;
	const char *lines;

	if (!next_line(&rest, &line))
		return false;
	/* it has been read before, all of it */
	(void)read_entry(text_cut(line, 6, line.n), e);
	e->dn = unescape(s->rest, e->dn);
	lines = rest.at;
	e->lines = rest;
	while (rest.n > 0 && !text_begins(rest, TEXT("entry ")))
		next_line(&rest, &line);
	e->lines.n -= rest.n;
	s->rest += lines - s->rest + (ptrdiff_t)e->lines.n;
	s->rest_n = rest.n;
	return true;
}

/* What snprintf returned, when it did fit. */
static size_t
fits(int n, size_t cap)
{
	return n > 0 && (size_t)n < cap ? (size_t)n : 0;
}

/* Append text, escaped, and LF; the new length, or 0. */
static size_t
end_line(struct text s, char *out, size_t n, size_t cap)
{
	if (n == 0 || cap - n < 4 * s.n + 2)
		return 0;
	n += escape_text(s, out + n, cap - n);
	out[n++] = '\n';
	return n;
}

size_t
policy_state_write_head(const struct policy_search *search, int64_t saved,
    struct text cookie, char *out, size_t cap)
{
	size_t n = fits(snprintf(out, cap, TITLE VERSION "\nsettings %.*s\n"
	    "uris ", TEXT_ARG(search->settings)), cap), more;

	n = end_line(search->uris, out, n, cap);
	if (n == 0)
		return 0;
	more = fits(snprintf(out + n, cap - n, "saved %lld\ncookie ",
	    (long long)saved), cap - n);
	return more > 0 ? end_line(cookie, out, n + more, cap) : 0;
}

size_t
policy_state_write_entry(const unsigned char *uuid, struct text dn, char *out,
    size_t cap)
{
	size_t n = fits(snprintf(out, cap, "entry "), cap);
	unsigned i;

	if (n == 0 || cap < POLICY_STATE_UUID * 2 + 16)
		return 0;
	for (i = 0; i < POLICY_STATE_UUID; i++, n += 2)
		snprintf(out + n, cap - n, "%02x", uuid[i]);
	out[n++] = ' ';
	return end_line(dn, out, n, cap);
}

size_t
policy_state_write_end(size_t entries, uint32_t crc, char *out, size_t cap)
{
	return fits(snprintf(out, cap, "end %zu %08x\n", entries, crc), cap);
}
