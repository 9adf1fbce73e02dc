/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_write.h - the way back of policy_file.h: one entry as a line of
 * relay.policy(5) that reads back to the same entry.  What that format cannot
 * say is an error, never a line that says something else.
 */
#ifndef CONF_POLICY_WRITE_H
#define CONF_POLICY_WRITE_H

#include "conf/lines.h"
#include "policy/policy.h"

enum policy_write_error {
	POLICY_WRITE_OK = 0,
	POLICY_WRITE_SPAN,     /* SPAN_BOTH takes two lines */
	POLICY_WRITE_IDENTITY, /* blanks, control characters or '#' in front */
	POLICY_WRITE_NETWORK,  /* a literal of ours that is a whole network */
	POLICY_WRITE_UNTIL,    /* outside the years 1970 to 9999 */
	POLICY_WRITE_NOTE,     /* a double quote or control characters */
	POLICY_WRITE_LONG      /* over LINE_MAX_BYTES */
};
const char *policy_write_error_text(enum policy_write_error e);

/* Room for the longest line: no LF, but a NUL. */
#define POLICY_LINE_MAX (LINE_MAX_BYTES + 1)

/* Write the entry to out[POLICY_LINE_MAX]; "" on any error. */
enum policy_write_error policy_write(const struct policy_entry *e, char *out);

/* The word an entry of this kind begins with: "relay". */
const char *policy_write_kind(enum policy_kind kind);

/* Room for the longest value, with the NUL. */
#define POLICY_VALUE_MAX 264

/*
 * The value alone into out[POLICY_VALUE_MAX]: "example.org", ".example.org"
 * (names below), "[192.0.2.1]", "10.0.0.0/8".  SPAN_BOTH looks like SPAN_SELF.
 * The bytes are as in the policy: escape them before a person sees them.
 */
const char *policy_write_value(const struct policy_entry *e, char *out);

/* "9999-12-31T23:59:59Z" with the NUL. */
#define POLICY_DATE_MAX 21

/*
 * The way back of policy_file_date, in the shorter of its two forms, into
 * out[POLICY_DATE_MAX].  False when there is none; then out is "".
 */
bool policy_write_date(int64_t until, char *out);

#endif
