/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trust.h - may this client relay anywhere, or to some domains more than
 * others may?  By its address, by having logged in from there lately, by what
 * it authenticated as, by its certificate; by its name only where the
 * postmaster insists.  A denial of any of these goes before all grants.
 */
#ifndef POLICY_TRUST_H
#define POLICY_TRUST_H

#include "policy/court.h"

/*
 * True: anywhere.  Otherwise c->only lists the domains.  Says why in the chain
 * of reasons, whatever the answer.
 */
bool trust_client(struct court *c);

#endif
