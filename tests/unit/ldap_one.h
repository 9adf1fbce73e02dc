/* SPDX-License-Identifier: BSD-2-Clause */
/* A store of a directory's policy, and what it put in force last; behind
 * cmocka.h. */
#ifndef UNIT_LDAP_ONE_H
#define UNIT_LDAP_ONE_H

#include <stdlib.h>

#include "milter/source/ldap_store.h"

/* A store and what it put in force last. */
struct one {
	struct ldap_store *store;
	struct ldap_sink sink;
	struct policy *force;
	unsigned published;
};

static void
publish(void *with, struct policy *p)
{
	struct one *o = with;

	policy_free(o->force);
	o->force = p;
	o->published++;
}

static struct ldap_map *map;

static void
open_one(struct one *o, unsigned percent)
{
	struct ldap_store_options options = { .map = map, .name = "dc=lab",
		.search = { TEXT("0f"), TEXT("ldap:///") }, .hold_percent = percent, .seed = 3,
		.publish = publish, .with = o };

	*o = (struct one){ 0 };
	o->store = ldap_store_new(&options);
	assert_non_null(o->store);
	ldap_store_sink(o->store, &o->sink);
}

static void
close_one(struct one *o)
{
	policy_free(o->force);
	ldap_store_free(o->store);
}

static int
make_map(void **state)
{
	struct ldap_map_options o = { .name = "relayguard" };
	struct complaints c = { 0 };

	(void)state;
	map = ldap_map_new(&o, &c);
	complaints_free(&c);
	return map == NULL;
}

static int
drop_map(void **state)
{
	(void)state;
	ldap_map_free(map);
	return 0;
}

#endif
