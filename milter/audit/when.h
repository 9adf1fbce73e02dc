/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * when.h - the times of audit records: milliseconds since 1970 UTC, and
 * RFC 3339 as their text form.  Pure arithmetic, no time zone data, no clock.
 */
#ifndef AUDIT_WHEN_H
#define AUDIT_WHEN_H

#include <stdint.h>

#include "policy/text.h"

/* "2026-11-24T09:49:00.123Z" with the NUL. */
#define WHEN_TEXT_MAX 25

/* Text form, UTC, into out[WHEN_TEXT_MAX]; years outside 0..9999 wrap. */
const char *when_print(int64_t ms, char *out);

/* "2026-11-24 09:49" for tables, into out[WHEN_TEXT_MAX]. */
const char *when_print_minute(int64_t ms, char *out);

/*
 * Read an RFC 3339 date-time with any fraction and any offset.  False: *ms is
 * untouched.  A leap second counts as the second after it.
 */
bool when_parse(struct text s, int64_t *ms);

/*
 * Read what --since takes: an RFC 3339 date-time, YYYY-MM-DD (midnight UTC),
 * or a span before now: 90s, 30m, 24h, 7d, 2w.
 */
bool when_parse_since(struct text s, int64_t now, int64_t *ms);

#endif
