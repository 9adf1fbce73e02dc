/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_thread.h"

#include <signal.h>
#include <time.h>

bool
ldap_thread_start(pthread_t *t, void *(*run)(void *), void *with)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(t, NULL, run, with);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error == 0;
}

void
ldap_bell_init(struct ldap_bell *b)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&b->rung, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&b->lock, NULL);
	b->stop = b->ring = false;
}

void
ldap_bell_destroy(struct ldap_bell *b)
{
	pthread_cond_destroy(&b->rung);
	pthread_mutex_destroy(&b->lock);
}

void
ldap_bell_wait(struct ldap_bell *b, unsigned ms)
{
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(ms / 1000);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&b->lock);
	while (!b->stop && !b->ring && error == 0)
		error = pthread_cond_timedwait(&b->rung, &b->lock, &until);
	b->ring = false;
	pthread_mutex_unlock(&b->lock);
}

static void
wake(struct ldap_bell *b, bool *why)
{
	pthread_mutex_lock(&b->lock);
	*why = true;
	pthread_cond_broadcast(&b->rung);
	pthread_mutex_unlock(&b->lock);
}

void
ldap_bell_ring(struct ldap_bell *b)
{
	wake(b, &b->ring);
}

void
ldap_bell_stop(struct ldap_bell *b)
{
	wake(b, &b->stop);
}

bool
ldap_bell_stopped(struct ldap_bell *b)
{
	bool stopped;

	pthread_mutex_lock(&b->lock);
	stopped = b->stop;
	pthread_mutex_unlock(&b->lock);
	return stopped;
}
