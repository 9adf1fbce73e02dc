/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_state.h - the last good policy of a directory on the disk, in the form
 * of policy_state.h.
 */
#ifndef SOURCE_LDAP_STATE_H
#define SOURCE_LDAP_STATE_H

#include "conf/policy_state.h"
#include "milter/bytes.h"
#include "milter/source/ldap_told.h"

/*
 * Read and check a file; the caller frees b->at, into which all text of state
 * points.  False with c told, unless there is no such file.
 */
bool ldap_state_read(const char *path, const struct policy_search *search,
    struct bytes *b, struct policy_state *state, struct complaints *c);

/* Write all of t, in the place of what was there; 0, or -1 with errno. */
int ldap_state_write(const char *path, const struct policy_search *search,
    const char *cookie, const struct told *t);

#endif
