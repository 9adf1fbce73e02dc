/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * auth_results.h - who says to have written an Authentication-Results field
 * (RFC 8601 2.2)?  Pure.
 */
#ifndef MILTER_ASK_AUTH_RESULTS_H
#define MILTER_ASK_AUTH_RESULTS_H

#include <stdbool.h>

#include "policy/text.h"

/*
 * Does the text of such a field, as it came, say that authserv_id wrote it?
 * If that is our name it must be removed (section 5), and so must one that
 * cannot be read.  A name ends where no name goes on, whatever follows.
 */
bool auth_results_claim(struct text value, struct text authserv_id);

#endif
