/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trust.h - may this client relay anywhere?  By what it authenticated as, or
 * by its address; never by a name.
 */
#ifndef POLICY_TRUST_H
#define POLICY_TRUST_H

#include "policy/court.h"

/* Says why in the chain of reasons, whatever the answer. */
bool trust_client(struct court *c);

#endif
