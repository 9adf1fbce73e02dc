/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The access map: whom sendmail relays to and for.  Its source text is read
 * where the .cf has the map, as makemap(8) takes it.
 */
#include <errno.h>
#include <stdlib.h>

#include "conf/lines.h"
#include "conf/sendmail_key.h"
#include "milter/bytes.h"
#include "milter/probe/lint_find.h"

/* What an entry with RELAY is about. */
enum tag {
	TAG_NONE, /* To: and Connect: */
	TAG_TO,
	TAG_CONNECT,
	TAG_FROM,
	TAG_OTHER /* certificates; or RELAY means nothing */
};

struct entry {
	unsigned line;
	enum tag tag;
	struct text whole; /* with the tag */
	struct text key;
};

/* The file that the access map is made of; empty when there is no map. */
static struct text
access_path(const struct lint *l)
{
	struct text word, path = { 0 };
	struct cf_words words;
	size_t i;

	for (i = 0; i < l->cf.n; i++) {
		if (l->cf.at[i].kind != CF_MAP ||
		    !text_equal(l->cf.at[i].name, TEXT("access")))
			continue;
		words = cf_words_of(&l->cf.at[i]);
		while ((word = cf_word(&words)).n > 0)
			if (word.at[0] == '/')
				path = word;
	}
	return path;
}

/* "IPv6:" is part of an address, not a tag. */
static void
split_tag(struct entry *e)
{
	static const struct {
		struct text text;
		enum tag tag;
	} tags[] = {
		{ TEXT("To:"), TAG_TO },
		{ TEXT("Connect:"), TAG_CONNECT },
		{ TEXT("From:"), TAG_FROM },
	};
	size_t i;

	e->key = e->whole;
	e->tag = text_find(e->whole, ':') == e->whole.n ||
	    text_begins(e->whole, TEXT("IPv6:")) ? TAG_NONE : TAG_OTHER;
	for (i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (text_begins(e->whole, tags[i].text)) {
			e->tag = tags[i].tag;
			e->key = text_cut(e->whole, tags[i].text.n,
			    e->whole.n);
		}
}

/* The next entry whose value is RELAY; false at the end. */
static bool
next_entry(struct lines *lines, struct entry *e)
{
	struct text line;

	while (lines_next(lines, &line)) {
		e->line = lines->number;
		e->whole = line_word(&line);
		if (e->whole.n == 0 || e->whole.at[0] == '#' ||
		    !text_same(text_trim(line), TEXT("RELAY")))
			continue;
		split_tag(e);
		return true;
	}
	return false;
}

/* What a sender's key with RELAY does. */
static unsigned
from_feature(struct text key)
{
	if (text_find(key, '@') == key.n)
		return OPEN_FROM_DOMAIN;
	if (text_begins(key, TEXT("root@")))
		return OPEN_FROM_ROOT;
	return text_begins(key, TEXT("postmaster@")) ? OPEN_FROM_POSTMASTER :
	    0;
}

/* A domain: no address, and no single mailbox. */
static bool
is_domain(struct text name)
{
	struct key key;

	sendmail_key_parse(name, &key);
	return key.form == KEY_NAME && name.n > 0 &&
	    text_find(name, '@') == name.n && text_find(name, ':') == name.n;
}

static unsigned
feature_of(const struct entry *e)
{
	if (e->tag == TAG_FROM)
		return from_feature(e->key);
	return (e->tag == TAG_NONE || e->tag == TAG_TO) && is_domain(e->key) ?
	    OPEN_RELAY_DOMAIN : 0;
}

void
lint_access(struct lint *l)
{
	struct text path = access_path(l);
	char name[PATH_MAX];
	struct lines lines;
	struct bytes bytes;
	struct entry e;

	lint_path(path, name);
	l->access_known = bytes_read(name, &bytes) == 0;
	if (!l->access_known) {
		l->features |= OPEN_FROM_DOMAIN | OPEN_FROM_ROOT |
		    OPEN_FROM_POSTMASTER;
		if (path.n > 0)
			complaint_add(&l->notes, COMPLAINT_NOTE, name, 0,
			    "cannot be read, so what the access map grants "
			    "is not known: %s", bytes_trouble(errno));
		return;
	}
	lines = lines_of((struct text){ bytes.at, bytes.n });
	while (next_entry(&lines, &e))
		l->features |= feature_of(&e);
	free(bytes.at);
}

typedef void judge(struct lint *l, const struct lint_rule *r,
    const char *file, const struct entry *e);

/* Every entry that grants to a recipient's domain or to a client. */
static void
each_entry(struct lint *l, const struct lint_rule *r, judge *look)
{
	char name[PATH_MAX];
	struct lines lines;
	struct bytes bytes;
	struct entry e;

	lint_path(access_path(l), name);
	if (!l->access_known || bytes_read(name, &bytes) != 0)
		return;
	lines = lines_of((struct text){ bytes.at, bytes.n });
	while (next_entry(&lines, &e))
		if (e.tag <= TAG_CONNECT)
			look(l, r, name, &e);
	free(bytes.at);
}

/* FEATURE(`lookupdotdomain'): without it no key with a dot is asked for. */
static bool
looks_up_dots(const struct lint *l)
{
	size_t i;

	for (i = 0; i < l->cf.n; i++)
		if (l->cf.at[i].kind == CF_RULE &&
		    text_equal(l->cf.at[i].name, TEXT("D")) &&
		    lint_holds(cf_rule(&l->cf.at[i]).right, ":.$2"))
			return true;
	return false;
}

/* sendmail cuts groups off an address until this is left: all of IPv6. */
static bool
is_all_of_ipv6(struct text key)
{
	return text_same(key, TEXT("IPv6"));
}

static void
look_for_top_level(struct lint *l, const struct lint_rule *r,
    const char *file, const struct entry *e)
{
	struct text key = e->key;

	if (!is_domain(key) || !lint_is_top_level(key) ||
	    is_all_of_ipv6(key) || key.at[key.n - 1] == '.' ||
	    (key.at[0] == '.' && !looks_up_dots(l)))
		return;
	lint_add(l, r, file, e->line, 0, "%.*s", TEXT_ARG(e->whole));
}

void
lint_access_tld(struct lint *l, const struct lint_rule *r)
{
	each_entry(l, r, look_for_top_level);
}

static void
look_for_wide(struct lint *l, const struct lint_rule *r, const char *file,
    const struct entry *e)
{
	char shown[NETWORK_TEXT_MAX];
	struct key key;

	if (e->tag == TAG_TO)
		return;
	sendmail_key_parse(e->key, &key);
	if (is_all_of_ipv6(e->key))
		lint_add(l, r, file, e->line, 0, "%.*s is all of IPv6",
		    TEXT_ARG(e->whole));
	else if (key.form == KEY_NETWORK && lint_is_wide(&key.widest))
		lint_add(l, r, file, e->line, 0, "%.*s is %s",
		    TEXT_ARG(e->whole), network_print(&key.widest, shown));
}

void
lint_access_wide(struct lint *l, const struct lint_rule *r)
{
	each_entry(l, r, look_for_wide);
}
