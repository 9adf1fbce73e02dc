/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_servers.h"

#include <sys/socket.h>
#include <ares.h>

static bool
read_options(const struct dns_options *o, struct dns_servers *out)
{
	if (o->servers > DNS_SERVERS_MAX)
		return false;
	for (out->n = 0; out->n < o->servers; out->n++)
		if (!dns_server_parse(text_of(o->server[out->n]),
		    &out->at[out->n]))
			return false;
	return true;
}

static void
take(const struct ares_addr_port_node *node, struct dns_server *out)
{
	*out = (struct dns_server){ .port = node->udp_port > 0 ?
		(unsigned)node->udp_port : DNS_PORT };
	if (node->family == AF_INET) {
		out->address.family = IP_V4;
		memcpy(out->address.byte, &node->addr.addr4, 4);
	} else {
		out->address.family = IP_V6;
		memcpy(out->address.byte, &node->addr.addr6, 16);
	}
}

static bool
read_resolv_conf(const char *path, struct dns_servers *out)
{
	struct ares_options options = {
		.resolvconf_path = (char *)(uintptr_t)path };
	struct ares_addr_port_node *list = NULL, *node;
	ares_channel channel;
	bool ok;

	if (ares_init_options(&channel, &options,
	    path != NULL ? ARES_OPT_RESOLVCONF : 0) != ARES_SUCCESS)
		return false;
	ok = ares_get_servers_ports(channel, &list) == ARES_SUCCESS;
	for (node = list; node != NULL && out->n < DNS_SERVERS_MAX;
	    node = node->next)
		take(node, &out->at[out->n++]);
	ares_free_data(list);
	ares_destroy(channel);
	return ok && out->n > 0;
}

bool
dns_servers_read(const struct dns_options *o, struct dns_servers *out)
{
	*out = (struct dns_servers){ 0 };
	return o->servers > 0 ? read_options(o, out) :
	    read_resolv_conf(o->resolv_conf, out);
}

static bool
is_same(const struct dns_server *a, const struct dns_server *b)
{
	return ip_equal(&a->address, &b->address) && a->port == b->port;
}

size_t
dns_servers_number(const struct dns_servers *servers,
    const struct dns_server *one)
{
	size_t i;

	for (i = 0; i < servers->n; i++)
		if (is_same(&servers->at[i], one))
			return i + 1;
	return 0;
}

bool
dns_servers_equal(const struct dns_servers *a, const struct dns_servers *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (!is_same(&a->at[i], &b->at[i]))
			return false;
	return a->n == b->n;
}

void
dns_servers_begin(struct dns_servers_now *now,
    const struct dns_servers *servers)
{
	pthread_mutex_init(&now->lock, NULL);
	now->servers = *servers;
	now->generation = 0;
}

void
dns_servers_end(struct dns_servers_now *now)
{
	pthread_mutex_destroy(&now->lock);
}

bool
dns_servers_put(struct dns_servers_now *now, const struct dns_servers *servers)
{
	bool others;

	pthread_mutex_lock(&now->lock);
	others = !dns_servers_equal(&now->servers, servers);
	if (others) {
		now->servers = *servers;
		now->generation++;
	}
	pthread_mutex_unlock(&now->lock);
	return others;
}

bool
dns_servers_follow(struct dns_servers_now *now, struct dns_servers *servers,
    unsigned *generation)
{
	bool changes;

	pthread_mutex_lock(&now->lock);
	changes = *generation != now->generation;
	if (changes) {
		*servers = now->servers;
		*generation = now->generation;
	}
	pthread_mutex_unlock(&now->lock);
	return changes;
}

bool
dns_servers_current(struct dns_servers_now *now, unsigned generation)
{
	bool current;

	pthread_mutex_lock(&now->lock);
	current = generation == now->generation;
	pthread_mutex_unlock(&now->lock);
	return current;
}

bool
dns_servers_at(struct dns_servers_now *now, size_t number,
    struct dns_server *out)
{
	bool known;

	pthread_mutex_lock(&now->lock);
	known = number > 0 && number <= now->servers.n;
	if (known)
		*out = now->servers.at[number - 1];
	pthread_mutex_unlock(&now->lock);
	return known;
}
