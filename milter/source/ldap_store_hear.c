/* SPDX-License-Identifier: BSD-2-Clause */
/* What the directory tells: the sink of a store. */
#include <stdlib.h>

#include "milter/log.h"
#include "milter/source/ldap_store_inside.h"

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
	s->refreshing = s->refreshing || !fresh;
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

static void
hear_flush(void *with)
{
	struct ldap_store *s = with;

	pthread_mutex_lock(&s->lock);
	if (s->hold.held)
		ldap_store_look_at_held(s);
	else if (s->pendings > 0 || s->whole || s->force == NULL)
		ldap_store_put_in_force(s, false);
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
