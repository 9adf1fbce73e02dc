/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_header.h - the result of SPF as header fields: Received-SPF (RFC 7208
 * 9.1) and Authentication-Results (RFC 8601).  Pure.
 *
 * A text is what stands behind the field's name and its colon, folded with
 * "\n\t" as libmilter wants it.  Whatever a client or an owner of a domain
 * wrote is printable in it, quoted, and cut at 256 bytes.
 */
#ifndef MILTER_ASK_SPF_HEADER_H
#define MILTER_ASK_SPF_HEADER_H

#include "milter/ask/spf.h"

/* An identity that was checked, and what came of it. */
struct spf_checked {
	struct spf_question question;
	struct spf_outcome outcome;
};

/* Longest text of either, with the NUL. */
#define SPF_HEADER_MAX 4096

/* Received-SPF, into out[SPF_HEADER_MAX]; returns its length. */
size_t spf_header_received(const struct spf_checked *c, char *out);

/*
 * Authentication-Results of n checks (none: "none") by authserv_id, our name;
 * into out[SPF_HEADER_MAX].  n is 2 at most.  Returns its length.
 */
size_t spf_header_results(struct text authserv_id, const struct spf_checked *c,
    size_t n, char *out);

#endif
