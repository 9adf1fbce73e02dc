/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/reply.h"

#include "policy/escape.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The code at column 0, or 0. */
static unsigned
code_of(struct text line)
{
	if (line.n < 3 || line.at[0] < '2' || line.at[0] > '5' ||
	    !is_digit(line.at[1]) || !is_digit(line.at[2]))
		return 0;
	if (line.n > 3 && line.at[3] != ' ' && line.at[3] != '-')
		return 0;
	return (unsigned)(line.at[0] - '0') * 100 +
	    (unsigned)(line.at[1] - '0') * 10 + (unsigned)(line.at[2] - '0');
}

/* One to three digits from *i on. */
static bool
take_number(struct text t, size_t *i)
{
	size_t from = *i;

	while (*i < t.n && *i - from < 3 && is_digit(t.at[*i]))
		(*i)++;
	return *i > from;
}

/* The enhanced code in front of the text, RFC 2034: class.subject.detail. */
static struct text
dsn_of(struct text t)
{
	size_t i = 0;
	unsigned dots;

	for (dots = 0; dots < 3; dots++) {
		if (!take_number(t, &i))
			return TEXT("");
		if (dots < 2 && (i >= t.n || t.at[i++] != '.'))
			return TEXT("");
	}
	if (i < t.n && t.at[i] != ' ')
		return TEXT("");
	return text_cut(t, 0, i);
}

enum reply_line
reply_take(struct reply *r, struct text line)
{
	struct text text;

	r->code = code_of(line);
	if (r->code == 0 || r->lines++ >= REPLY_LINES_MAX)
		return REPLY_GARBAGE;
	text = text_cut(line, line.n > 3 ? 4 : 3, line.n);
	escape_text(text, r->last, sizeof r->last);
	if (r->lines == 1)
		memcpy(r->first, r->last, sizeof r->first);
	escape_text(dsn_of(text), r->dsn, sizeof r->dsn);
	return line.n > 3 && line.at[3] == '-' ? REPLY_MORE : REPLY_DONE;
}

const char *
outcome_text(enum outcome o)
{
	static const char *const text[OUTCOMES] = { "refused", "deferred",
		"untested", "error", "accepted" };

	return text[o];
}

enum outcome
reply_outcome(const struct reply *r)
{
	if (r->code == 0 || r->code == 421)
		return OUTCOME_UNTESTED;
	switch (r->code / 100) {
	case 2:
		return OUTCOME_ACCEPTED;
	case 4:
		return OUTCOME_DEFERRED;
	case 5:
		return OUTCOME_REFUSED;
	}
	return OUTCOME_ERROR;
}

const char *
layer_text(enum layer l)
{
	static const char *const text[] = { "", "guard", "mta", "parser",
		"other" };

	return text[l];
}

static bool
is_form(char c)
{
	return is_digit(c) || c == '-' || (c >= 'a' && c <= 'z');
}

/* "(P08 percent-hack)" at t.at[0]; fills by. */
static bool
marker_at(struct text t, struct reply_by *by)
{
	size_t end = text_find(t, ')'), i;

	if (end == t.n || end < 6 || t.at[0] != '(' || t.at[1] < 'A' ||
	    t.at[1] > 'Z' || !is_digit(t.at[2]) || !is_digit(t.at[3]) ||
	    t.at[4] != ' ')
		return false;
	for (i = 5; i < end; i++)
		if (!is_form(t.at[i]))
			return false;
	by->rule = text_cut(t, 1, 4);
	by->form = text_cut(t, 5, end);
	return true;
}

static bool
has_marker(const struct reply *r, struct reply_by *by)
{
	struct text t = text_of(r->last);

	for (; t.n > 0; t = text_cut(t, 1, t.n))
		if (t.at[0] == '(' && marker_at(t, by))
			return true;
	return false;
}

/* The enhanced code without its class: "7.1" of 5.7.1. */
static bool
dsn_begins(const struct reply *r, struct text tail)
{
	return r->dsn[0] != '\0' && r->dsn[1] == '.' &&
	    text_begins(text_of(r->dsn + 2), tail);
}

struct reply_by
reply_by(const struct reply *r)
{
	struct reply_by by = { 0 };

	if (r->code / 100 != 4 && r->code / 100 != 5)
		return by;
	if (has_marker(r, &by))
		by.layer = LAYER_GUARD;
	else if (dsn_begins(r, TEXT("7.")) ||
	    strcasestr(r->last, "relaying denied") != NULL ||
	    text_equal(text_of(r->dsn), TEXT("5.1.1")) ||
	    text_equal(text_of(r->dsn), TEXT("5.1.8")))
		by.layer = LAYER_MTA; /* 5.1.1 no such user, 5.1.8 no domain */
	else if (r->code == 553 || (r->code / 100 == 5 &&
	    dsn_begins(r, TEXT("1."))))
		by.layer = LAYER_PARSER;
	else
		by.layer = LAYER_OTHER;
	return by;
}
