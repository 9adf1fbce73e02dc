/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_answer.h"

#include <stdatomic.h>
#include <stdlib.h>

/*
 * Texts are kept in blocks that never move, so that records may point in.  A
 * cache is full of answers with one short text, or none: the first block is
 * just large enough, the next ones are for many.
 */
#define BLOCK_MORE 1024

struct block {
	struct block *next;
	size_t used, room;
	char at[];
};

struct dns_answer {
	atomic_uint holds;
	enum dns_status status;
	unsigned ttl;
	bool cached;
	uint8_t trouble, server;
	struct dns_answer *of; /* whose records these are, or NULL: its own */
	struct dns_record *record;
	size_t n, room;
	struct block *block;
};

struct dns_answer *
dns_answer_new(enum dns_status status, unsigned ttl)
{
	struct dns_answer *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	atomic_init(&a->holds, 1);
	a->status = status;
	a->ttl = ttl;
	return a;
}

/* A block with n bytes free: the newest, or one more. */
static struct block *
block_with(struct dns_answer *a, size_t n)
{
	struct block *b = a->block;
	size_t room = b != NULL && n < BLOCK_MORE ? BLOCK_MORE : n;

	if (b != NULL && b->room - b->used >= n)
		return b;
	b = malloc(sizeof *b + room);
	if (b == NULL)
		return NULL;
	*b = (struct block){ .next = a->block, .room = room };
	a->block = b;
	return b;
}

static struct text
copy_into(struct block *b, struct text t)
{
	struct text copy = { 0 };

	if (t.n == 0)
		return copy;
	copy = (struct text){ b->at + b->used, t.n };
	memcpy(b->at + b->used, t.at, t.n);
	b->used += t.n;
	return copy;
}

static bool
room_for_record(struct dns_answer *a)
{
	size_t room = a->room > 0 ? a->room * 2 : 1;
	struct dns_record *more;

	if (a->n < a->room)
		return true;
	more = realloc(a->record, room * sizeof *more);
	if (more == NULL)
		return false;
	a->record = more;
	a->room = room;
	return true;
}

bool
dns_answer_add(struct dns_answer *a, const struct dns_record *record)
{
	size_t n = record->name.n + record->txt.n;
	struct block *b = n > 0 ? block_with(a, n) : NULL;
	struct dns_record *mine;

	if ((n > 0 && b == NULL) || !room_for_record(a))
		return false;
	mine = &a->record[a->n++];
	*mine = *record;
	mine->name = copy_into(b, record->name);
	mine->txt = copy_into(b, record->txt);
	return true;
}

void
dns_answer_blame(struct dns_answer *a, enum dns_trouble trouble)
{
	if (a != NULL)
		a->trouble = (uint8_t)trouble;
}

void
dns_answer_credit(struct dns_answer *a, size_t server)
{
	if (a != NULL)
		a->server = (uint8_t)server;
}

size_t
dns_answer_credited(const struct dns_answer *a)
{
	return a->server;
}

enum dns_trouble
dns_answer_trouble(const struct dns_answer *a)
{
	return (enum dns_trouble)a->trouble;
}

struct dns_answer *
dns_answer_again(struct dns_answer *a, unsigned ttl)
{
	struct dns_answer *owner = a->of != NULL ? a->of : a;
	struct dns_answer *again = dns_answer_new(owner->status, ttl);

	if (again == NULL)
		return NULL;
	again->cached = true;
	again->trouble = owner->trouble;
	again->server = owner->server;
	again->of = dns_answer_hold(owner);
	return again;
}

struct dns_answer *
dns_answer_hold(struct dns_answer *a)
{
	atomic_fetch_add_explicit(&a->holds, 1, memory_order_relaxed);
	return a;
}

static void
free_blocks(struct block *b)
{
	struct block *next;

	for (; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
}

void
dns_answer_free(struct dns_answer *a)
{
	/* the last to let go must see what the others did before */
	if (a == NULL || atomic_fetch_sub_explicit(&a->holds, 1,
	    memory_order_acq_rel) > 1)
		return;
	dns_answer_free(a->of);
	free_blocks(a->block);
	free(a->record);
	free(a);
}

size_t
dns_answer_size(const struct dns_answer *a)
{
	size_t n = sizeof *a + a->room * sizeof *a->record;
	const struct block *b;

	for (b = a->block; b != NULL; b = b->next)
		n += sizeof *b + b->room;
	return n;
}

enum dns_status
dns_answer_status(const struct dns_answer *a)
{
	return a->status;
}

size_t
dns_answer_count(const struct dns_answer *a)
{
	return a->of != NULL ? a->of->n : a->n;
}

const struct dns_record *
dns_answer_at(const struct dns_answer *a, size_t i)
{
	return a->of != NULL ? &a->of->record[i] : &a->record[i];
}

bool
dns_answer_cached(const struct dns_answer *a)
{
	return a->cached;
}

unsigned
dns_answer_ttl(const struct dns_answer *a)
{
	return a->ttl;
}
