/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/resolver.h"

#include <errno.h>
#include <string.h>

#include "milter/log.h"

static struct dns_options
options_of(const struct conf *conf)
{
	return (struct dns_options){
		.server = (const char *const *)conf->dns_servers.at,
		.servers = conf->dns_servers.n,
	};
}

struct dns *
resolver_new(const struct conf *conf)
{
	const struct dns_options o = options_of(conf);
	struct dns *dns = NULL;

	if (!conf->sender_domain_check)
		return NULL;
	dns = dns_new(&o);
	if (dns == NULL)
		log_say("dns_servers: no resolver: %s", strerror(errno));
	return dns;
}

void
resolver_use(struct dns *dns, const struct conf *conf)
{
	const struct dns_options o = options_of(conf);

	if (dns != NULL && !dns_reload(dns, &o))
		log_say("dns_servers: the old ones stay: %s", strerror(errno));
}
