/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_cf.h - the members of a class in a sendmail.cf, turned into the text
 * of a class file, so that one parser reads both.
 */
#ifndef SOURCE_POLICY_CF_H
#define SOURCE_POLICY_CF_H

#include "conf/sendmail_cf.h"

/*
 * The members that stand in the file itself (its C lines), each on the line
 * it has there.  To be freed; NULL when out of memory.
 */
char *policy_cf_members(const struct sendmail_cf *cf, struct text class,
    size_t *n);

/* How the lines of a file are read by the format of an F line. */
enum cf_format {
	CF_FORMAT_WORDS, /* "%[^\#]": all words up to a '#' */
	CF_FORMAT_FIRST, /* none or "%s": the first word of a line */
	CF_FORMAT_OTHER
};
enum cf_format policy_cf_format(struct text format);

/*
 * Blank out, in place, all but the first word of each line, and a first word
 * that no class file could hold ('#' inside).  Both become notes in c.
 */
void policy_cf_first_words(char *content, size_t n, const char *file,
    struct complaints *c);

#endif
