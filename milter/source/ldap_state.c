/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_state.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "conf/crc32c.h"
#include "milter/new_file.h"

bool
ldap_state_read(const char *path, const struct policy_search *search,
    struct bytes *b, struct policy_state *state, struct complaints *c)
{
	if (bytes_read(path, b) != 0) {
		if (errno != ENOENT)
			complaint_add(c, COMPLAINT_ERROR, path, 0,
			    "cannot be read: %s", bytes_trouble(errno));
		return false;
	}
	if (policy_state_read(b->at, b->n, path, search, state, c))
		return true;
	free(b->at);
	return false;
}

/* A file under way, and the checksum of what has been written. */
struct output {
	FILE *to;
	uint32_t crc;
	bool good;
};

static void
put(struct output *o, struct text s)
{
	o->good = o->good && fwrite(s.at, 1, s.n, o->to) == s.n;
	o->crc = crc32c(o->crc, s);
}

/* A part that was made in room of cap bytes; 0 of them: it did not fit. */
static void
put_part(struct output *o, const char *room, size_t n)
{
	o->good = o->good && n > 0;
	put(o, (struct text){ room, n });
}

static void
put_record(struct output *o, const struct records *r, uint32_t number)
{
	struct text dn = records_dn(r, number);
	size_t cap = POLICY_STATE_ROOM(dn.n);
	char small[2048], *room = cap <= sizeof small ? small : malloc(cap);

	if (room == NULL) {
		o->good = false;
		return;
	}
	put_part(o, room, policy_state_write_entry(records_uuid(r, number), dn,
	    room, cap));
	put(o, records_lines(r, number));
	if (room != small)
		free(room);
}

static void
put_head(struct output *o, const struct policy_search *search,
    const char *cookie)
{
	size_t cap = POLICY_STATE_ROOM(strlen(cookie) +
	    search->settings.n + search->uris.n);
	char *room = malloc(cap);

	if (room == NULL) {
		o->good = false;
		return;
	}
	put_part(o, room, policy_state_write_head(search, time(NULL),
	    text_of(cookie), room, cap));
	free(room);
}

static void
put_all(struct output *o, const struct policy_search *search,
    const char *cookie, const struct told *t)
{
	size_t cursor = 0;
	uint32_t number;
	char end[64];

	put_head(o, search, cookie);
	while ((number = told_next(t, &cursor)) != 0)
		put_record(o, told_records(t), number);
	put_part(o, end, policy_state_write_end(told_count(t), o->crc, end,
	    sizeof end));
}

int
ldap_state_write(const char *path, const struct policy_search *search,
    const char *cookie, const struct told *t)
{
	struct output o = { .good = true };
	struct new_file n;

	if (new_file_begin(&n, path, 0640) != 0)
		return -1;
	o.to = n.to;
	put_all(&o, search, cookie, t);
	return new_file_end(&n, o.good, true);
}
