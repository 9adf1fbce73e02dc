/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_told.h"

#include <stdlib.h>

#include "policy/hash.h"

#define DROPPED UINT32_MAX /* a slot whose entry is gone; no record's number */
#define LOOSE_BYTES 4194304 /* below that nothing is worth a copy */

struct told {
	struct records *records;
	uint32_t *slot;      /* slots of them, a power of two: records */
	unsigned char *mark; /* one for each slot */
	size_t slots;
	size_t used; /* slots not 0 */
	size_t n;    /* of those, not DROPPED */
	size_t bytes; /* what the records of all entries take, about */
};

#define SLOTS_MIN 64

static bool
set_slots(struct told *t, size_t slots)
{
	t->slot = calloc(slots, sizeof *t->slot);
	t->mark = calloc(slots, 1);
	t->slots = slots;
	return t->slot != NULL && t->mark != NULL;
}

struct told *
told_new(void)
{
	struct told *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->records = records_new();
	if (t->records != NULL && set_slots(t, SLOTS_MIN))
		return t;
	told_free(t);
	return NULL;
}

void
told_free(struct told *t)
{
	if (t == NULL)
		return;
	records_free(t->records);
	free(t->slot);
	free(t->mark);
	free(t);
}

struct told *
told_copy(const struct told *t)
{
	struct told *copy = calloc(1, sizeof *copy);

	if (copy == NULL)
		return NULL;
	*copy = *t;
	records_hold(t->records);
	if (!set_slots(copy, t->slots)) {
		told_free(copy);
		return NULL;
	}
	memcpy(copy->slot, t->slot, t->slots * sizeof *t->slot);
	memcpy(copy->mark, t->mark, t->slots);
	return copy;
}

static size_t
size_of(const struct records *r, uint32_t number)
{
	return RECORD_UUID + 8 + records_dn(r, number).n +
	    records_lines(r, number).n;
}

struct told *
told_compact(const struct told *t)
{
	struct told *tight = told_new();
	size_t cursor = 0;
	uint32_t r;

	while (tight != NULL && (r = told_next(t, &cursor)) != 0)
		if (told_put(tight, records_uuid(t->records, r),
		    records_dn(t->records, r),
		    records_lines(t->records, r)) == 0) {
			told_free(tight);
			return NULL;
		}
	return tight;
}

bool
told_is_loose(const struct told *t)
{
	return records_bytes(t->records) > 2 * t->bytes + LOOSE_BYTES;
}

static size_t
start_of(const struct told *t, const unsigned char *uuid)
{
	struct text s = { (const char *)uuid, RECORD_UUID };

	return (size_t)hash_text(0, s) & (t->slots - 1);
}

/* The slot of this entry, or the free one where the search for it ended. */
static size_t
find(const struct told *t, const unsigned char *uuid)
{
	size_t at = start_of(t, uuid);

	while (t->slot[at] != 0 && (t->slot[at] == DROPPED ||
	    memcmp(records_uuid(t->records, t->slot[at]), uuid,
	    RECORD_UUID) != 0))
		at = (at + 1) & (t->slots - 1);
	return at;
}

static bool
grow(struct told *t)
{
	struct told old = *t;
	size_t i, at, slots = t->n * 2 < t->slots ? t->slots : t->slots * 2;

	if (!set_slots(t, slots)) {
		free(t->slot);
		free(t->mark);
		*t = old;
		return false;
	}
	for (i = 0; i < old.slots; i++) {
		if (old.slot[i] == 0 || old.slot[i] == DROPPED)
			continue;
		at = find(t, records_uuid(t->records, old.slot[i]));
		t->slot[at] = old.slot[i];
		t->mark[at] = old.mark[i];
	}
	t->used = t->n;
	free(old.slot);
	free(old.mark);
	return true;
}

uint32_t
told_put(struct told *t, const unsigned char *uuid, struct text dn,
    struct text lines)
{
	uint32_t number;
	size_t at;

	if (t->used * 4 >= t->slots * 3 && !grow(t))
		return 0;
	number = records_add(t->records, uuid, dn, lines);
	if (number == 0)
		return 0;
	at = find(t, uuid);
	if (t->slot[at] == 0) {
		t->used++;
		t->n++;
	} else {
		t->bytes -= size_of(t->records, t->slot[at]);
	}
	t->bytes += size_of(t->records, number);
	t->slot[at] = number;
	t->mark[at] = 1;
	return number;
}

uint32_t
told_get(const struct told *t, const unsigned char *uuid)
{
	return t->slot[find(t, uuid)];
}

uint32_t
told_drop(struct told *t, const unsigned char *uuid)
{
	size_t at = find(t, uuid);
	uint32_t number = t->slot[at];

	if (number == 0)
		return 0;
	t->bytes -= size_of(t->records, number);
	t->slot[at] = DROPPED;
	t->mark[at] = 0;
	t->n--;
	return number;
}

void
told_begin(struct told *t)
{
	memset(t->mark, 0, t->slots);
}

void
told_mark(struct told *t, const unsigned char *uuid)
{
	size_t at = find(t, uuid);

	if (t->slot[at] != 0)
		t->mark[at] = 1;
}

static uint32_t
next(const struct told *t, size_t *cursor, bool unmarked)
{
	size_t at;

	while (*cursor < t->slots) {
		at = (*cursor)++;
		if (t->slot[at] != 0 && t->slot[at] != DROPPED &&
		    !(unmarked && t->mark[at]))
			return t->slot[at];
	}
	return 0;
}

uint32_t
told_next(const struct told *t, size_t *cursor)
{
	return next(t, cursor, false);
}

uint32_t
told_next_unmarked(const struct told *t, size_t *cursor)
{
	return next(t, cursor, true);
}

size_t
told_count(const struct told *t)
{
	return t->n;
}

struct records *
told_records(const struct told *t)
{
	return t->records;
}
