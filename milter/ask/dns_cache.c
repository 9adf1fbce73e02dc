/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "milter/ask/dns_answer.h"
#include "policy/hash.h"

#define SHARDS 16
#define ENTRY_USUAL 512 /* bytes of one, to size the tables */
/* what malloc adds: to the entry, its answer, its records, their texts */
#define MALLOC_ADDS (4 * 16)

struct entry {
	struct entry *next;           /* in its bucket */
	struct entry *newer, *older;  /* by when it was asked for */
	uint64_t hash;
	int64_t expires_ms;
	struct dns_answer *answer;
	size_t bytes;
	enum dns_type type;
	size_t n;
	char name[];
};

struct shard {
	pthread_mutex_t lock;
	struct entry **bucket;
	struct entry *newest, *oldest;
	struct dns_cache_stats stats;
};

struct dns_cache {
	uint64_t seed;
	size_t shard_bytes;
	size_t buckets; /* of one shard; a power of two */
	struct shard shard[SHARDS];
};

/* ---- within a shard, its lock held ---------------------------------------- */

static struct entry **
bucket_of(struct dns_cache *c, struct shard *s, uint64_t hash)
{
	/* the lowest bits chose the shard */
	return &s->bucket[hash / SHARDS & (c->buckets - 1)];
}

static bool
is_about(const struct entry *e, uint64_t hash, const struct dns_question *q)
{
	return e->hash == hash && e->type == q->type &&
	    text_equal((struct text){ e->name, e->n }, dns_question_name(q));
}

static struct entry *
find(struct dns_cache *c, struct shard *s, uint64_t hash,
    const struct dns_question *q)
{
	struct entry *e = *bucket_of(c, s, hash);

	while (e != NULL && !is_about(e, hash, q))
		e = e->next;
	return e;
}

static void
take_out_of_order(struct shard *s, struct entry *e)
{
	*(e->newer != NULL ? &e->newer->older : &s->newest) = e->older;
	*(e->older != NULL ? &e->older->newer : &s->oldest) = e->newer;
}

static void
make_newest(struct shard *s, struct entry *e)
{
	e->newer = NULL;
	e->older = s->newest;
	*(e->older != NULL ? &e->older->newer : &s->oldest) = e;
	s->newest = e;
}

static void
drop(struct dns_cache *c, struct shard *s, struct entry *e)
{
	struct entry **at = bucket_of(c, s, e->hash);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	take_out_of_order(s, e);
	s->stats.entries--;
	s->stats.bytes -= e->bytes;
	dns_answer_free(e->answer);
	free(e);
}

static void
add(struct dns_cache *c, struct shard *s, struct entry *e, int64_t now_ms)
{
	struct entry **bucket = bucket_of(c, s, e->hash);

	while (s->stats.bytes + e->bytes > c->shard_bytes) {
		if (s->oldest->expires_ms > now_ms)
			s->stats.evicted++;
		drop(c, s, s->oldest);
	}
	e->next = *bucket;
	*bucket = e;
	make_newest(s, e);
	s->stats.entries++;
	s->stats.bytes += e->bytes;
}

/* ---- all of it --------------------------------------------------------------- */

static size_t
power_of_two(size_t least)
{
	size_t n = 1;

	while (n < least)
		n *= 2;
	return n;
}

struct dns_cache *
dns_cache_new(size_t bytes, uint64_t seed)
{
	struct dns_cache *c = calloc(1, sizeof *c);
	size_t i;

	if (c == NULL)
		return NULL;
	c->seed = seed;
	c->shard_bytes = bytes / SHARDS;
	c->buckets = power_of_two(c->shard_bytes / ENTRY_USUAL);
	for (i = 0; i < SHARDS; i++) {
		/* without attributes this cannot fail on Linux */
		pthread_mutex_init(&c->shard[i].lock, NULL);
		c->shard[i].bucket = calloc(c->buckets,
		    sizeof *c->shard[i].bucket);
		if (c->shard[i].bucket == NULL) {
			dns_cache_free(c);
			return NULL;
		}
	}
	return c;
}

