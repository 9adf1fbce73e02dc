/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * markup.h - text for XML and HTML, which escape the same five characters.
 */
#ifndef PROBE_MARKUP_H
#define PROBE_MARKUP_H

#include <stdio.h>

/*
 * Print s as the content of an element or of an attribute in double quotes.
 * s is printable ASCII; any other byte, which XML might forbid, becomes '?'.
 */
void markup_text(const char *s, FILE *out);

/* ' name="s"', with the blank in front. */
void markup_attribute(const char *name, const char *s, FILE *out);

#endif
