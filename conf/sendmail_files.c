/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The class files.  Debian's sendmail reads them with the format "%[^\#]":
 * lines that begin with '#' are skipped, else all words before a '#' count.
 */
#include "conf/sendmail_files.h"

#include "conf/lines.h"
#include "conf/sendmail_key.h"

struct reader {
	const char *file;
	unsigned line;
	struct policy_builder *builder;
	struct complaints *complaints;
};

#define NOTE(r, ...)                                                         \
	complaint_add((r)->complaints, COMPLAINT_NOTE, (r)->file,            \
	    (r)->line, __VA_ARGS__)

/* Add the entry made of this word; only what opens the relay is an error. */
static void
add_entry(struct reader *r, struct text word, const struct policy_entry *e)
{
	unsigned earlier = 0;
	enum policy_error error = policy_add(r->builder, e, &earlier);

	if (error == POLICY_DUPLICATE)
		NOTE(r, "%.*s: given before, on line %u", TEXT_ARG(word),
		    earlier);
	else if (error == POLICY_BAD_DOMAIN)
		NOTE(r, "%.*s: %s, not used", TEXT_ARG(word),
		    policy_error_text(error));
	else if (error != POLICY_OK)
		complaint_add(r->complaints, COMPLAINT_ERROR, r->file,
		    r->line, "%.*s: %s", TEXT_ARG(word),
		    policy_error_text(error));
}

/* A word of class w. */
static void
add_local(struct reader *r, struct text word, struct policy_entry e)
{
	struct key key;

	e.kind = POLICY_LOCAL;
	e.span = SPAN_SELF;
	e.value = word;
	sendmail_key_parse(word, &key);
	if (word.at[0] == '[') {
		if (word.n < 3 || word.at[word.n - 1] != ']' || !ip_parse(
		    text_cut(word, 1, word.n - 1), &e.network.base)) {
			NOTE(r, "%.*s: not an IP address in brackets, not used",
			    TEXT_ARG(word));
			return;
		}
		e.network.bits = ip_width(e.network.base.family);
	} else if (key.form != KEY_NAME) {
		NOTE(r, "%.*s: mail domains that are addresses are written in "
		    "brackets, not used", TEXT_ARG(word));
		return;
	} else if (word.at[0] == '.') {
		NOTE(r, "%.*s: class w holds whole names, not used",
		    TEXT_ARG(word));
		return;
	}
	add_entry(r, word, &e);
}

/* A word of class R that stands for clients. */
static void
add_relay_client(struct reader *r, struct text word, const struct key *key,
    struct policy_entry e)
{
	if (key->form == KEY_MASK) {
		NOTE(r, "%.*s: sendmail's files have no masks, only leading "
		    "groups (10.56), not used", TEXT_ARG(word));
		return;
	}
	if (key->form == KEY_BAD) {
		NOTE(r, "%.*s: no address of a client is written like this "
		    "(10.56.23.1, IPv6:2001:db8:0:0:0:0:0:1), not used",
		    TEXT_ARG(word));
		return;
	}
	e.kind = POLICY_CLIENT;
	e.network = key->network;
	add_entry(r, word, &e);
}

/* A word of class R. */
static void
add_relay(struct reader *r, struct text word, struct policy_entry e)
{
	struct text bare = word;
	struct key key;

	/* "10.56." too is a row of tokens that a client address begins with */
	if (bare.n > 1 && bare.at[bare.n - 1] == '.')
		bare.n--;
	sendmail_key_parse(bare, &key);
	if (key.form != KEY_NAME) {
		add_relay_client(r, word, &key, e);
		return;
	}
	if (word.at[0] == '[') {
		NOTE(r, "%.*s: mail to an address literal is not relayed, "
		    "not used", TEXT_ARG(word));
		return;
	}
	if (text_same(bare, TEXT("localhost")))
		return; /* is always here and always trusted */
	e.kind = POLICY_RELAY;
	e.span = SPAN_BOTH;
	e.value = word;
	if (word.n > 1 && word.at[0] == '.') {
		e.span = SPAN_BELOW;
		e.value = text_cut(word, 1, word.n);
	}
	add_entry(r, word, &e);
}

/* Hand every word of a class file to add. */
static void
read_class(struct text content, struct reader *r,
    void (*add)(struct reader *r, struct text word, struct policy_entry e))
{
	struct lines lines = lines_of(content);
	struct policy_entry e = { .action = POLICY_GRANT };
	struct text line, word;
	enum policy_error error;

	error = policy_source(r->builder, text_of(r->file), &e.source);
	if (error != POLICY_OK) {
		complaint_add(r->complaints, COMPLAINT_ERROR, r->file, 0,
		    "%s", policy_error_text(error));
		return;
	}
	while (lines_next(&lines, &line)) {
		e.line = r->line = lines.number;
		if (!line_is_clean(line, r->file, r->line, r->complaints))
			continue;
		line.n = text_find(line, '#');
		while ((word = line_word(&line)).n > 0)
			add(r, word, e);
	}
}

void
sendmail_local_host_names_parse(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c)
{
	struct reader r = { name, 0, b, c };

	read_class(content, &r, add_local);
}

void
sendmail_relay_domains_parse(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c)
{
	struct reader r = { name, 0, b, c };

	read_class(content, &r, add_relay);
}
