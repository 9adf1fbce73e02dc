/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * escape.h - the one place where bytes from the wire become printable.
 * Whatever a client sent must not be able to end a log line, move a terminal's
 * cursor or break a JSON string, so every output goes through here.
 */
#ifndef POLICY_ESCAPE_H
#define POLICY_ESCAPE_H

#include "policy/text.h"

/*
 * Write in to out with every byte outside 0x20..0x7e, and the backslash, as
 * \xHH.  out is always NUL-terminated when cap > 0.  What does not fit is cut
 * at a whole escape and ends in "..." (when cap allows).  Returns the length
 * written, without the NUL.
 */
size_t escape_text(struct text in, char *out, size_t cap);

/*
 * The way back: \xHH becomes its byte, anything else stays.  out may be the
 * buffer in points into, because the result is never longer than the input.
 * Returns the length written; no NUL is added.
 */
size_t unescape_text(struct text in, char *out);

#endif
