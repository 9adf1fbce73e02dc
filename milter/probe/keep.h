/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keep.h - the last result, kept in a file for the next run to compare with.
 */
#ifndef PROBE_KEEP_H
#define PROBE_KEEP_H

#include "milter/probe/compare.h"

/*
 * Put r in the place of what was kept at this absolute path.  A result that
 * is not valid tells nothing and is not kept: true, and the old one stays.
 * False, with errno, when it could not be written; the old one stays, too.
 */
bool keep_result(const char *path, const struct probe_result *r);

#endif
