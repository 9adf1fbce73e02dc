/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * idn.h - international names in both spellings, RFC 5890 2.3.2.1: what the
 * policy says of "xn--bcher-kva.example" holds for the U-label too, and the
 * other way round.  Done when the policy is built, so that no lookup converts.
 * The DNS is asked about A-labels only.
 */
#ifndef MILTER_IDN_H
#define MILTER_IDN_H

#include "conf/complaint.h"
#include "policy/policy.h"

/*
 * Add the other spelling of every domain in b that has one, with the origin of
 * the first.  A name that is no valid international name is an error in c; in
 * a directory, where one entry must not hold up all others, it is a note, and
 * holds as it is spelled.
 */
void idn_add_spellings(struct policy_builder *b, struct complaints *c);

/*
 * A name with its U-labels as A-labels, which is ASCII, into
 * out[DOMAIN_MAX + 1]; false when there is no such spelling.
 */
bool idn_ascii(struct text name, char *out);

#endif
