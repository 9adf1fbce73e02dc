/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_stock_resolver.h - whom libspf2's own resolver asks: libc's, which knows
 * of no ports, so that what it sets up is changed here before it is used.
 */
#ifndef TESTS_SPF_STOCK_RESOLVER_H
#define TESTS_SPF_STOCK_RESOLVER_H

#include <stdbool.h>

/*
 * Ask this server alone from now on, "ADDRESS:PORT" with an IPv4 address: once
 * a question, for two seconds.  To be called before the first question.
 */
bool spf_stock_resolver_set(const char *server);

#endif
