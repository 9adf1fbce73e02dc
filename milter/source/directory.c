/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/directory.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/conf_ldap.h"
#include "milter/clock.h"
#include "milter/log.h"
#include "milter/source/file.h"
#include "milter/source/ldap_follow.h"
#include "policy/hash.h"

#define SAVE_SHARE 100    /* at most that part of the time goes into saving */
#define WATCH_SECONDS 5   /* between looks whether the server still answers */
#define HOST_MAX 256
#define TIMEOUT_SECONDS 2 /* for an answer that is due */

struct directory {
	const struct conf *conf;
	uint64_t hash;
	struct ldap_map *map;
	struct ldap_store *store;
	struct ldap_follower *follower;
	struct ldap_settings settings;
	struct ldap_sink sink;
	char search[17];          /* the settings' number, in hex */
	char *uris;               /* all of them, with blanks in between */
	char state[PATH_MAX];     /* "": nothing is saved */
	char *cookie;
	int64_t save_at;          /* not before; of clock_ms() */
	bool cannot_save;         /* said so */
};

/* ------------------------------------------------------------------ start */

/* Whose entries are ours, besides the cluster's; into name when not told. */
static const char *
host_of(const struct conf_ldap *l, char name[HOST_MAX])
{
	name[0] = '\0';
	if (l->host[0] != '\0')
		return l->host;
	if (gethostname(name, HOST_MAX) != 0)
		name[0] = '\0';
	name[HOST_MAX - 1] = '\0';
	return name;
}

/* What tells our search from others: under another name it is another. */
static void
number_search(struct directory *d)
{
	char name[HOST_MAX];
	uint64_t h = hash_text(conf_ldap_hash(d->conf, true),
	    text_of(host_of(&d->conf->ldap, name)));

	snprintf(d->search, sizeof d->search, "%016llx",
	    (unsigned long long)h);
}

/* The list in one text, to be freed; NULL: no memory. */
static char *
join_words(const struct conf_list *list)
{
	size_t size = 1;
	char *joined, *end;
	unsigned i;

	for (i = 0; i < list->n; i++)
		size += strlen(list->at[i]) + 1;
	joined = end = calloc(1, size);
	for (i = 0; joined != NULL && i < list->n; i++)
		end += sprintf(end, "%s ", list->at[i]);
	return joined;
}

static struct ldap_map *
map_of(const struct conf_ldap *l, struct complaints *c)
{
	char name[HOST_MAX];
	struct ldap_map_options o = { .name = conf_map_word(l->map),
		.filter = l->filter, .domain_attribute = l->domain_attribute,
		.client_attribute = l->client_attribute,
		.cluster = l->cluster, .host = host_of(l, name) };

	return ldap_map_new(&o, c);
}

static void
fill_settings(struct directory *d)
{
	static const enum ldap_way ways[] = { LDAP_AUTO, LDAP_RFC4533,
		LDAP_POLL };
	const struct conf_ldap *l = &d->conf->ldap;

	d->settings = (struct ldap_settings){
		.uri = (const char *const *)l->uri.at, .uris = l->uri.n,
		.base = l->base, .filter = ldap_map_filter(d->map),
		.bind_dn = l->bind_dn, .password_file = l->password_file,
		.ca_file = l->ca_file, .cert_file = l->cert_file,
		.key_file = l->key_file,
		.attributes = ldap_map_attributes(d->map),
		.starttls = l->starttls, .sync = ways[l->sync],
		.poll_seconds = l->poll_seconds,
		.refresh_seconds = l->refresh_hours * 3600,
		.watch_seconds = WATCH_SECONDS,
		.timeout_seconds = TIMEOUT_SECONDS,
		.stale_seconds = l->stale_minutes * 60,
	};
}

struct directory *
directory_new(const struct conf *conf,
    void (*publish)(void *with, struct policy *p), void *with,
    struct complaints *c)
{
	struct directory *d = calloc(1, sizeof *d);
	struct ldap_store_options o = { .name = conf->ldap.base,
		.hold_percent = conf->ldap.hold_percent, .seed = file_seed(),
		.publish = publish, .with = with };

	if (d == NULL) {
		c->out_of_memory = true;
		return NULL;
	}
	d->conf = conf;
	d->hash = conf_ldap_hash(conf, false);
	number_search(d);
	if (conf->state_dir[0] != '\0')
		snprintf(d->state, sizeof d->state, "%s/ldap.state",
		    conf->state_dir);
	d->map = map_of(&conf->ldap, c);
	o.map = d->map;
	d->uris = join_words(&conf->ldap.uri);
	if (d->map != NULL && d->uris != NULL) {
		o.search = (struct policy_search){ text_of(d->search),
			text_of(d->uris) };
		d->store = ldap_store_new(&o);
	}
	if (d->store == NULL) {
		c->out_of_memory = c->out_of_memory || d->map != NULL;
		directory_close(d);
		return NULL;
	}
	fill_settings(d);
	ldap_store_sink(d->store, &d->sink);
	return d;
}

