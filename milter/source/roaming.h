/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * roaming.h - clients that have logged in lately (over IMAP or POP) and may
 * relay for a while: the successor of the paper's POP-before-SMTP.  They stand
 * in one file of `client` entries, each with an until=, in the format of
 * relay.policy(5).  `relayguard roaming` changes it, one change at a time and
 * as a whole; the guard looks at it every second.
 */
#ifndef SOURCE_ROAMING_H
#define SOURCE_ROAMING_H

#include <sys/stat.h>

#include "conf/complaint.h"
#include "policy/policy.h"

/* More are refused: each change writes the whole file. */
#define ROAMING_MAX 20000

/*
 * Read the file; one that is missing is empty.  NULL with complaints added
 * when there is any mistake: an entry of another kind, a network, no until=.
 */
struct policy *roaming_read(const char *path, struct complaints *c);

/*
 * Is the file another than seen tells, from {0} on?  Then seen is brought up to
 * date.  A change always makes a new file.
 */
bool roaming_changed(const char *path, struct stat *seen);

/* relayguard roaming [-c FILE] add|drop|list ... */
int roaming_command(int argc, char **argv);

#endif
