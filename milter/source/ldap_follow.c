/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_follow.h"

#include <ldap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "milter/log.h"
#include "milter/source/ldap_poll.h"
#include "milter/source/ldap_sync.h"
#include "milter/source/ldap_thread.h"
#include "milter/source/ldap_watch.h"

/* How often to look for wishes and the time while nothing is told. */
#define TICK_MS 250
/* With nothing told for so long in a refresh, the connection is given up. */
#define STALL_MS 30000
/* A connection that has lived so long is not part of a row of failures. */
#define LIVED_MS 5000
/* A full poll comes after so many for changes. */
#define POLLS_PER_FULL 15
/* A refresh that failed on a live connection is tried again after that. */
#define REFRESH_AGAIN_SECONDS 900

#define WAIT_FIRST_MS 50
#define WAIT_REFUSED_MS 2000 /* when the server did answer, but "no" */
#define WAIT_MOST_MS 30000

struct ldap_follower {
	struct ldap_settings set;
	struct ldap_sink sink;
	pthread_t thread;
	struct ldap_bell bell; /* its lock guards wish */
	bool wish;             /* somebody asks for a refresh */
	struct ldap_plug plug;
	struct ldap_watch *watch;
	struct ldap_vitals vitals;

	/* the thread's own */
	unsigned at; /* of the URIs */
	bool connected_before;
	struct ldap_cookie cookie;
	long long refresh_ms; /* when the next one without a cookie is due */
	struct ldap_poll poll;
	const char *polled;   /* URI of the last poll that went well */
	long long full_ms;    /* when the next full poll is due */
	struct ldap_trouble why;
};

static const char *
uri_of(const struct ldap_follower *f)
{
	return f->set.uri[f->at];
}

static bool
stopped(struct ldap_follower *f)
{
	return ldap_bell_stopped(&f->bell);
}

static void
next_refresh(struct ldap_follower *f, unsigned seconds)
{
	f->refresh_ms = ldap_now_ms() + seconds * 1000LL;
}

/* Is a refresh without a cookie due?  The wish for one is then taken. */
static bool
take_refresh(struct ldap_follower *f)
{
	bool due;

	pthread_mutex_lock(&f->bell.lock);
	due = f->wish || (f->set.refresh_seconds > 0 &&
	    ldap_now_ms() >= f->refresh_ms);
	f->wish = false;
	pthread_mutex_unlock(&f->bell.lock);
	if (due) /* should it fail: in a while, unless it is due before */
		next_refresh(f, f->set.refresh_seconds > 0 &&
		    f->set.refresh_seconds < REFRESH_AGAIN_SECONDS ?
		    f->set.refresh_seconds : REFRESH_AGAIN_SECONDS);
	return due;
}

/* ---- content sync --------------------------------------------------------- */

static bool
start_sync(struct ldap_follower *f, struct ldap_sync *y, bool fresh)
{
	if (f->polled == NULL)
		ldap_vitals_behind(&f->vitals);
	return ldap_sync_start(y, fresh, &f->why);
}

static void
arrive(struct ldap_follower *f, const struct ldap_sync *y)
{
	if (y->fresh)
		next_refresh(f, f->set.refresh_seconds);
	f->polled = NULL;
	ldap_vitals_count(&f->vitals, 1, 0);
	ldap_vitals_fine(&f->vitals, LDAP_STATE_LIVE);
	if (y->entries == 0 && y->fresh)
		log_say("LDAP: %s: the search found nothing: no entry below "
		    "%s fits, or the ACL hides them", uri_of(f), f->set.base);
}

/*
 * One turn.  true: go on; *heard_ms is when something was told last.
 */
