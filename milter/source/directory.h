/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * directory.h - the LDAP directory that a configuration names, as a source of
 * policy: followed live, with what it told last kept on the disk; or asked
 * once.
 */
#ifndef SOURCE_DIRECTORY_H
#define SOURCE_DIRECTORY_H

#include "conf/conf.h"
#include "milter/source/ldap_health.h"
#include "milter/source/ldap_store.h"

struct directory;

/*
 * conf, which is borrowed, names one (ldap_uri).  publish gets each new policy,
 * from any thread; it belongs to whoever is called.  NULL with c told.
 */
struct directory *directory_new(const struct conf *conf,
    void (*publish)(void *with, struct policy *p), void *with,
    struct complaints *c);

/*
 * A copy of what d has put in force, NULL for nothing; and for the one that
 * follows after it with other options: then that change is guarded like any
 * other.  d and p may be NULL; p is gone.
 */
struct policy *directory_policy(struct directory *d);
void directory_inherit(struct directory *d, struct policy *p);

/*
 * Put in force what was saved, then follow the directory; 0, or -1 when there
 * is no thread for it.
 */
int directory_follow(struct directory *d);

/* About once a second, from one thread: save what has changed. */
void directory_tick(struct directory *d);

/* Have all told anew. */
void directory_refresh(struct directory *d);

/* See ldap_store_confirm. */
bool directory_confirm(struct directory *d, size_t lost);

/*
 * The file in which a postmaster confirms, into out[PATH_MAX]; false: there is
 * no state_dir.
 */
bool directory_confirm_path(const struct conf *conf, char *out);

/* How it stands. */
void directory_look(struct directory *d, struct ldap_health *health,
    struct ldap_store_status *store);

/* Was it made with the same options as these? */
bool directory_is(const struct directory *d, const struct conf *conf);

/* Stop following, save, and free; d may be NULL. */
void directory_close(struct directory *d);

/*
 * The policy of one refresh, without following; NULL with c told what is
 * wrong, in words.
 */
struct policy *directory_once(const struct conf *conf, struct complaints *c);

/* The policy that was saved last; NULL with c told, or not there at all. */
struct policy *directory_saved(const struct conf *conf, int64_t *age,
    struct complaints *c);

#endif
