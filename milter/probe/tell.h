/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tell.h - what is done with a result: compared, printed, kept.
 */
#ifndef PROBE_TELL_H
#define PROBE_TELL_H

#include "milter/probe/compare.h"
#include "milter/probe/options.h"

/*
 * The earlier run to compare with, NULL when there is none; the caller frees
 * it.  OPTIONS_GO_ON, or the exit code after a complaint: better before all
 * the tests than after.
 */
int tell_earlier(const struct probe_options *o, struct comparison **out);

/* Compare with since (may be NULL), print, keep; the exit code. */
int tell_result(const struct probe_options *o, const struct probe_result *r,
    struct comparison *since);

#endif
