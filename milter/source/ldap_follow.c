/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_follow.h"

#include <stdlib.h>
#include <sys/random.h>

#include "milter/clock.h"
#include "milter/log.h"
#include "milter/source/ldap_uri.h"
#include "milter/source/ldap_visit.h"

/* A connection that has lived so long is not part of a row of failures. */
#define LIVED_MS 5000

#define WAIT_FIRST_MS 50u
#define WAIT_REFUSED_MS 2000u /* when the server did answer, but "no" */
#define WAIT_MOST_MS 30000u

struct ldap_follower {
	struct ldap_visitor v;
	pthread_t thread;
	unsigned at; /* of the URIs, the thread's own */
};

static const char *
uri_of(const struct ldap_follower *f)
{
	return f->v.set.uri[f->at];
}

static bool
stopped(struct ldap_follower *f)
{
	return ldap_bell_stopped(&f->v.bell);
}

/* How old the policy may get; between two polls it is as good as new. */
static unsigned
stale_limit(const struct ldap_follower *f)
{
	unsigned least = f->v.polled != NULL ? 2 * f->v.set.poll_seconds : 0;

	return f->v.set.stale_seconds > least ? f->v.set.stale_seconds : least;
}

static bool
has_wish(struct ldap_follower *f)
{
	bool wish;

	pthread_mutex_lock(&f->v.bell.lock);
	wish = f->v.wish;
	pthread_mutex_unlock(&f->v.bell.lock);
	return wish;
}

/* Sleep, with an eye on how old the policy gets; a new wish ends it. */
static void
sleep_ms(struct ldap_follower *f, unsigned ms)
{
	long long until = clock_ms() + ms, left;
	bool old_wish = has_wish(f);

	while (!stopped(f) && (left = until - clock_ms()) > 0 &&
	    (old_wish || !has_wish(f))) {
		ldap_vitals_check(&f->v.vitals, stale_limit(f));
		ldap_bell_wait(&f->v.bell, left < 1000 ? (unsigned)left : 1000);
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
	if (f->v.why.code > 0 && ms < WAIT_REFUSED_MS)
		ms = WAIT_REFUSED_MS;
	if (ms > WAIT_MOST_MS)
		ms = WAIT_MOST_MS;
	if (getrandom(&chance, sizeof chance, 0) < 0)
		chance = (unsigned)clock_ms();
	sleep_ms(f, ms / 2 + chance % (ms / 2 + 1));
}

static void
wait_for_next_poll(struct ldap_follower *f)
{
	sleep_ms(f, f->v.set.poll_seconds * 1000);
	ldap_visit_wants_refresh(&f->v);
}

static void *
run(void *with)
{
	struct ldap_follower *f = with;
	unsigned failures = 0;

	while (!stopped(f)) {
		long long begin = clock_ms();
		enum ldap_visit found = ldap_visit(&f->v, uri_of(f));

		if (stopped(f))
			break;
		if (found == LDAP_VISIT_POLLED) {
			failures = 0;
			wait_for_next_poll(f);
			continue;
		}
		ldap_vitals_trouble(&f->v.vitals, uri_of(f), &f->v.why);
		ldap_vitals_behind(&f->v.vitals);
		ldap_vitals_check(&f->v.vitals, f->v.set.stale_seconds);
		f->at = (f->at + 1) % f->v.set.uris;
		if (found == LDAP_VISIT_LOST && clock_ms() - begin >= LIVED_MS)
			failures = 0;
		else if (++failures % f->v.set.uris == 0)
			back_off(f, failures / f->v.set.uris - 1);
	}
	return NULL;
}

static void
warn_of_clear(const struct ldap_settings *s)
{
	unsigned i;

	for (i = 0; i < s->uris; i++)
		if (ldap_uri_is_clear(s, s->uri[i]))
			log_say("LDAP: %s: " LDAP_CLEAR_WORDS, s->uri[i]);
}

static void
release(struct ldap_follower *f)
{
	ldap_visitor_release(&f->v);
	free(f);
}

struct ldap_follower *
ldap_follow_start(const struct ldap_settings *s, const struct ldap_sink *sink)
{
	struct ldap_follower *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	ldap_link_prepare();
	warn_of_clear(s);
	if (ldap_visitor_init(&f->v, s, sink) &&
	    ldap_thread_start(&f->thread, run, f))
		return f;
	release(f);
	return NULL;
}

void
ldap_follow_refresh(struct ldap_follower *f)
{
	pthread_mutex_lock(&f->v.bell.lock);
	f->v.wish = true;
	pthread_mutex_unlock(&f->v.bell.lock);
	ldap_bell_ring(&f->v.bell);
}

void
ldap_follow_stop(struct ldap_follower *f)
{
	if (f == NULL)
		return;
	ldap_bell_stop(&f->v.bell);
	ldap_plug_bar(&f->v.plug);
	pthread_join(f->thread, NULL);
	release(f);
}

void
ldap_follow_health(struct ldap_follower *f, struct ldap_health *out)
{
	ldap_vitals_look(&f->v.vitals, out);
}
