/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reserved.h - names and addresses that are nobody's: a message sent there can
 * reach no third party.
 */
#ifndef PROBE_RESERVED_H
#define PROBE_RESERVED_H

#include "policy/network.h"

/*
 * Is this folded name one of RFC 2606 and RFC 6761: test, example, invalid,
 * localhost, example.com, example.net, example.org, or below one of them?
 */
bool reserved_domain(struct text name);

/*
 * Is this an address for documentation (RFC 5737, RFC 3849), or of this
 * machine alone (127.0.0.0/8, ::1)?
 */
bool reserved_address(const struct ip *ip);

#endif
