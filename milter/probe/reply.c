/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/reply.h"

#include <stdio.h>

#include "policy/escape.h"
#include "policy/rules.h"

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

/* The bit of the extension that text names, or 0. */
static unsigned
extension_of(struct text t)
{
	static const struct {
		const char *keyword;
		unsigned bit;
	} known[] = {
		{ "STARTTLS", REPLY_STARTTLS },
		{ "AUTH", REPLY_AUTH },
		{ "SMTPUTF8", REPLY_SMTPUTF8 },
		{ "8BITMIME", REPLY_8BITMIME },
		{ "PIPELINING", REPLY_PIPELINING },
	};
	size_t i;

	t = text_cut(t, 0, text_find(t, ' '));
	for (i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_same(t, text_of(known[i].keyword)))
			return known[i].bit;
	return 0;
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
	r->extensions |= extension_of(text);
	if (r->lines == 1)
		memcpy(r->first, r->last, sizeof r->first);
	escape_text(dsn_of(text), r->dsn, sizeof r->dsn);
	return line.n > 3 && line.at[3] == '-' ? REPLY_MORE : REPLY_DONE;
}

const char *
outcome_text(enum outcome o)
{
	static const char *const text[OUTCOMES] = { "refused", "deferred",
		"untested", "unanswered", "accepted" };

	return text[o];
}

enum outcome
reply_outcome(const struct reply *r)
{
	if (r->code == 421)
		return OUTCOME_UNANSWERED;
	switch (r->code / 100) {
	case 2:
		return OUTCOME_ACCEPTED;
	case 4:
		return OUTCOME_DEFERRED;
	case 5:
		return OUTCOME_REFUSED;
	}
	return OUTCOME_UNANSWERED;
}

const char *
layer_text(enum layer l)
{
	static const char *const text[LAYERS] = { "", "guard", "relay-rules",
		"sender-rules", "mailbox", "parser", "filter", "unknown" };

	return text[l];
}

/*
 * "(P08 percent-hack)" at t.at[0]; fills by.  Only a rule of ours with its own
 * form: others write "(S25 spamlist)" as well.
 */
static bool
marker_at(struct text t, struct reply_by *by)
{
	size_t end = text_find(t, ')'), blank = text_find(t, ' ');
	const struct rule *rule;
	struct text form;

	if (t.at[0] != '(' || end == t.n || blank >= end)
		return false;
	rule = rules_find(text_cut(t, 1, blank));
	form = text_cut(t, blank + 1, end);
	if (rule == NULL || !text_equal(form, text_of(rule->form)))
		return false;
	by->rule = text_cut(t, 1, blank);
	by->form = form;
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

/* What the texts of known servers, and then enhanced codes, tell. */
static const struct {
	const char *code; /* how the reply code begins */
	const char *dsn;  /* how the enhanced code begins, or "" */
	const char *word; /* in the text, or "" */
	enum layer layer;
} signs[] = {
	/* sendmail, Postfix, Exim, Exchange, qmail, OpenSMTPD */
	{ "", "", "relaying denied", LAYER_RELAY },
	{ "", "", "relay access denied", LAYER_RELAY },
	{ "", "", "relay not permitted", LAYER_RELAY },
	{ "", "", "unable to relay", LAYER_RELAY },
	{ "", "", "allowed rcpthosts", LAYER_RELAY },
	{ "550", "", "restricted characters in address", LAYER_RELAY },
	{ "550", "", "invalid recipient", LAYER_RELAY },
	{ "", "", "user unknown", LAYER_MAILBOX },
	{ "", "", "no such user", LAYER_MAILBOX },
	{ "", "", "unrouteable address", LAYER_MAILBOX },
	{ "", "", "list expansion problem", LAYER_MAILBOX },
	{ "", "", "cannot mail directly to", LAYER_MAILBOX },
	{ "", ".1.1", "", LAYER_MAILBOX },
	{ "", ".1.8", "", LAYER_SENDER },
	{ "", ".1.7", "", LAYER_SENDER },
	{ "", "", "name required for sender", LAYER_SENDER },
	{ "5", ".1.2", "", LAYER_PARSER },
	{ "5", ".1.3", "", LAYER_PARSER },
	{ "501", "", "", LAYER_PARSER },
	{ "555", "", "", LAYER_PARSER },
	{ "", ".7.", "", LAYER_FILTER },
	{ "553", "", "", LAYER_PARSER },
	{ "45", "", "", LAYER_FILTER },
};

static bool
dsn_is(const struct reply *r, const char *sign)
{
	struct text dsn = text_of(r->dsn);

	if (sign[0] == '.' && dsn.n > 0)
		dsn = text_cut(dsn, 1, dsn.n);
	return text_begins(dsn, text_of(sign));
}

/* What the reply itself tells; RFC 3463 names 5.7.1 for "not authorized". */
static enum layer
layer_of(const struct reply *r)
{
	char code[8];
	size_t i;

	snprintf(code, sizeof code, "%u", r->code % 1000);
	for (i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (text_begins(text_of(code), text_of(signs[i].code)) &&
		    dsn_is(r, signs[i].dsn) &&
		    strcasestr(r->last, signs[i].word) != NULL)
			return signs[i].layer;
	return LAYER_UNKNOWN;
}

struct reply_by
reply_by(const struct reply *r)
{
	struct reply_by by = { 0 };

	if (r->code / 100 != 4 && r->code / 100 != 5)
		return by;
	by.layer = has_marker(r, &by) ? LAYER_GUARD : layer_of(r);
	return by;
}
