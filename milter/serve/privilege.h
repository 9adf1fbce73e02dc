/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * privilege.h - become an ordinary user for good, and shut what an ordinary
 * daemon leaves open.
 */
#ifndef SERVE_PRIVILEGE_H
#define SERVE_PRIVILEGE_H

#include <stddef.h>

/*
 * When started as root, become user (name) with its groups, and prove that
 * there is no way back.  Otherwise, or when user is "", stay who we are.  0, or -1 with why[cap].
 */
int privilege_drop(const char *user, char *why, size_t cap);

/*
 * No core files (they would hold other people's mail addresses), no new
 * privileges, as many descriptors as the system lets us have up to 8192.
 */
void privilege_harden(void);

#endif
