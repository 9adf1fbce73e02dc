/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "conf/policy_state.h"
#include "milter/bytes.h"
#include "milter/log.h"
#include "milter/source/ldap_snapshot.h"
#include "milter/source/ldap_state.h"

#define PENDING_MAX 500     /* more changed entries: all is built anew */
#define COMPLAINTS_SAID 20  /* of one refresh */
#define HOLD_SECONDS 600    /* losses within that count together */
#define HOLD_LEAST 10       /* fewer lost values are nobody's accident */
#define HELD_LOOK_SECONDS 2 /* how often what is held is judged anew */

/* An entry whose record is another than in force. */
struct pending {
	unsigned char uuid[RECORD_UUID];
	uint32_t was; /* in force; 0: none */
};

/* How much is lost, and what has been said to that. */
struct hold {
	bool held;
	size_t lost, of;
	time_t since, looked;
	size_t window_lost; /* in force already */
	time_t window;
};

struct ldap_store {
	struct ldap_store_options o;
	pthread_mutex_t lock;
	struct told *told;  /* what the directory says */
	struct told *aside; /* a fresh refresh under way, or NULL */
	struct pending pending[PENDING_MAX];
	size_t pendings;
	bool whole; /* all is to be built anew */
	bool refreshing;
	struct ldap_snapshot *snapshot;
	struct policy *force; /* what is in force; NULL: nothing yet */
	struct hold hold;
	char *cookie;
	bool unsaved;
	int64_t saved;
	size_t wrong, wrong_aside, said;
};

struct ldap_store *
ldap_store_new(const struct ldap_store_options *o)
{
	struct ldap_store *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->o = *o;
	pthread_mutex_init(&s->lock, NULL);
	s->told = told_new();
	s->snapshot = ldap_snapshot_new(o->name, o->seed,
	    ldap_map_is_sendmail(o->map));
	s->cookie = strdup("");
	if (s->told != NULL && s->snapshot != NULL && s->cookie != NULL)
		return s;
	ldap_store_free(s);
	return NULL;
}

