/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netstring.h - "LENGTH:BYTES,", the frame of socketmap requests and replies
 * (D. J. Bernstein, 1997; sendmail's operations guide, socket map).
 */
#ifndef MILTER_NETSTRING_H
#define MILTER_NETSTRING_H

#include "policy/text.h"

enum netstring_state {
	NETSTRING_WHOLE,
	NETSTRING_MORE, /* good so far, but not yet all there */
	NETSTRING_BAD   /* not a netstring, or longer than allowed */
};

/*
 * Look for one netstring of at most most bytes at the start of bytes.
 * NETSTRING_WHOLE: *payload is what it holds (borrowed), *used how many bytes
 * it took with its frame.
 */
enum netstring_state netstring_read(struct text bytes, size_t most,
    struct text *payload, size_t *used);

/*
 * Write payload as a netstring into out[cap]; how many bytes that were, or 0
 * when it does not fit.
 */
size_t netstring_write(struct text payload, char *out, size_t cap);

#endif
