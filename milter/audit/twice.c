/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/twice.h"

#include <stdlib.h>

#include "milter/audit/line.h"

/* Longest fields that the guard writes; others are not remembered. */
#define RULE_MAX 16

struct seen {
	enum verdict_action verdict;
	size_t id, recipient, rule; /* lengths; id 0: the place is free */
	char bytes[AUDIT_ID_MAX + AUDIT_FIELD_MAX + RULE_MAX];
};

struct twice {
	unsigned next; /* the place to use: the oldest */
	struct seen seen[TWICE_MAX];
};

struct twice *
twice_new(void)
{
	return calloc(1, sizeof(struct twice));
}

void
twice_free(struct twice *t)
{
	free(t);
}

static char *
put(char *to, struct text t)
{
	if (t.n > 0)
		memcpy(to, t.at, t.n);
	return to + t.n;
}

static void
remember(struct twice *t, const struct audit_record *r)
{
	struct seen *s = &t->seen[t->next];
	char *at = s->bytes;

	if (r->queue_id.n > AUDIT_ID_MAX ||
	    r->recipient.n > AUDIT_FIELD_MAX || r->rule.n > RULE_MAX)
		return;
	t->next = (t->next + 1) % TWICE_MAX;
	s->verdict = r->verdict;
	s->id = r->queue_id.n;
	s->recipient = r->recipient.n;
	s->rule = r->rule.n;
	at = put(at, r->queue_id);
	at = put(at, r->recipient);
	put(at, r->rule);
}

static bool
is_same(const struct seen *s, const struct audit_record *r)
{
	const char *recipient = s->bytes + s->id;

	return s->verdict == r->verdict &&
	    text_equal((struct text){ s->bytes, s->id }, r->queue_id) &&
	    text_equal((struct text){ recipient, s->recipient },
	    r->recipient) &&
	    text_equal((struct text){ recipient + s->recipient, s->rule },
	    r->rule);
}

/* Was it remembered?  Then it is no longer. */
static bool
take(struct twice *t, const struct audit_record *r)
{
	size_t i;

	for (i = 0; i < TWICE_MAX; i++)
		if (is_same(&t->seen[i], r)) {
			t->seen[i].id = 0;
			return true;
		}
	return false;
}

bool
twice_seen(struct twice *t, const struct audit_record *r)
{
	if (r->queue_id.n == 0)
		return false;
	if (text_equal(r->door, TEXT("map")))
		remember(t, r);
	return text_equal(r->door, TEXT("milter")) && take(t, r);
}
