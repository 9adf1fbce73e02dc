/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/combine.h"

#include "milter/log.h"

void
combine_init(struct combine *c, struct current *current)
{
	*c = (struct combine){ .current = current };
	pthread_mutex_init(&c->lock, NULL);
}

/* With the lock: what both say, in force; 0 or -1. */
static int
enforce(struct combine *c)
{
	const struct policy *part[2] = { c->files, c->directory };
	bool waiting = c->wants_directory && c->directory == NULL;
	struct policy *p;

	if (c->files == NULL || (waiting && !c->serves))
		return 0;
	p = policy_join(part, c->wants_directory && !waiting ? 2 : 1);
	if (p != NULL && current_swap(c->current, p, &c->modes, waiting) == 0) {
		c->serves = true;
		return 0;
	}
	policy_free(p);
	log_say("out of memory");
	return -1;
}

/* With the lock: put next in the place of *part; 0 or -1. */
static int
exchange(struct combine *c, struct policy **part, struct policy *next)
{
	struct policy *old = *part;

	*part = next;
	if (enforce(c) == 0) {
		policy_free(old);
		return 0;
	}
	*part = old;
	policy_free(next);
	return -1;
}

int
combine_files(struct combine *c, struct policy *policy,
    const struct rule_modes *modes, bool wants_directory)
{
	struct rule_modes old;
	bool wanted;
	int result;

	pthread_mutex_lock(&c->lock);
	old = c->modes;
	wanted = c->wants_directory;
	c->modes = *modes;
	c->wants_directory = wants_directory;
	result = exchange(c, &c->files, policy);
	if (result != 0) {
		c->modes = old;
		c->wants_directory = wanted;
	} else if (wants_directory && c->directory == NULL && c->serves) {
		log_say("ldap: the directory has not answered yet; until it "
		    "does, what the files do not grant is deferred");
	}
	pthread_mutex_unlock(&c->lock);
	return result;
}

void
combine_directory(void *with, struct policy *policy)
{
	struct combine *c = with;

	pthread_mutex_lock(&c->lock);
	(void)exchange(c, &c->directory, policy);
	pthread_mutex_unlock(&c->lock);
}

void
combine_free(struct combine *c)
{
	policy_free(c->files);
	policy_free(c->directory);
	pthread_mutex_destroy(&c->lock);
}
