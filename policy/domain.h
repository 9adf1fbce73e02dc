/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domain.h - host names as mail uses them: check, fold to one spelling,
 * compare by labels.  RFC 5321 4.1.2 and RFC 1123 2.1, plus the underscore
 * that real mail carries, plus U-labels (RFC 5890 2.3.2.1) byte by byte: they
 * are lower case by definition, and a policy holds both spellings of a name.
 */
#ifndef POLICY_DOMAIN_H
#define POLICY_DOMAIN_H

#include "policy/text.h"

/* Longest host name in its text form, RFC 1035 3.1. */
#define DOMAIN_MAX 253

/*
 * Write name to out[DOMAIN_MAX] in the one spelling that all comparisons use:
 * lower case, without a trailing dot.  Returns its length, or 0 when name is
 * not a host name (empty, a label empty or over 63 bytes, over 253 bytes, or
 * an ASCII byte other than letter, digit, hyphen, underscore, dot).
 */
size_t domain_fold(struct text name, char *out);

/* Is folded name the folded parent itself or below it, label by label? */
bool domain_is_under(struct text name, struct text parent);

/* Does the folded name consist of a single label ("com", "localhost")? */
bool domain_is_single_label(struct text name);

#endif
