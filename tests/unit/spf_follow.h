/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_follow.h - an SPF check that is followed step by step: the account must
 * come to the same as the check, and the check must not be changed by it.
 */
#ifndef TESTS_SPF_FOLLOW_H
#define TESTS_SPF_FOLLOW_H

#include "milter/ask/spf.h"

/* As spf_check(); a step that cannot be right ends the program. */
void spf_follow(const struct spf_dns *dns, const struct spf_question *q,
    struct spf_outcome *out);

#endif
