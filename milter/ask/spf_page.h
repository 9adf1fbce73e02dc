/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_page.h - a record is fetched (RFC 7208 4.4, 4.5), checked to the letter,
 * and written anew for libspf2, in tokens.
 */
#ifndef MILTER_ASK_SPF_PAGE_H
#define MILTER_ASK_SPF_PAGE_H

#include "milter/ask/spf_run.h"

/* Longest record that is written for libspf2, with the NUL. */
#define SPF_PLAIN_MAX 512

/*
 * The record behind a start, an include or a redirect, for libspf2, into
 * out[SPF_PLAIN_MAX].  Returns how many mechanisms it has; 0 when there is
 * none, and then the check has failed.
 */
size_t spf_page_plain(struct spf_run *r, const char *token, char *out);

#endif