void
ldap_store_free(struct ldap_store *s)
{
	if (s == NULL)
		return;
	policy_free(s->force);
	ldap_snapshot_free(s->snapshot);
	told_free(s->aside);
	told_free(s->told);
	free(s->cookie);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* -------------------------------------------------------------- in force */

static size_t
count_values(const struct policy *p)
{
	size_t n = 0;
	unsigned kind;

	for (kind = 0; p != NULL && kind < POLICY_KINDS; kind++)
		n += policy_count(p, (enum policy_kind)kind);
	return n;
}

/*
 * Is that too much to be believed?  What has gone lately counts too, so that
 * entries that go one by one are no way around.
 */
static bool
is_too_much(struct ldap_store *s, const struct policy *next, size_t lost,
    time_t now)
{
	struct hold *h = &s->hold;

	if (now - h->window > HOLD_SECONDS || now < h->window) {
		h->window = now;
		h->window_lost = 0;
	}
	h->lost = lost + h->window_lost;
	h->of = count_values(s->force) + h->window_lost;
	return lost > 0 && h->lost * 100 > h->of * s->o.hold_percent &&
	    (h->lost >= HOLD_LEAST || count_values(next) == 0);
}

static void
hold_back(struct ldap_store *s, time_t now)
{
	struct hold *h = &s->hold;

	s->whole = true;
	h->looked = now;
	if (h->held)
		return;
	h->held = true;
	h->since = now;
	log_say("ldap: %zu of %zu values would go, more than %u %%: held, the "
	    "policy stays as it is; see relayguard policy confirm", h->lost,
	    h->of, s->o.hold_percent);
}

static struct policy *
copy_of(const struct policy *p)
{
	const struct policy *part[1] = { p };

	return policy_join(part, 1);
}

static void
enforce(struct ldap_store *s, struct policy *next, size_t lost)
{
	struct policy *copy = copy_of(next);

	if (copy == NULL) {
		log_say("ldap: out of memory, the old policy stays");
		policy_free(next);
		s->whole = true;
		return;
	}
	if (s->hold.held)
		log_say("ldap: what was held is in force now");
	s->hold.held = false;
	s->hold.window_lost += lost;
	policy_free(s->force);
	s->force = next;
	s->pendings = 0;
	s->whole = false;
	s->unsaved = true;
	s->o.publish(s->o.with, copy);
}

/* All that has been told, as the base of what comes; false with c told. */
static bool
build_all(struct ldap_store *s, struct complaints *c)
{
	struct told *tight = NULL;

	if (told_is_loose(s->told))
		tight = told_compact(s->told);
	if (tight != NULL) {
		told_free(s->told);
		s->told = tight;
	}
	return ldap_snapshot_all(s->snapshot, s->told, c);
}

/* The entries that have changed, if that is enough; false: all is due. */
static bool
build_changes(struct ldap_store *s)
{
	const struct pending *p;
	size_t i;

	for (i = 0; i < s->pendings; i++) {
		p = &s->pending[i];
		if (!ldap_snapshot_change(s->snapshot,
		    told_records(s->told), p->was,
		    told_get(s->told, p->uuid)))
			return false;
	}
	return true;
}

/* With the lock: make a policy of what has been told, and judge it. */
static void
put_in_force(struct ldap_store *s, bool confirmed)
{
	time_t now = time(NULL);
	struct complaints c = { 0 };
	struct policy *next = NULL;
	size_t lost = 0;
	bool whole = s->whole || !build_changes(s);

	if (!whole || build_all(s, &c))
		next = ldap_snapshot_policy(s->snapshot, s->force, now, &lost,
		    &c);
	if (next == NULL) {
		log_complaints(&c);
		log_say("ldap: the old policy stays");
		s->whole = true;
	} else if (s->force != NULL && !confirmed &&
	    is_too_much(s, next, lost, now)) {
		hold_back(s, now);
		policy_free(next);
	} else {
		if (confirmed)
			s->hold.window = 0;
		enforce(s, next, lost);
	}
	complaints_free(&c);
}

bool
ldap_store_confirm(struct ldap_store *s, size_t lost)
{
	bool good;

	pthread_mutex_lock(&s->lock);
	good = s->hold.held && s->hold.lost == lost;
	if (good)
		put_in_force(s, true);
	good = good && !s->hold.held;
	pthread_mutex_unlock(&s->lock);
	return good;
}

struct policy *
ldap_store_policy(struct ldap_store *s)
{
	struct policy *copy = NULL;

	pthread_mutex_lock(&s->lock);
	if (s->force != NULL)
		copy = copy_of(s->force);
	pthread_mutex_unlock(&s->lock);
	return copy;
}

void
ldap_store_inherit(struct ldap_store *s, struct policy *p)
{
	pthread_mutex_lock(&s->lock);
	policy_free(s->force);
	s->force = p;
	pthread_mutex_unlock(&s->lock);
}

/* ------------------------------------------------------------------- told */

/* Note that this entry is another than in force. */
static void
note_change(struct ldap_store *s, const unsigned char *uuid, uint32_t was)
{
	size_t i;

	for (i = 0; i < s->pendings; i++)
		if (memcmp(s->pending[i].uuid, uuid, RECORD_UUID) == 0)
			return;
	if (s->pendings == PENDING_MAX)
		s->whole = true;
	if (s->whole)
		return;
	memcpy(s->pending[s->pendings].uuid, uuid, RECORD_UUID);
	s->pending[s->pendings++].was = was;
}

/* A few complaints of a refresh are said, all are counted. */
static void
say(struct ldap_store *s, struct complaints *c, size_t *wrong)
{
	*wrong += c->errors;
	if (c->n > 0 && s->said < COMPLAINTS_SAID)
		log_complaints(c);
	else if (c->n > 0 && s->said == COMPLAINTS_SAID)
		log_say("ldap: more of this is not said, but counted in "
		    "relayguard status");
	if (c->n > 0)
		s->said++;
	complaints_free(c);
}

/* With the lock: keep the lines of an entry; false: no memory. */
static bool
keep(struct ldap_store *s, const unsigned char *uuid, struct text dn,
    struct text lines)
{
	uint32_t was;

	if (s->aside != NULL)
		return told_put(s->aside, uuid, dn, lines) != 0;
	was = told_get(s->told, uuid);
	if (was != 0 && text_equal(records_dn(told_records(s->told), was),
	    dn) && text_equal(records_lines(told_records(s->told), was),
	    lines)) {
		told_mark(s->told, uuid);
		return true;
	}
	if (told_put(s->told, uuid, dn, lines) == 0)
		return false;
	note_change(s, uuid, was);
	return true;
}

static bool
hear_begin(void *with, bool fresh)
{
	struct ldap_store *s = with;
	bool good = true;

	pthread_mutex_lock(&s->lock);
	told_free(s->aside);
	s->aside = fresh ? told_new() : NULL;
	if (fresh)
		good = s->aside != NULL;
	else
		told_begin(s->told);
	s->wrong_aside = s->said = 0;
	s->refreshing = true;
	pthread_mutex_unlock(&s->lock);
	return good;
}

static bool
hear_entry(void *with, const unsigned char *uuid, const struct ldap_entry *e)
{
	struct ldap_store *s = with;
	struct ldap_lines lines = { 0 };
	struct complaints c = { 0 };
	bool good = ldap_map_lines(s->o.map, e, &lines, &c);

	pthread_mutex_lock(&s->lock);
	say(s, &c, s->aside != NULL ? &s->wrong_aside : &s->wrong);
	good = good && keep(s, uuid, e->dn,
	    (struct text){ lines.at, lines.n });
	pthread_mutex_unlock(&s->lock);
	ldap_lines_free(&lines);
	return good;
}

static void
hear_present(void *with, const unsigned char *uuid)
{
	struct ldap_store *s = with;

	pthread_mutex_lock(&s->lock);
	if (s->aside == NULL)
		told_mark(s->told, uuid);
	pthread_mutex_unlock(&s->lock);
}

/* With the lock. */
static void
forget(struct ldap_store *s, const unsigned char *uuid)
{
	uint32_t was;

	if (s->aside != NULL) {
		told_drop(s->aside, uuid);
		return;
	}
	was = told_drop(s->told, uuid);
	if (was != 0)
		note_change(s, uuid, was);
}

static void
hear_gone(void *with, const unsigned char *uuid)
{
	struct ldap_store *s = with;

	pthread_mutex_lock(&s->lock);
	forget(s, uuid);
	pthread_mutex_unlock(&s->lock);
}

/* Entries that this refresh did not mention are gone. */
static void
forget_others(struct ldap_store *s)
{
	size_t cursor = 0;
	uint32_t r;

	while ((r = told_next_unmarked(s->told, &cursor)) != 0)
		forget(s, records_uuid(told_records(s->told), r));
}

static bool
hear_refreshed(void *with, bool mentioned_only)
{
	struct ldap_store *s = with;

	pthread_mutex_lock(&s->lock);
	if (s->aside != NULL) {
		told_free(s->told);
		s->told = s->aside;
		s->aside = NULL;
		s->wrong = s->wrong_aside;
		s->pendings = 0;
		s->whole = true;
	} else if (mentioned_only) {
		forget_others(s);
	}
	s->refreshing = false;
	s->hold.looked = 0;
	s->saved = 0;
	pthread_mutex_unlock(&s->lock);
	return true;
}

static void
hear_abandoned(void *with)
{
	struct ldap_store *s = with;

	pthread_mutex_lock(&s->lock);
	told_free(s->aside);
	s->aside = NULL;
	pthread_mutex_unlock(&s->lock);
}

/* With the lock. */
static void
look_at_held(struct ldap_store *s)
{
	if (time(NULL) - s->hold.looked >= HELD_LOOK_SECONDS)
		put_in_force(s, false);
}

static void
hear_flush(void *with)
{
	struct ldap_store *s = with;

	pthread_mutex_lock(&s->lock);
	if (s->hold.held)
		look_at_held(s);
	else if (s->pendings > 0 || s->whole || s->force == NULL)
		put_in_force(s, false);
	pthread_mutex_unlock(&s->lock);
}

void
ldap_store_tick(struct ldap_store *s)
{
	pthread_mutex_lock(&s->lock);
	/* in the midst of a refresh nothing is complete */
	if (s->hold.held && !s->refreshing)
		look_at_held(s);
	pthread_mutex_unlock(&s->lock);
}

static void
hear_cookie(void *with, struct text cookie)
{
	struct ldap_store *s = with;
	char *copy = cookie.n > 0 ? strndup(cookie.at, cookie.n) : strdup("");

	pthread_mutex_lock(&s->lock);
	if (copy != NULL) {
		free(s->cookie);
		s->cookie = copy;
	}
	pthread_mutex_unlock(&s->lock);
}

void
ldap_store_sink(struct ldap_store *s, struct ldap_sink *sink)
{
	*sink = (struct ldap_sink){ s, hear_begin, hear_entry, hear_present,
		hear_gone, hear_refreshed, hear_abandoned, hear_flush,
		hear_cookie };
}

/* ------------------------------------------------------------------ state */

int64_t
ldap_store_load(struct ldap_store *s, const char *path, struct complaints *c)
{
	struct policy_state state;
	struct policy_state_entry e;
	struct bytes b;
	int64_t age = -1;

	if (!ldap_state_read(path, s->o.settings, &b, &state, c))
		return -1;
	pthread_mutex_lock(&s->lock);
	while (policy_state_next(&state, &e) && !c->out_of_memory)
		c->out_of_memory = told_put(s->told, e.uuid, e.dn,
		    e.lines) == 0;
	s->whole = true;
	if (!c->out_of_memory)
		put_in_force(s, true);
	if (s->force != NULL) {
		s->saved = state.saved;
		s->unsaved = false;
		age = time(NULL) - state.saved;
	}
	free(s->cookie);
	s->cookie = strndup(state.cookie.at, state.cookie.n);
	pthread_mutex_unlock(&s->lock);
	free(b.at);
	return age;
}

const char *
ldap_store_cookie(const struct ldap_store *s)
{
	return s->cookie != NULL ? s->cookie : "";
}

int
ldap_store_save(struct ldap_store *s, const char *path)
{
	struct told *copy = NULL;
	char *cookie = NULL;
	int result = 0;

	pthread_mutex_lock(&s->lock);
	if (s->unsaved && s->force != NULL && s->pendings == 0 && !s->whole) {
		copy = told_copy(s->told);
		cookie = strdup(s->cookie != NULL ? s->cookie : "");
		s->unsaved = false;
		result = copy != NULL && cookie != NULL ? 0 : -1;
	}
	pthread_mutex_unlock(&s->lock);
	if (copy != NULL && cookie != NULL)
		result = ldap_state_write(path, s->o.settings, cookie, copy);
	free(cookie);
	told_free(copy);
	if (result != 0) {
		pthread_mutex_lock(&s->lock);
		s->unsaved = true;
		pthread_mutex_unlock(&s->lock);
	}
	return result;
}

void
ldap_store_look(struct ldap_store *s, struct ldap_store_status *out)
{
	pthread_mutex_lock(&s->lock);
	*out = (struct ldap_store_status){
		.in_force = s->force != NULL,
		.entries = told_count(s->told),
		.wrong = s->wrong,
		.values = count_values(s->force),
		.held = s->hold.held,
		.lost = s->hold.lost,
		.of = s->hold.of,
		.held_since = s->hold.since,
		.saved = s->saved,
	};
	pthread_mutex_unlock(&s->lock);
}