static bool
turn(struct ldap_follower *f, struct ldap_sync *y, long long *heard_ms)
{
	bool was_live = y->live;
	unsigned long before = y->messages;
	enum ldap_heard heard = ldap_sync_hear(y, TICK_MS, &f->why);

	ldap_vitals_count(&f->vitals, 0, y->messages - before);
	if (heard == LDAP_HEARD_END) {
		if (!ldap_sync_refuses_cookie(f->why.code) || y->fresh)
			return false;
		log_say("LDAP: %s; asking for everything again", f->why.text);
		f->cookie.n = 0;
		*heard_ms = ldap_now_ms();
		return start_sync(f, y, true);
	}
	if (heard == LDAP_HEARD_SOME)
		*heard_ms = ldap_now_ms();
	if (y->live && !was_live)
		arrive(f, y);
	else if (y->live)
		ldap_vitals_fine(&f->vitals, LDAP_STATE_LIVE);
	else
		ldap_vitals_check(&f->vitals, f->set.stale_seconds);
	if (y->live || ldap_now_ms() - *heard_ms < STALL_MS)
		return true;
	ldap_trouble_explain(&f->why, LDAP_TIMEOUT, LDAP_STEP_SEARCH, &f->set,
	    uri_of(f), NULL);
	return false;
}

/* Follow until it ends, which f->why explains; true: it was live. */
static bool
follow(struct ldap_follower *f, struct ldap_link *link)
{
	struct ldap_sync y = { .link = link, .sink = &f->sink,
		.cookie = &f->cookie };
	long long heard_ms = ldap_now_ms();
	bool was_live = false, going;

	ldap_watch_server(f->watch, uri_of(f));
	going = start_sync(f, &y, take_refresh(f));
	while (going && !stopped(f)) {
		going = turn(f, &y, &heard_ms);
		was_live = was_live || y.live;
		if (going && y.live && take_refresh(f)) {
			heard_ms = ldap_now_ms();
			going = start_sync(f, &y, true);
		}
	}
	if (ldap_watch_barked(f->watch))
		ldap_trouble_explain(&f->why, LDAP_TIMEOUT, LDAP_STEP_CONNECT,
		    &f->set, uri_of(f), NULL);
	ldap_watch_server(f->watch, NULL);
	ldap_sync_free(&y);
	return was_live;
}

/* ---- polling -------------------------------------------------------------- */

/* Must the next poll be a full one? */
static bool
full_is_due(const struct ldap_follower *f)
{
	return f->polled != uri_of(f) || !ldap_poll_has_begun(&f->poll) ||
	    ldap_now_ms() >= f->full_ms;
}

static bool
poll_all(struct ldap_follower *f)
{
	if (f->polled == NULL)
		ldap_vitals_behind(&f->vitals);
	if (!ldap_poll_all(&f->poll, &f->why))
		return false;
	/* a cookie of content sync does not stand for what was told now */
	f->cookie.n = 0;
	f->full_ms = ldap_now_ms() +
	    POLLS_PER_FULL * 1000LL * f->set.poll_seconds;
	ldap_vitals_count(&f->vitals, 1, f->poll.entries);
	return true;
}

/* One poll; false: f->why explains. */
static bool
poll_once(struct ldap_follower *f, struct ldap_link *link, bool full)
{
	bool fine;

	f->poll.link = link;
	f->poll.sink = &f->sink;
	fine = full ? poll_all(f) : ldap_poll_changes(&f->poll, &f->why);
	f->poll.link = NULL;
	f->polled = fine ? uri_of(f) : NULL;
	if (fine)
		ldap_vitals_fine(&f->vitals, LDAP_STATE_POLL);
	return fine;
}

/* ---- server after server -------------------------------------------------- */

enum visit { VISIT_FAILED, VISIT_LOST, VISIT_POLLED };

/* What a server is good for, by its best means. */
static enum visit
use(struct ldap_follower *f, struct ldap_link *link)
{
	bool full = full_is_due(f);

	/* content sync may have come to a server that was polled */
	if (f->set.sync != LDAP_POLL && full) {
		if (follow(f, link))
			return VISIT_LOST;
		if (f->set.sync == LDAP_RFC4533 ||
		    !ldap_sync_is_missing(f->why.code))
			return VISIT_FAILED;
	}
	return poll_once(f, link, full) ? VISIT_POLLED : VISIT_FAILED;
}

static enum visit
visit(struct ldap_follower *f)
{
	struct ldap_link *link = ldap_link_open(&f->set, uri_of(f), &f->plug,
	    &f->why);
	enum visit found;

	if (link == NULL)
		return VISIT_FAILED;
	ldap_vitals_connected(&f->vitals, uri_of(f), f->connected_before);
	f->connected_before = true;
	found = use(f, link);
	ldap_link_close(link);
	return found;
}

