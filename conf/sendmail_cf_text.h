/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendmail_cf_text.h - blanks, words and comments as a sendmail.cf has them,
 * for the readers of it.
 */
#ifndef CONF_SENDMAIL_CF_TEXT_H
#define CONF_SENDMAIL_CF_TEXT_H

#include "policy/text.h"

/* A blank, a tab or the end of a line. */
bool cf_is_space(char c);

/* t without the spaces at both ends. */
struct text cf_strip(struct text t);

/* Position of the first byte that is a space or one of stops, or t.n. */
size_t cf_word_end(struct text t, const char *stops);

/* How many lines end in t. */
unsigned cf_newlines(struct text t);

/* Position of the first comment, or t.n; "$#" and "\#" begin none. */
size_t cf_find_comment(struct text t);

#endif
