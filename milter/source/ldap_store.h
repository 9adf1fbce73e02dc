/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_store.h - the policy of a directory: hears what it tells (ldap_sink.h),
 * makes a policy of it and puts that in force as a whole.  A change that takes
 * away or denies too much at once is held until a postmaster confirms it.  Its
 * functions may be called from any thread.
 */
#ifndef SOURCE_LDAP_STORE_H
#define SOURCE_LDAP_STORE_H

#include "conf/ldap_map.h"
#include "conf/policy_state.h"
#include "milter/source/ldap_sink.h"
#include "policy/policy.h"

struct ldap_store;

/* All borrowed, to outlive the store. */
struct ldap_store_options {
	const struct ldap_map *map;
	const char *name;      /* of the source: the base DN */
	struct policy_search search; /* tells it from all others */
	unsigned hold_percent; /* 100: nothing is held */
	uint64_t seed;         /* of all policies this is joined with */
	/* A new policy is in force; it belongs to whoever is called. */
	void (*publish)(void *with, struct policy *p);
	void *with;
};

/* NULL: no memory. */
struct ldap_store *ldap_store_new(const struct ldap_store_options *o);
void ldap_store_free(struct ldap_store *s);

/*
 * A copy of what is in force, NULL when nothing is or no memory; and what is in
 * force by another store already, which this one takes over: it is what a
 * change is measured against.  To be told before anything else; p may be NULL.
 */
struct policy *ldap_store_policy(struct ldap_store *s);
void ldap_store_inherit(struct ldap_store *s, struct policy *p);

/* For whoever follows the directory. */
void ldap_store_sink(struct ldap_store *s, struct ldap_sink *sink);

/*
 * Put in force what this file of ldap_store_save says, before the directory
 * is followed; its age in seconds, or -1 with c told why not (a file that does
 * not exist needs no mention).  What was inherited stays in force instead.  The
 * cookie to resume from is then known.
 */
int64_t ldap_store_load(struct ldap_store *s, const char *path,
    struct complaints *c);
const char *ldap_store_cookie(const struct ldap_store *s);

/*
 * Write what is in force, if it is another than was written last and nothing
 * is held; 0, or -1 with errno.
 */
int ldap_store_save(struct ldap_store *s, const char *path);

/* Once a second: judge anew what is held. */
void ldap_store_tick(struct ldap_store *s);

/*
 * Put in force what is held.  False: nothing is, another number of values is
 * lost by now, or not all of a refresh has been told.
 */
bool ldap_store_confirm(struct ldap_store *s, size_t lost);

struct ldap_store_status {
	bool in_force;       /* there is a policy at all */
	size_t entries;      /* told by the directory */
	size_t wrong;        /* values among them that are not used */
	size_t values;       /* in force */
	bool held;
	size_t lost, of;     /* held: this many of so many would go, or be
	                      * denied */
	int64_t held_since;  /* Unix time */
	int64_t saved;       /* what is in force was saved then; 0: told live */
};
void ldap_store_look(struct ldap_store *s, struct ldap_store_status *out);

#endif
