/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_stock.h - libspf2 as it comes, over the same DNS: what a suite makes of
 * it shows that the suite bites, and what the guard is worth.
 */
#ifndef TESTS_SPF_STOCK_H
#define TESTS_SPF_STOCK_H

#include "milter/ask/spf.h"

/*
 * Check as spf_check() does, by libspf2 alone, which gets the client's address
 * as it is written; explanation[cap] gets its words, "" for its default.
 */
enum spf_result spf_stock_check(const struct spf_dns *dns,
    const struct spf_question *q, struct text ip, char *explanation,
    size_t cap);

#endif
