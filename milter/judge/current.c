/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/current.h"

#include <pthread.h>
#include <stdlib.h>

struct holder {
	struct in_force force; /* first: a taker's pointer is the holder's */
	struct policy *policy;
	unsigned users; /* takers, plus one while it is in force */
};

struct current {
	pthread_mutex_t lock;
	struct holder *holder;
	uint64_t serial;
};

struct current *
current_new(void)
{
	struct current *c = calloc(1, sizeof *c);

	if (c != NULL && pthread_mutex_init(&c->lock, NULL) != 0) {
		free(c);
		return NULL;
	}
	return c;
}

static void
release(struct holder *h)
{
	if (h == NULL)
		return;
	policy_free(h->policy);
	free(h);
}

/* One user less; the holder when that was the last, for release. */
static struct holder *
leave(struct holder *h)
{
	return h != NULL && --h->users == 0 ? h : NULL;
}

void
current_free(struct current *c)
{
	if (c == NULL)
		return;
	release(c->holder);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

int
current_swap(struct current *c, struct policy *policy,
    const struct rule_modes *modes, bool waiting)
{
	struct holder *h = calloc(1, sizeof *h), *old;

	if (h == NULL)
		return -1;
	h->policy = policy;
	h->users = 1;
	pthread_mutex_lock(&c->lock);
	h->force = (struct in_force){ policy, ++c->serial, *modes,
	    waiting };
	old = leave(c->holder);
	c->holder = h;
	pthread_mutex_unlock(&c->lock);
	release(old);
	return 0;
}

const struct in_force *
current_take(struct current *c)
{
	struct holder *h;

	pthread_mutex_lock(&c->lock);
	h = c->holder;
	if (h != NULL)
		h->users++;
	pthread_mutex_unlock(&c->lock);
	return h != NULL ? &h->force : NULL;
}

void
current_give(struct current *c, const struct in_force *f)
{
	struct holder *h = (struct holder *)(uintptr_t)f;

	pthread_mutex_lock(&c->lock);
	h = leave(h);
	pthread_mutex_unlock(&c->lock);
	release(h);
}
