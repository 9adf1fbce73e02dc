/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/rule_modes.h"

const char *
rule_mode_text(enum rule_mode mode)
{
	switch (mode) {
	case RULE_ENFORCE:
		return "enforce";
	case RULE_MONITOR:
		return "monitor";
	case RULE_OFF:
		return "off";
	}
	return "unknown";
}

/* Has a rule spoken?  Without one a verdict to defer is trouble of ours. */
static bool
is_by_rule(const struct verdict *v)
{
	return v->action != VERDICT_ACCEPT && v->rule != NULL;
}

/* The row of a rule of the table. */
static size_t
row_of(const struct rule *rule)
{
	size_t i = 0;

	while (rules_at(i) != rule)
		i++;
	return i;
}

bool
rule_modes_set(struct rule_modes *m, struct text setting)
{
	size_t equals = text_find(setting, '=');
	const struct rule *rule = rules_find(text_cut(setting, 0, equals));
	enum rule_mode mode;

	if (rule == NULL || equals == setting.n)
		return false;
	setting = text_cut(setting, equals + 1, setting.n);
	for (mode = RULE_ENFORCE; mode <= RULE_OFF; mode++) {
		if (!text_equal(setting, text_of(rule_mode_text(mode))))
			continue;
		m->of[row_of(rule)] = (unsigned char)mode;
		return true;
	}
	return false;
}

enum rule_mode
rule_modes_apply(const struct rule_modes *m, struct verdict *v)
{
	enum rule_mode mode = RULE_ENFORCE;

	if (is_by_rule(v))
		mode = (enum rule_mode)m->of[row_of(v->rule)];
	if (mode < m->all)
		mode = m->all;
	if (mode == RULE_OFF && is_by_rule(v)) {
		v->action = VERDICT_ACCEPT;
		v->rule = NULL;
		if (v->n > 0) /* the last word was the rule's */
			v->reason[v->n - 1].kind = REASON_RULE_OFF;
	}
	return mode;
}

bool
rule_modes_off(const struct rule_modes *m, struct text id)
{
	const struct rule *rule = rules_find(id);

	return m->all == RULE_OFF ||
	    (rule != NULL && m->of[row_of(rule)] == RULE_OFF);
}
