/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_visit.h"

#include <ldap.h>

#include "milter/clock.h"
#include "milter/log.h"
#include "milter/source/ldap_sync.h"

/* How often to look for wishes and the time while nothing is told. */
#define TICK_MS 250
/* With nothing told for so long in a refresh, the connection is given up. */
#define STALL_MS 30000
/* A full poll comes after so many for changes. */
#define POLLS_PER_FULL 15
/* A refresh that failed on a live connection is tried again after that. */
#define REFRESH_AGAIN_SECONDS 900

static void
next_refresh(struct ldap_visitor *v, unsigned seconds)
{
	v->refresh_ms = clock_ms() + seconds * 1000LL;
}

/* Is a refresh without a cookie due?  The wish for one is then taken. */
static bool
take_refresh(struct ldap_visitor *v)
{
	bool due;

	pthread_mutex_lock(&v->bell.lock);
	due = v->wish || (v->set.refresh_seconds > 0 &&
	    clock_ms() >= v->refresh_ms);
	v->wish = false;
	pthread_mutex_unlock(&v->bell.lock);
	if (due) /* should it fail: in a while, unless it is due before */
		next_refresh(v, v->set.refresh_seconds > 0 &&
		    v->set.refresh_seconds < REFRESH_AGAIN_SECONDS ?
		    v->set.refresh_seconds : REFRESH_AGAIN_SECONDS);
	return due;
}

/* ---- content sync --------------------------------------------------------- */

static bool
start_sync(struct ldap_visitor *v, struct ldap_sync *y, bool fresh)
{
	if (v->polled == NULL)
		ldap_vitals_behind(&v->vitals);
	return ldap_sync_start(y, fresh, &v->why);
}

static void
arrive(struct ldap_visitor *v, const struct ldap_sync *y)
{
	if (y->fresh)
		next_refresh(v, v->set.refresh_seconds);
	v->polled = NULL;
	ldap_vitals_count(&v->vitals, 1, 0);
	ldap_vitals_fine(&v->vitals, LDAP_STATE_LIVE);
	if (y->entries == 0 && y->fresh)
		log_say("LDAP: %s: the search found nothing: no entry below "
		    "%s fits, or the ACL hides them", v->uri, v->set.base);
}

/*
 * One turn.  true: go on; *heard_ms is when something was told last.
 */
static bool
turn(struct ldap_visitor *v, struct ldap_sync *y, long long *heard_ms)
{
	bool was_live = y->live;
	unsigned long before = y->messages;
	enum ldap_heard heard = ldap_sync_hear(y, TICK_MS, &v->why);

	ldap_vitals_count(&v->vitals, 0, y->messages - before);
	if (heard == LDAP_HEARD_END) {
		if (!ldap_sync_refuses_cookie(v->why.code) || y->fresh)
			return false;
		log_say("LDAP: %s; asking for everything again", v->why.text);
		v->cookie.n = 0;
		*heard_ms = clock_ms();
		return start_sync(v, y, true);
	}
	if (heard == LDAP_HEARD_SOME)
		*heard_ms = clock_ms();
	if (y->live && !was_live)
		arrive(v, y);
	else if (y->live)
		ldap_vitals_fine(&v->vitals, LDAP_STATE_LIVE);
	else
		ldap_vitals_check(&v->vitals, v->set.stale_seconds);
	if (y->live || clock_ms() - *heard_ms < STALL_MS)
		return true;
	ldap_trouble_explain(&v->why, LDAP_TIMEOUT, LDAP_STEP_SEARCH, &v->set,
	    v->uri, NULL);
	return false;
}

