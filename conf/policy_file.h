/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_file.h - the native policy file, relay.policy(5): one entry a line,
 * "local", "relay", "client" or "auth" and its value, then until= and note=.
 */
#ifndef CONF_POLICY_FILE_H
#define CONF_POLICY_FILE_H

#include "conf/complaint.h"
#include "policy/policy.h"

/*
 * Register name as a source of b and add every entry of content.  Every
 * mistake becomes an error in c; lines without mistake are added all the same,
 * so drop the builder when c->errors has grown.
 */
void policy_file_parse(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c);

/*
 * Add lines that have been read before, as entries of record number of a
 * directory; name is its DN in complaints.
 */
void policy_file_record(struct text lines, const char *name, unsigned source,
    unsigned number, struct policy_builder *b, struct complaints *c);

/*
 * Read one value, not empty, as it stands behind the word of e->kind, into *e
 * and add that; the rest of *e is the caller's.  The text of a mistake begins
 * with that word and the value.  Returns what policy_add did, or
 * POLICY_BAD_DOMAIN for a value of any kind that cannot be read.
 */
enum policy_error policy_file_add(struct policy_builder *b,
    struct policy_entry *e, struct text value, const char *name,
    struct complaints *c);

/*
 * Read "2031-12-31" (void from the end of that day) or
 * "2031-12-31T12:00:00Z" (void from then on), both UTC, into Unix time.
 */
bool policy_file_date(struct text s, int64_t *out);

#endif
