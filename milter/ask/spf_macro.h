/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_macro.h - the macros of SPF (RFC 7208 7): their grammar, and what they
 * stand for.  Pure: text in, text out, no allocation.
 */
#ifndef MILTER_ASK_SPF_MACRO_H
#define MILTER_ASK_SPF_MACRO_H

#include <stdint.h>

#include "policy/network.h"

/* What the letters stand for; an absent one is the empty text. */
struct spf_macro_values {
	struct text sender;        /* s */
	struct text local;         /* l */
	struct text sender_domain; /* o */
	struct text domain;        /* d: whose record it is */
	struct text name;          /* p: the validated name of the client */
	struct text helo;          /* h */
	struct text host;          /* r: our own name */
	struct ip client;          /* i, c, v */
	int64_t now;               /* t: seconds since 1970 */
};

/* Is s a macro-string?  An explanation may have blanks and the letters crt. */
bool spf_macro_valid(struct text s, bool explanation);

/* Is s a domain-spec (7.1): does it end in a macro or in a plausible TLD? */
bool spf_macro_domain_valid(struct text s);

/* Does s name %{p}, for which the DNS must be asked? */
bool spf_macro_wants_name(struct text s);

/*
 * Expand a valid explanation into out[cap]; what does not fit is left out.
 * The bytes are as they come: escape them before anybody sees them.  Returns
 * the length; no NUL is added.
 */
size_t spf_macro_expand(struct text s, const struct spf_macro_values *v,
    char *out, size_t cap);

/*
 * Expand a valid domain-spec into a name for a question, out[DOMAIN_MAX]:
 * without the dot at its end, and without as many labels on the left as it
 * takes to fit (7.3).  Returns the length, or 0 when there can be no such
 * name: a label is empty or longer than 63 bytes, or a macro stands for a local
 * part beyond ASCII (RFC 8616 4).
 */
size_t spf_macro_expand_domain(struct text s, const struct spf_macro_values *v,
    char *out);

#endif