struct policy *
directory_policy(struct directory *d)
{
	return d != NULL ? ldap_store_policy(d->store) : NULL;
}

void
directory_inherit(struct directory *d, struct policy *p)
{
	if (d != NULL)
		ldap_store_inherit(d->store, p);
	else
		policy_free(p);
}

static void
say_age(int64_t age)
{
	if (age >= 0)
		log_say("ldap: the policy that was saved %lld s ago is in "
		    "force until the directory answers", (long long)age);
}

int
directory_follow(struct directory *d)
{
	struct complaints c = { 0 };

	if (d->state[0] != '\0')
		say_age(ldap_store_load(d->store, d->state, &c));
	log_complaints(&c);
	complaints_free(&c);
	d->cookie = strdup(ldap_store_cookie(d->store));
	d->settings.cookie = d->cookie;
	d->follower = ldap_follow_start(&d->settings, &d->sink);
	return d->follower != NULL ? 0 : -1;
}

/* ------------------------------------------------------------------- life */

static void
save(struct directory *d)
{
	int failed;

	if (d->state[0] == '\0')
		return;
	failed = ldap_store_save(d->store, d->state);
	if (failed && !d->cannot_save)
		log_say("%s: cannot be written: %s", d->state,
		    strerror(errno));
	d->cannot_save = failed != 0;
}

void
directory_tick(struct directory *d)
{
	int64_t start = clock_ms();

	ldap_store_tick(d->store);
	if (start < d->save_at)
		return;
	save(d);
	d->save_at = start + SAVE_SHARE * (clock_ms() - start);
}

void
directory_refresh(struct directory *d)
{
	if (d->follower != NULL)
		ldap_follow_refresh(d->follower);
}

bool
directory_confirm_path(const struct conf *conf, char *out)
{
	return conf->state_dir[0] != '\0' && snprintf(out, PATH_MAX,
	    "%s/ldap.confirm", conf->state_dir) < PATH_MAX;
}

bool
directory_confirm(struct directory *d, size_t lost)
{
	return ldap_store_confirm(d->store, lost);
}

void
directory_look(struct directory *d, struct ldap_health *health,
    struct ldap_store_status *store)
{
	*health = (struct ldap_health){ .state = LDAP_STATE_INIT };
	if (d->follower != NULL)
		ldap_follow_health(d->follower, health);
	ldap_store_look(d->store, store);
}

bool
directory_is(const struct directory *d, const struct conf *conf)
{
	return d->hash == conf_ldap_hash(conf, false) &&
	    strcmp(d->conf->state_dir, conf->state_dir) == 0;
}

void
directory_close(struct directory *d)
{
	if (d == NULL)
		return;
	if (d->follower != NULL) {
		ldap_follow_stop(d->follower);
		save(d);
	}
	ldap_store_free(d->store);
	ldap_map_free(d->map);
	free(d->cookie);
	free(d->uris);
	free(d);
}

/* ------------------------------------------------------------------- once */

static void
take(void *with, struct policy *p)
{
	struct policy **out = with;

	policy_free(*out);
	*out = p;
}

struct policy *
directory_once(const struct conf *conf, struct complaints *c)
{
	struct policy *p = NULL;
	struct directory *d = directory_new(conf, take, &p, c);
	char why[LDAP_TROUBLE_MAX + 256];
	int error;

	if (d == NULL)
		return NULL;
	error = ldap_follow_once(&d->settings, &d->sink, why, sizeof why);
	if (why[0] != '\0')
		complaint_add(c, error != 0 ? COMPLAINT_ERROR :
		    COMPLAINT_NOTE, "ldap_uri", 0, "%s", why);
	if (p == NULL && error == 0)
		complaint_add(c, COMPLAINT_ERROR, "ldap_uri", 0,
		    "no policy could be made of what the directory told");
	directory_close(d);
	return p;
}

struct policy *
directory_saved(const struct conf *conf, int64_t *age, struct complaints *c)
{
	struct policy *p = NULL;
	struct directory *d = directory_new(conf, take, &p, c);

	*age = -1;
	if (d == NULL)
		return NULL;
	if (d->state[0] != '\0')
		*age = ldap_store_load(d->store, d->state, c);
	directory_close(d);
	return p;
}
