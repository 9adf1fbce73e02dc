/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_stock.h - libspf2 as it comes, over the same DNS: what a suite makes of
 * it shows that the suite bites, and what the guard is worth.
 */
#ifndef TESTS_SPF_STOCK_H
#define TESTS_SPF_STOCK_H

#include "milter/ask/spf.h"

/* libspf2, set up; any number of threads may ask. */
struct spf_stock;

/*
 * Over this DNS, which must stay; NULL: over its own resolver, with its own
 * cache, which ask the server of spf_stock_resolver.h.  host: our own name.
 * Never NULL.
 */
struct spf_stock *spf_stock_new(const struct spf_dns *dns, struct text host);
void spf_stock_free(struct spf_stock *s);

/*
 * Check as spf_check() does, by libspf2 alone, which gets the client's address
 * as it is written; explanation[cap] gets its words, "" for its default.
 */
enum spf_result spf_stock_ask(struct spf_stock *s,
    const struct spf_question *q, struct text ip, char *explanation,
    size_t cap);

/* The same by one that is new. */
enum spf_result spf_stock_check(const struct spf_dns *dns,
    const struct spf_question *q, struct text ip, char *explanation,
    size_t cap);

#endif
