/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * effective.h - the policy of all sources that a configuration names, for the
 * commands that look at it once.
 */
#ifndef SOURCE_EFFECTIVE_H
#define SOURCE_EFFECTIVE_H

#include "conf/complaint.h"
#include "conf/conf.h"
#include "policy/policy.h"

/* Whom to ask for the part of a directory, if there is one. */
enum effective_way {
	EFFECTIVE_FILES, /* nobody: files only */
	EFFECTIVE_ASK,   /* the directory; when it does not answer, nobody */
	EFFECTIVE_DO     /* the directory, else what was saved last */
};

/*
 * NULL with c told what is wrong.  EFFECTIVE_DO tells in a note when it is not
 * what the directory says now.
 */
struct policy *effective_policy(const struct conf *conf,
    enum effective_way way, struct complaints *c);

#endif
