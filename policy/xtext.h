/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xtext.h - the encoding in which sendmail hands on identities: "+2B" for a
 * plus sign (RFC 3461 4).
 */
#ifndef POLICY_XTEXT_H
#define POLICY_XTEXT_H

#include "policy/text.h"

/*
 * Decode s into out[cap]; a plus sign without two hexadecimal digits in upper
 * case behind it stays.  The length, or cap + 1 when it does not fit.
 */
size_t xtext_decode(struct text s, char *out, size_t cap);

#endif
