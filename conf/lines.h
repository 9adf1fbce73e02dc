/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lines.h - walks through the text of a file line by line and word by word,
 * as all parsers of conf/ do.  Nothing is copied.
 */
#ifndef CONF_LINES_H
#define CONF_LINES_H

#include "conf/complaint.h"
#include "policy/text.h"

/* Longest line that is read, in bytes. */
#define LINE_MAX_BYTES 4096

struct lines {
	struct text rest;
	unsigned number; /* of the line handed out last, from 1 */
};

/* Start at the first line, behind a UTF-8 byte order mark. */
struct lines lines_of(struct text content);

/* The next line without its LF or CRLF; false at the end. */
bool lines_next(struct lines *l, struct text *line);

/*
 * Nothing wrong with the bytes of this line?  Otherwise complains (c may be
 * NULL): a control character other than the tab, NUL included, or over
 * LINE_MAX_BYTES.
 */
bool line_is_clean(struct text line, const char *file, unsigned number,
    struct complaints *c);

/* Cut the next word, bounded by blanks, off line; empty at the end. */
struct text line_word(struct text *line);

/*
 * The word of the NULL-terminated list that word was probably meant to be:
 * at most two letters away, and not more than half of it.  NULL when there is
 * none.
 */
const char *word_meant(struct text word, const char *const *list);

/* " (did you mean NAME?)" into out[WORD_HINT_MAX], or "". */
#define WORD_HINT_MAX 80
const char *word_hint(struct text word, const char *const *list, char *out);

/* The arguments of a "%.*s" in a format. */
#define TEXT_ARG(t) ((int)((t).n < 256 ? (t).n : 256)), ((t).n ? (t).at : "")

#endif
