/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/keep.h"

#include "milter/new_file.h"

bool
keep_result(const char *path, const struct probe_result *r)
{
	struct report_options o = { .dialogue = DIALOGUE_NOTABLE };
	struct new_file n;
	bool good;

	if (r->verdict == PROBE_INVALID)
		return true;
	if (new_file_begin(&n, path, 0640) != 0)
		return false;
	good = report_print(FORMAT_JSON, r, &o, n.to) == 0;
	return new_file_end(&n, good, true) == 0 && good;
}