/* Follow until it ends, which v->why explains; true: it was live. */
static bool
follow(struct ldap_visitor *v, struct ldap_link *link)
{
	struct ldap_sync y = { .link = link, .sink = &v->sink,
		.cookie = &v->cookie };
	long long heard_ms = clock_ms();
	bool was_live = false, going;

	ldap_watch_server(v->watch, v->uri);
	going = start_sync(v, &y, take_refresh(v));
	while (going && !ldap_bell_stopped(&v->bell)) {
		going = turn(v, &y, &heard_ms);
		was_live = was_live || y.live;
		if (going && y.live && take_refresh(v)) {
			heard_ms = clock_ms();
			going = start_sync(v, &y, true);
		}
	}
	if (ldap_watch_barked(v->watch))
		ldap_trouble_explain(&v->why, LDAP_TIMEOUT, LDAP_STEP_CONNECT,
		    &v->set, v->uri, NULL);
	ldap_watch_server(v->watch, NULL);
	ldap_sync_free(&y);
	return was_live;
}

/* ---- polling -------------------------------------------------------------- */

/* Must the next poll be a full one? */
static bool
full_is_due(const struct ldap_visitor *v)
{
	return v->polled != v->uri || !ldap_poll_has_begun(&v->poll) ||
	    clock_ms() >= v->full_ms;
}

static bool
poll_all(struct ldap_visitor *v)
{
	if (v->polled == NULL)
		ldap_vitals_behind(&v->vitals);
	if (!ldap_poll_all(&v->poll, &v->why))
		return false;
	/* a cookie of content sync does not stand for what was told now */
	v->cookie.n = 0;
	v->full_ms = clock_ms() +
	    POLLS_PER_FULL * 1000LL * v->set.poll_seconds;
	ldap_vitals_count(&v->vitals, 1, v->poll.entries);
	return true;
}

/* One poll; false: v->why explains. */
static bool
poll_once(struct ldap_visitor *v, struct ldap_link *link, bool full)
{
	bool fine;

	v->poll.link = link;
	v->poll.sink = &v->sink;
	fine = full ? poll_all(v) : ldap_poll_changes(&v->poll, &v->why);
	v->poll.link = NULL;
	v->polled = fine ? v->uri : NULL;
	if (fine)
		ldap_vitals_fine(&v->vitals, LDAP_STATE_POLL);
	return fine;
}

/* ---- the visit ------------------------------------------------------------ */

/* What a server is good for, by its best means. */
static enum ldap_visit
use(struct ldap_visitor *v, struct ldap_link *link)
{
	bool full = full_is_due(v);

	/* content sync may have come to a server that was polled */
	if (v->set.sync != LDAP_POLL && full) {
		if (follow(v, link))
			return LDAP_VISIT_LOST;
		if (v->set.sync == LDAP_RFC4533 ||
		    !ldap_sync_is_missing(v->why.code))
			return LDAP_VISIT_FAILED;
	}
	return poll_once(v, link, full) ? LDAP_VISIT_POLLED : LDAP_VISIT_FAILED;
}

enum ldap_visit
ldap_visit(struct ldap_visitor *v, const char *uri)
{
	struct ldap_link *link = ldap_link_open(&v->set, uri, &v->plug,
	    &v->why);
	enum ldap_visit found;

	v->uri = uri;
	if (link == NULL)
		return LDAP_VISIT_FAILED;
	ldap_vitals_connected(&v->vitals, v->uri, v->connected_before);
	v->connected_before = true;
	found = use(v, link);
	ldap_link_close(link);
	return found;
}

bool
ldap_visit_wants_refresh(struct ldap_visitor *v)
{
	bool due = take_refresh(v);

	if (due)
		v->full_ms = 0;
	return due;
}

bool
ldap_visitor_init(struct ldap_visitor *v, const struct ldap_settings *s,
    const struct ldap_sink *sink)
{
	v->set = *s;
	v->sink = *sink;
	v->plug = (struct ldap_plug)LDAP_PLUG_INIT;
	if (ldap_is_set(s->cookie))
		ldap_cookie_merge(&v->cookie, text_of(s->cookie));
	ldap_bell_init(&v->bell);
	ldap_vitals_init(&v->vitals);
	next_refresh(v, s->refresh_seconds);
	v->watch = ldap_watch_start(&v->set, &v->plug);
	return v->watch != NULL;
}

void
ldap_visitor_release(struct ldap_visitor *v)
{
	ldap_watch_stop(v->watch);
	ldap_poll_free(&v->poll);
	ldap_bell_destroy(&v->bell);
}
