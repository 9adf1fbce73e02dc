/* SPDX-License-Identifier: BSD-2-Clause */
/* resolver.h - the resolver as the configuration wants it. */
#ifndef JUDGE_RESOLVER_H
#define JUDGE_RESOLVER_H

#include "conf/conf.h"
#include "milter/ask/dns.h"

/*
 * One that asks dns_servers, for dns_free(); NULL when nothing is to be asked
 * (sender_domain_check), or with the reason said.
 */
struct dns *resolver_new(const struct conf *conf);

/* Ask those that conf names from now on; dns may be NULL. */
void resolver_use(struct dns *dns, const struct conf *conf);

#endif
