/* SPDX-License-Identifier: BSD-2-Clause */
/* policy_confirm.h - relayguard policy confirm: let in what is held. */
#ifndef SOURCE_POLICY_CONFIRM_H
#define SOURCE_POLICY_CONFIRM_H

/*
 * Tell the guard that the configuration at path (NULL: the default) starts to
 * put in force what it holds, and wait until it has: an exit status.
 */
int policy_confirm(const char *path);

#endif
