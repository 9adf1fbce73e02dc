/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Class R: whom sendmail relays to and for.  Members that stand in files are
 * read there; those of maps and programs are not.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/lines.h"
#include "conf/sendmail_key.h"
#include "milter/bytes.h"
#include "milter/probe/lint_find.h"

/* Networks narrower than these are taken for somebody's own. */
#define WIDE_BITS 8         /* IPv4: a single number */
#define WIDE_PUBLIC_BITS 16 /* addresses that the Internet routes */
#define WIDE_BITS6 47

struct member {
	const char *file;
	unsigned line;
	unsigned mc_line;
	struct text word;
};

typedef void judge(struct lint *l, const struct lint_rule *r,
    const struct member *m);

static judge look_for_top_level;

void
lint_path(struct text path, char name[PATH_MAX])
{
	snprintf(name, PATH_MAX, "%.*s", (int)(path.n < PATH_MAX ? path.n : 0),
	    path.n > 0 ? path.at : "");
}

/* The words of each line before a '#', as the usual format has it. */
static void
each_in_file(struct lint *l, const struct lint_rule *r, judge *look,
    const struct cf_class_file *from)
{
	struct member m = { 0 };
	char name[PATH_MAX];
	struct lines lines;
	struct bytes bytes;
	struct text line;

	lint_path(from->path, name);
	if (bytes_read(name, &bytes) != 0) {
		if (errno == ENOENT && from->optional)
			return;
		l->features |= OPEN_RELAY_DOMAIN; /* we cannot know */
		/* class R is gone through twice */
		if (look == look_for_top_level)
			complaint_add(&l->notes, COMPLAINT_NOTE, name, 0,
			    "cannot be read, so class R is known in part: %s",
			    bytes_trouble(errno));
		return;
	}
	m.file = name;
	lines = lines_of((struct text){ bytes.at, bytes.n });
	while (lines_next(&lines, &line)) {
		m.line = lines.number;
		line.n = text_find(line, '#');
		while ((m.word = line_word(&line)).n > 0)
			look(l, r, &m);
	}
	free(bytes.at);
}

static void
each_in_line(struct lint *l, const struct lint_rule *r, judge *look,
    const struct cf_line *line)
{
	struct cf_words words = cf_words_of(line);
	struct member m = { .file = l->cf_name };

	while ((m.word = cf_word(&words)).n > 0) {
		m.line = words.line;
		m.mc_line = lint_mc_word(l->mc, "RELAY_DOMAIN", m.word);
		look(l, r, &m);
	}
}

/* Every member of class R. */
static void
each_member(struct lint *l, const struct lint_rule *r, judge *look)
{
	struct cf_class_file file;
	size_t i;

	for (i = 0; i < l->cf.n; i++) {
		const struct cf_line *line = &l->cf.at[i];

		if (!text_equal(line->name, TEXT("R")))
			continue;
		if (line->kind == CF_CLASS)
			each_in_line(l, r, look, line);
		if (line->kind != CF_CLASS_FILE)
			continue;
		file = cf_class_file(line);
		if (file.is_map || file.is_program)
			l->features |= OPEN_RELAY_DOMAIN; /* we cannot know */
		else
			each_in_file(l, r, look, &file);
	}
}

bool
lint_is_top_level(struct text name)
{
	while (name.n > 0 && name.at[0] == '.')
		name = text_cut(name, 1, name.n);
	while (name.n > 0 && name.at[name.n - 1] == '.')
		name.n--;
	return text_find(name, '.') == name.n &&
	    !text_same(name, TEXT("localhost")) &&
	    text_find(name, '[') == name.n;
}

static void
look_for_top_level(struct lint *l, const struct lint_rule *r,
    const struct member *m)
{
	struct key key;

	sendmail_key_parse(m->word, &key);
	if (key.form != KEY_NAME)
		return;
	if (lint_is_top_level(m->word))
		lint_add(l, r, m->file, m->line, m->mc_line, "%.*s",
		    TEXT_ARG(m->word));
	else
		l->features |= OPEN_RELAY_DOMAIN;
}

void
lint_class_tld(struct lint *l, const struct lint_rule *r)
{
	each_member(l, r, look_for_top_level);
}

/* Addresses that no router of the Internet knows. */
static bool
is_private(const struct ip *ip)
{
	const uint8_t *b = ip->byte;

	return b[0] == 10 || b[0] == 127 || (b[0] == 172 && b[1] >> 4 == 1) ||
	    (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254);
}

bool
lint_is_wide(const struct network *net)
{
	if (net->base.family == IP_V6)
		return net->bits <= WIDE_BITS6 && net->base.byte[0] < 0xfc;
	return net->bits <= (is_private(&net->base) ? WIDE_BITS :
	    WIDE_PUBLIC_BITS);
}

static void
look_for_wide(struct lint *l, const struct lint_rule *r,
    const struct member *m)
{
	struct text word = m->word;
	char shown[NETWORK_TEXT_MAX];
	struct key key;

	if (word.n > 1 && word.at[word.n - 1] == '.')
		word.n--;
	sendmail_key_parse(word, &key);
	if (key.form == KEY_NETWORK && lint_is_wide(&key.widest))
		lint_add(l, r, m->file, m->line, m->mc_line, "%.*s is %s",
		    TEXT_ARG(m->word), network_print(&key.widest, shown));
}

void
lint_class_wide(struct lint *l, const struct lint_rule *r)
{
	each_member(l, r, look_for_wide);
}
