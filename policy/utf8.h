/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * utf8.h - text beyond ASCII as SMTPUTF8 allows it in addresses (RFC 6531).
 */
#ifndef POLICY_UTF8_H
#define POLICY_UTF8_H

#include "policy/text.h"

/*
 * The length in bytes of the character beyond ASCII at s[i] (RFC 3629 4), or 0
 * when there is none: ASCII, cut short, overlong, a surrogate, over U+10FFFF,
 * or a C1 control.  i < s.n.
 */
size_t utf8_length(struct text s, size_t i);

#endif
