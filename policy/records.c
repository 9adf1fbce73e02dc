/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/records.h"

#include <stdatomic.h>
#include <stdlib.h>

/*
 * Records lie in chunks that never move.  A number is the chunk and the place
 * in it, so there is no table to look it up in.
 */
#define ALIGN 8u
#define CHUNK_BYTES (65536u * ALIGN)
#define CHUNKS_MAX 4096u

struct record {
	unsigned char uuid[RECORD_UUID];
	uint32_t dn_n, lines_n;
	char text[];
};

struct records {
	atomic_uint users;
	unsigned chunks;
	size_t used; /* of the last chunk */
	size_t room; /* of the last chunk */
	size_t bytes;
	char *chunk[CHUNKS_MAX];
};

struct records *
records_new(void)
{
	struct records *r = calloc(1, sizeof *r);

	if (r != NULL)
		atomic_init(&r->users, 1);
	return r;
}

struct records *
records_hold(struct records *r)
{
	atomic_fetch_add(&r->users, 1);
	return r;
}

void
records_free(struct records *r)
{
	unsigned i;

	if (r == NULL || atomic_fetch_sub(&r->users, 1) > 1)
		return;
	for (i = 0; i < r->chunks; i++)
		free(r->chunk[i]);
	free(r);
}

/* Start a chunk for a record of this size; a large one gets its own. */
static bool
new_chunk(struct records *r, size_t size)
{
	/* number 0 is none: nothing stands at the start of the first */
	size_t start = r->chunks == 0 ? ALIGN : 0;
	size_t room = start + size > CHUNK_BYTES ? start + size : CHUNK_BYTES;

	if (r->chunks == CHUNKS_MAX)
		return false;
	r->chunk[r->chunks] = malloc(room);
	if (r->chunk[r->chunks] == NULL)
		return false;
	r->chunks++;
	r->used = start;
	r->room = room;
	r->bytes += room;
	return true;
}

/* Does a record of this size start where a number can still name it? */
static bool
has_room(const struct records *r, size_t size)
{
	return r->chunks > 0 && r->used < CHUNK_BYTES &&
	    size <= r->room - r->used;
}

uint32_t
records_add(struct records *r, const unsigned char *uuid, struct text dn,
    struct text lines)
{
	size_t size = sizeof(struct record) + dn.n + lines.n;
	struct record *rec;
	uint32_t number;

	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (dn.n > UINT32_MAX / 4 || lines.n > UINT32_MAX / 4 ||
	    (!has_room(r, size) && !new_chunk(r, size)))
		return 0;
	number = (r->chunks - 1) << 16 | (uint32_t)(r->used / ALIGN);
	rec = (struct record *)(void *)(r->chunk[r->chunks - 1] + r->used);
	r->used += size;
	memcpy(rec->uuid, uuid, sizeof rec->uuid);
	rec->dn_n = (uint32_t)dn.n;
	rec->lines_n = (uint32_t)lines.n;
	if (dn.n > 0)
		memcpy(rec->text, dn.at, dn.n);
	if (lines.n > 0)
		memcpy(rec->text + dn.n, lines.at, lines.n);
	return number;
}

static const struct record *
record_at(const struct records *r, uint32_t number)
{
	return (const struct record *)(const void *)(r->chunk[number >> 16] +
	    (size_t)(number & 0xffff) * ALIGN);
}

const unsigned char *
records_uuid(const struct records *r, uint32_t number)
{
	return record_at(r, number)->uuid;
}

struct text
records_dn(const struct records *r, uint32_t number)
{
	const struct record *rec = record_at(r, number);

	return (struct text){ rec->text, rec->dn_n };
}

struct text
records_lines(const struct records *r, uint32_t number)
{
	const struct record *rec = record_at(r, number);

	return (struct text){ rec->text + rec->dn_n, rec->lines_n };
}

size_t
records_bytes(const struct records *r)
{
	return sizeof *r + r->bytes;
}