/* Sleep, with an eye on how old the policy gets. */
static void
sleep_ms(struct ldap_follower *f, unsigned ms)
{
	long long until = ldap_now_ms() + ms, left;
	bool wish = false;

	while (!wish && !stopped(f) && (left = until - ldap_now_ms()) > 0) {
		ldap_vitals_check(&f->vitals, f->set.stale_seconds);
		ldap_bell_wait(&f->bell, left < 1000 ? (unsigned)left : 1000);
		pthread_mutex_lock(&f->bell.lock);
		wish = f->wish;
		pthread_mutex_unlock(&f->bell.lock);
	}
}

/*
 * After so many rounds without success: longer each time, and never the same,
 * so that many guards do not come back to one server at once.
 */
static void
back_off(struct ldap_follower *f, unsigned rounds)
{
	unsigned ms = WAIT_MOST_MS, chance = 0;

	if (rounds < 10)
		ms = WAIT_FIRST_MS << rounds;
	if (f->why.code > 0 && ms < WAIT_REFUSED_MS)
		ms = WAIT_REFUSED_MS;
	if (ms > WAIT_MOST_MS)
		ms = WAIT_MOST_MS;
	if (getrandom(&chance, sizeof chance, 0) < 0)
		chance = (unsigned)ldap_now_ms();
	sleep_ms(f, ms / 2 + chance % (ms / 2 + 1));
}

static void
wait_for_next_poll(struct ldap_follower *f)
{
	sleep_ms(f, f->set.poll_seconds * 1000);
	if (f->polled != NULL && take_refresh(f))
		f->full_ms = 0;
}

static void *
run(void *with)
{
	struct ldap_follower *f = with;
	unsigned failures = 0;

	while (!stopped(f)) {
		long long begin = ldap_now_ms();
		enum visit found = visit(f);

		if (stopped(f))
			break;
		if (found == VISIT_POLLED) {
			failures = 0;
			wait_for_next_poll(f);
			continue;
		}
		ldap_vitals_trouble(&f->vitals, uri_of(f), &f->why);
		ldap_vitals_behind(&f->vitals);
		ldap_vitals_check(&f->vitals, f->set.stale_seconds);
		f->at = (f->at + 1) % f->set.uris;
		if (found == VISIT_LOST && ldap_now_ms() - begin >= LIVED_MS)
			failures = 0;
		else if (++failures % f->set.uris == 0)
			back_off(f, failures / f->set.uris - 1);
	}
	return NULL;
}

static bool
set_up(struct ldap_follower *f, const struct ldap_settings *s,
    const struct ldap_sink *sink)
{
	f->set = *s;
	f->sink = *sink;
	f->plug = (struct ldap_plug)LDAP_PLUG_INIT;
	if (ldap_is_set(s->cookie))
		ldap_cookie_merge(&f->cookie, text_of(s->cookie));
	ldap_bell_init(&f->bell);
	ldap_vitals_init(&f->vitals);
	next_refresh(f, s->refresh_seconds);
	f->watch = ldap_watch_start(&f->set, &f->plug);
	if (f->watch == NULL)
		return false;
	return ldap_thread_start(&f->thread, run, f);
}

static void
release(struct ldap_follower *f)
{
	ldap_watch_stop(f->watch);
	ldap_poll_free(&f->poll);
	ldap_bell_destroy(&f->bell);
	free(f);
}

struct ldap_follower *
ldap_follow_start(const struct ldap_settings *s, const struct ldap_sink *sink)
{
	struct ldap_follower *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	ldap_link_prepare();
	if (set_up(f, s, sink))
		return f;
	release(f);
	return NULL;
}

void
ldap_follow_refresh(struct ldap_follower *f)
{
	pthread_mutex_lock(&f->bell.lock);
	f->wish = true;
	pthread_mutex_unlock(&f->bell.lock);
	ldap_bell_ring(&f->bell);
}

void
ldap_follow_stop(struct ldap_follower *f)
{
	if (f == NULL)
		return;
	ldap_bell_stop(&f->bell);
	ldap_plug_bar(&f->plug);
	pthread_join(f->thread, NULL);
	release(f);
}

void
ldap_follow_health(struct ldap_follower *f, struct ldap_health *out)
{
	ldap_vitals_look(&f->vitals, out);
}