void
dns_cache_clear(struct dns_cache *c)
{
	struct shard *s;

	for (s = c->shard; s < c->shard + SHARDS; s++) {
		pthread_mutex_lock(&s->lock);
		while (s->oldest != NULL)
			drop(c, s, s->oldest);
		pthread_mutex_unlock(&s->lock);
	}
}

void
dns_cache_free(struct dns_cache *c)
{
	size_t i;

	if (c == NULL)
		return;
	/* after a shard without buckets there are none with a lock */
	for (i = 0; i < SHARDS && c->shard[i].bucket != NULL; i++) {
		while (c->shard[i].oldest != NULL)
			drop(c, &c->shard[i], c->shard[i].oldest);
		free(c->shard[i].bucket);
		pthread_mutex_destroy(&c->shard[i].lock);
	}
	free(c);
}

static uint64_t
hash_of(const struct dns_cache *c, const struct dns_question *q)
{
	return hash_text(c->seed ^ (uint64_t)q->type << 32,
	    dns_question_name(q));
}

static unsigned
seconds_left(const struct entry *e, int64_t now_ms)
{
	return (unsigned)((e->expires_ms - now_ms + 999) / 1000);
}

struct dns_answer *
dns_cache_get(struct dns_cache *c, const struct dns_question *q,
    int64_t now_ms)
{
	uint64_t hash = hash_of(c, q);
	struct shard *s = &c->shard[hash % SHARDS];
	struct dns_answer *answer = NULL;
	struct entry *e;

	pthread_mutex_lock(&s->lock);
	e = find(c, s, hash, q);
	if (e != NULL && e->expires_ms <= now_ms) {
		drop(c, s, e);
	} else if (e != NULL) {
		take_out_of_order(s, e);
		make_newest(s, e);
		answer = dns_answer_again(e->answer, seconds_left(e, now_ms));
	}
	pthread_mutex_unlock(&s->lock);
	return answer;
}

/* An entry of its own memory, in no shard yet. */
static struct entry *
new_entry(const struct dns_question *q, uint64_t hash,
    struct dns_answer *answer, int64_t now_ms)
{
	struct entry *e = malloc(sizeof *e + q->n);

	if (e == NULL)
		return NULL;
	*e = (struct entry){ .hash = hash, .type = q->type, .n = q->n,
		.expires_ms = now_ms + (int64_t)dns_answer_ttl(answer) * 1000,
		.answer = dns_answer_hold(answer),
		.bytes = sizeof *e + q->n + dns_answer_size(answer) +
		    MALLOC_ADDS };
	memcpy(e->name, q->name, q->n);
	return e;
}

void
dns_cache_put(struct dns_cache *c, const struct dns_question *q,
    struct dns_answer *answer, int64_t now_ms)
{
	uint64_t hash = hash_of(c, q);
	struct shard *s = &c->shard[hash % SHARDS];
	struct entry *e, *old;

	if (dns_answer_ttl(answer) == 0)
		return;
	e = new_entry(q, hash, answer, now_ms);
	if (e == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	old = find(c, s, hash, q);
	if (old != NULL)
		drop(c, s, old);
	if (e->bytes <= c->shard_bytes) {
		add(c, s, e, now_ms);
		e = NULL;
	}
	pthread_mutex_unlock(&s->lock);
	if (e != NULL)
		dns_answer_free(e->answer);
	free(e);
}

void
dns_cache_stats(struct dns_cache *c, struct dns_cache_stats *out)
{
	struct shard *s;

	*out = (struct dns_cache_stats){ 0 };
	for (s = c->shard; s < c->shard + SHARDS; s++) {
		pthread_mutex_lock(&s->lock);
		out->evicted += s->stats.evicted;
		out->entries += s->stats.entries;
		out->bytes += s->stats.bytes;
		pthread_mutex_unlock(&s->lock);
	}
}
