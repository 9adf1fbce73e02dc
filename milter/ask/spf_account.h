/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_account.h - an SPF check told term by term, to whoever follows it.
 *
 * libspf2 does not say which term matches.  But it asks us for each record and
 * for each term before it goes on: so a term that is followed by a later one
 * of its record has not matched, and one at which the record is left has.  The
 * networks that do not hold the client it never sees; they are told from the
 * record.  So the account is what was evaluated, not evaluated once more.
 * Without a trace all of this does nothing.
 */
#ifndef MILTER_ASK_SPF_ACCOUNT_H
#define MILTER_ASK_SPF_ACCOUNT_H

#include "milter/ask/spf_run.h"

/* A page has been turned to; opener: the term that led here, NULL: none. */
void spf_account_page(struct spf_run *r, struct spf_page *page,
    const struct spf_token *opener);

/* Its record has been read; flaw: what is wrong with it, or NULL. */
void spf_account_record(struct spf_run *r, struct spf_page *page,
    struct text txt, const struct spf_flaw *flaw);

/* The term of a token is reached; t->page->reached is still the one before. */
void spf_account_term(struct spf_run *r, const struct spf_token *t);

/* The check has a result. */
void spf_account_end(struct spf_run *r);

#endif
