/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_losses.h - which values of a directory are worse off than some minutes
 * ago: granted no more, or denied.  A value that is as before again is none of
 * them.
 */
#ifndef SOURCE_LDAP_LOSSES_H
#define SOURCE_LDAP_LOSSES_H

#include "policy/policy.h"

struct losses;

/* NULL: no memory. */
struct losses *losses_new(void);
struct losses *losses_copy(const struct losses *l);
void losses_free(struct losses *l);

/*
 * Before was in force, after follows it.  touched has all values that may
 * differ between them; NULL for anything may.  What ends at or before soon
 * (Unix time) is as good as gone.  False: no memory.
 */
bool losses_compare(struct losses *l, const struct policy *before,
    const struct policy *after, const struct policy *touched, int64_t soon);

/* How many values that is, each as often as entries said it. */
size_t losses_sum(const struct losses *l);

/* How many there were at first, when values are in force now. */
size_t losses_of(const struct losses *l, size_t values);

#endif
