/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_state.h - the file in which the policy of a directory outlives a
 * restart: what was told last, entry by entry, and the cookie to go on from.
 * It is text, so that it can be looked at, and ends in a checksum, so that it
 * is used as a whole or not at all:
 *
 *	relayguard state 2
 *	settings HEX              the search it is the answer to
 *	uris TEXT                 of the servers that were asked; escaped
 *	saved UNIX-TIME
 *	cookie TEXT               escaped; may be empty
 *	entry UUID DN             32 hex digits; the DN escaped
 *	relay example.org         the lines it made, see ldap_map.h
 *	end ENTRIES CRC32C        of all bytes before this line
 */
#ifndef CONF_POLICY_STATE_H
#define CONF_POLICY_STATE_H

#include <stdint.h>

#include "conf/complaint.h"
#include "policy/text.h"

#define POLICY_STATE_UUID 16 /* bytes */

/* A search, and who is asked. */
struct policy_search {
	struct text settings; /* a number, in hex, of all but the servers */
	struct text uris;     /* of the servers, with blanks in between */
};

struct policy_state {
	int64_t saved;      /* Unix time */
	struct text cookie; /* empty: none */
	size_t entries;
	char *rest;         /* what policy_state_next has yet to read */
	size_t rest_n;
};

struct policy_state_entry {
	unsigned char uuid[POLICY_STATE_UUID];
	struct text dn;
	struct text lines; /* each ended by LF; may be empty */
};

/*
 * Check content[0..n) from beginning to end.  False with an error in c when it
 * is damaged, or the answer to another search than ours: other settings, or not
 * one server in common.  name is the file in complaints.  All text points into
 * content, which is written to: escapes become their bytes.
 */
bool policy_state_read(char *content, size_t n, const char *name,
    const struct policy_search *ours, struct policy_state *out,
    struct complaints *c);

/* The next entry; false at the end. */
bool policy_state_next(struct policy_state *s, struct policy_state_entry *e);

/*
 * The parts of such a file, each into out[cap], LF included; the length, or 0
 * when it does not fit.  The lines of an entry stand behind its head as they
 * are.
 */
size_t policy_state_write_head(const struct policy_search *search,
    int64_t saved, struct text cookie, char *out, size_t cap);
size_t policy_state_write_entry(const unsigned char *uuid, struct text dn,
    char *out, size_t cap);
size_t policy_state_write_end(size_t entries, uint32_t crc, char *out,
    size_t cap);

/* Room that is always enough for text of n bytes in head or entry. */
#define POLICY_STATE_ROOM(n) (4 * (n) + 256)

#endif
