/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule_modes.h - what becomes of a refusal, rule by rule: carried out, only
 * recorded, or dropped.  A rule that is off refuses nothing: what only it would
 * refuse passes the guard, and is granted nothing either.
 */
#ifndef POLICY_RULE_MODES_H
#define POLICY_RULE_MODES_H

#include "policy/verdict.h"

enum rule_mode {
	RULE_ENFORCE,
	RULE_MONITOR, /* record the refusal, let pass */
	RULE_OFF
};

/* More than the table has rows. */
#define RULE_MODES_MAX 64

/* All zero: everything is enforced. */
struct rule_modes {
	enum rule_mode all; /* RULE_MONITOR, RULE_OFF: what is enforced too */
	unsigned char of[RULE_MODES_MAX]; /* enum rule_mode, by row */
};

/* Read one setting, "P06=monitor"; false when it is none. */
bool rule_modes_set(struct rule_modes *m, struct text setting);

/*
 * What becomes of this verdict: RULE_MONITOR when a refusal is only recorded,
 * or everything is only watched.  A refusal, or a deferral, by a rule that is
 * off becomes VERDICT_ACCEPT here; its reasons stay, and say so.
 */
enum rule_mode rule_modes_apply(const struct rule_modes *m,
    struct verdict *v);

/* Is the rule with this id off?  It is as if it were not there. */
bool rule_modes_off(const struct rule_modes *m, struct text id);

/* "enforce", "monitor", "off". */
const char *rule_mode_text(enum rule_mode mode);

#endif
