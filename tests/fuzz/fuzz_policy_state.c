/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file that keeps a directory's policy: any bytes; and with the checksum
 * put right, so that what comes after it is reached.  What is accepted is
 * walked to its end and written back, byte for byte, and refused when it is cut
 * or changed anywhere.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf/crc32c.h"
#include "conf/policy_state.h"
#include "tests/fuzz/exact.h"

static const struct policy_search search = { { "0f", 2 },
	{ "ldap://a ldap://b", 17 } };

/* What is written, and the checksum of it. */
struct output {
	char *at;
	size_t n, cap;
};

static void
put(struct output *o, const char *from, size_t n)
{
	if (n > o->cap - o->n)
		abort();
	memcpy(o->at + o->n, from, n);
	o->n += n;
}

/* Write all of s anew; the file, to be freed. */
static struct output
write_back(struct policy_state *s, size_t size)
{
	struct output o = { malloc(POLICY_STATE_ROOM(size) + 64), 0,
		POLICY_STATE_ROOM(size) + 64 };
	char *room = malloc(POLICY_STATE_ROOM(size));
	struct policy_state_entry e;
	size_t n = 0;

	if (o.at == NULL || room == NULL)
		abort();
	put(&o, room, policy_state_write_head(&search, s->saved, s->cookie,
	    room, POLICY_STATE_ROOM(size)));
	while (policy_state_next(s, &e)) {
		put(&o, room, policy_state_write_entry(e.uuid, e.dn, room,
		    POLICY_STATE_ROOM(size)));
		put(&o, e.lines.at, e.lines.n);
		n++;
	}
	if (n != s->entries)
		abort();
	put(&o, room, policy_state_write_end(n, crc32c(0, (struct text){ o.at,
	    o.n }), room, POLICY_STATE_ROOM(size)));
	free(room);
	return o;
}

/*
 * Cut at a place, and with the byte there another one (not just in upper case:
 * "END" will do); place is any number.
 */
static void
check_damage(struct output *file, uint32_t place)
{
	size_t cuts[2] = { place % file->n, file->n };
	struct complaints c = { 0 };
	struct policy_state s;
	unsigned i;

	file->at[cuts[0]] ^= (char)(1 + place % 31);
	for (i = 0; i < 2; i++)
		if (policy_state_read(file->at, cuts[i], "damaged", &search,
		    &s, &c))
			abort();
	complaints_free(&c);
}

/* What was read is what is read again. */
static void
check(char *content, size_t n)
{
	struct complaints c = { 0 };
	struct policy_state s, again;
	struct output first, second;
	uint32_t crc;

	if (policy_state_read(content, n, "state", &search, &s, &c)) {
		first = write_back(&s, n);
		crc = crc32c(0, (struct text){ first.at, first.n });
		if (!policy_state_read(first.at, first.n, "again", &search,
		    &again, &c))
			abort();
		second = write_back(&again, first.n);
		/* unescaped in between, so compared by what it is written as */
		if (second.n != first.n ||
		    crc32c(0, (struct text){ second.at, second.n }) != crc)
			abort();
		check_damage(&second, crc);
		free(first.at);
		free(second.at);
	} else if (c.errors == 0) {
		abort(); /* refused without a word */
	}
	complaints_free(&c);
}

/* Put the right checksum behind the last "end N ", if there is room for it. */
static void
mend(char *content, size_t n)
{
	char crc[9];
	size_t at = n;

	if (n < 16 || content[n - 1] != '\n')
		return;
	for (at = n - 1; at > 0 && content[at - 1] != '\n';)
		at--;
	if (n - at < 14)
		return;
	snprintf(crc, sizeof crc, "%08x", crc32c(0, (struct text){ content,
	    at }));
	memcpy(content + n - 9, crc, 8);
}

static void
check_copy(const void *data, size_t size, bool mended)
{
	struct text copy = exact_copy(data, size);
	char *content = (void *)(uintptr_t)copy.at;

	if (mended)
		mend(content, size);
	check(content, size);
	exact_free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_copy(data, size, false);
	check_copy(data, size, true);
	return 0;
}
