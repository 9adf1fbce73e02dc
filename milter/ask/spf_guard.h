/* SPDX-License-Identifier: BSD-2-Clause */
/* spf_guard.h - the border to libspf2; spf_guard.c alone includes it. */
#ifndef MILTER_ASK_SPF_GUARD_H
#define MILTER_ASK_SPF_GUARD_H

#include "milter/ask/spf_run.h"

/* Let libspf2 evaluate a check that was started. */
enum spf_result spf_guard_evaluate(struct spf_run *r);

#endif
