/* SPDX-License-Identifier: BSD-2-Clause */
/* What is in force, what is held, and what is saved. */
#include "milter/source/ldap_store.h"

#include <stdlib.h>

#include "milter/log.h"
#include "milter/source/ldap_state.h"
#include "milter/source/ldap_store_inside.h"

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
	losses_free(s->hold.losses);
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
 * What next makes worse, besides what has become worse lately, so that entries
 * that go one by one are no way around; to be freed.  NULL: no memory.
 */
static struct losses *
weigh(struct ldap_store *s, const struct policy *next,
    const struct policy *touched, time_t now)
{
	struct hold *h = &s->hold;
	struct losses *l;

	if (now - h->window > HOLD_SECONDS || now < h->window) {
		h->window = now;
		losses_free(h->losses);
		h->losses = NULL;
	}
	l = h->losses != NULL ? losses_copy(h->losses) : losses_new();
	if (l == NULL || s->force == NULL || losses_compare(l, s->force, next,
	    touched, now + SOON_SECONDS))
		return l;
	losses_free(l);
	return NULL;
}

/* Is that too much to be believed? */
static bool
is_too_much(struct ldap_store *s, const struct policy *next,
    const struct losses *l)
{
	struct hold *h = &s->hold;
	size_t before = h->losses != NULL ? losses_sum(h->losses) : 0;

	h->lost = losses_sum(l);
	h->of = h->losses != NULL ? losses_of(h->losses,
	    count_values(s->force)) : count_values(s->force);
	return s->o.hold_percent < 100 && h->lost > before &&
	    h->lost * 100 > h->of * s->o.hold_percent &&
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
	log_say("ldap: %zu of %zu values would go or be denied, more than "
	    "%u %%: held, the policy stays as it is; see relayguard policy "
	    "confirm", h->lost, h->of, s->o.hold_percent);
}

static struct policy *
copy_of(const struct policy *p)
{
	const struct policy *part[1] = { p };

	return policy_join(part, 1);
}

/* next and l are gone. */
static void
enforce(struct ldap_store *s, struct policy *next, struct losses *l)
{
	struct policy *copy = copy_of(next);

	if (copy == NULL) {
		log_say("ldap: out of memory, the old policy stays");
		policy_free(next);
		losses_free(l);
		s->whole = true;
		return;
	}
	if (s->hold.held)
		log_say("ldap: what was held is in force now");
	s->hold.held = false;
	losses_free(s->hold.losses);
	s->hold.losses = l;
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

/* Put next in force or hold it; next and touched are gone. */
static void
judge(struct ldap_store *s, struct policy *next, struct policy *touched,
    bool confirmed)
{
	time_t now = time(NULL);
	struct losses *l = confirmed ? losses_new() :
	    weigh(s, next, touched, now);

	policy_free(touched);
	if (l == NULL) {
		log_say("ldap: out of memory, the old policy stays");
		s->whole = true;
		policy_free(next);
	} else if (s->force != NULL && !confirmed && is_too_much(s, next, l)) {
		hold_back(s, now);
		losses_free(l);
		policy_free(next);
	} else {
		enforce(s, next, l);
	}
}

void
ldap_store_put_in_force(struct ldap_store *s, bool confirmed)
{
	struct complaints c = { 0 };
	struct policy *next = NULL, *touched = NULL;
	/* what comes and goes for ever never fills what is on top of a base */
	bool whole = s->whole || told_is_loose(s->told) || !build_changes(s);

	if (!whole || build_all(s, &c))
		next = ldap_snapshot_policy(s->snapshot, &touched, &c);
	if (next != NULL) {
		judge(s, next, touched, confirmed);
	} else {
		log_complaints(&c);
		log_say("ldap: the old policy stays");
		s->whole = true;
	}
	complaints_free(&c);
}

bool
ldap_store_confirm(struct ldap_store *s, size_t lost)
{
	bool good;

	pthread_mutex_lock(&s->lock);
	good = s->hold.held && s->hold.lost == lost && !s->refreshing;
	if (good) /* more may have been told since that was counted */
		ldap_store_put_in_force(s, false);
	if (good && s->hold.held && s->hold.lost == lost)
		ldap_store_put_in_force(s, true);
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

void
ldap_store_look_at_held(struct ldap_store *s)
{
	if (time(NULL) - s->hold.looked >= HELD_LOOK_SECONDS)
		ldap_store_put_in_force(s, false);
}

void
ldap_store_tick(struct ldap_store *s)
{
	pthread_mutex_lock(&s->lock);
	/* in the midst of a refresh nothing is complete */
	if (s->hold.held && !s->refreshing)
		ldap_store_look_at_held(s);
	pthread_mutex_unlock(&s->lock);
}

/* ------------------------------------------------------------------ state */

int64_t
ldap_store_load(struct ldap_store *s, const char *path, struct complaints *c)
{
	struct policy_state state;
	struct policy_state_entry e;
	struct bytes b;
	bool used = false;
	int64_t age = -1;

	if (!ldap_state_read(path, &s->o.search, &b, &state, c))
		return -1;
	pthread_mutex_lock(&s->lock);
	while (policy_state_next(&state, &e) && !c->out_of_memory)
		c->out_of_memory = told_put(s->told, e.uuid, e.dn,
		    e.lines) == 0;
	s->whole = true;
	/* what was inherited is never older than what was saved */
	if (!c->out_of_memory && s->force == NULL) {
		ldap_store_put_in_force(s, true);
		used = s->force != NULL;
	}
	if (used) {
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
		result = ldap_state_write(path, &s->o.search, cookie, copy);
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
