/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a refusal: settings, and their effect on a verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/rule_modes.h"

static struct verdict
refusal(const char *id)
{
	return (struct verdict){ .action = VERDICT_REFUSE,
		.rule = rules_find(text_of(id)) };
}

static void
test_settings(void **state)
{
	static const char *const wrong[] = { "", "P06", "P06=", "=off",
		"P66=off", "P06=of", "P06=offf", "P06 =off", "P06=OFF" };
	struct rule_modes m = { 0 };
	struct verdict v = refusal("P06");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(rule_modes_set(&m, text_of(wrong[i])));
	assert_int_equal(rule_modes_apply(&m, &v), RULE_ENFORCE);
	assert_true(rule_modes_set(&m, TEXT("P06=monitor")));
	assert_int_equal(rule_modes_apply(&m, &v), RULE_MONITOR);
	assert_true(rule_modes_set(&m, TEXT("p06=enforce")));
	assert_int_equal(rule_modes_apply(&m, &v), RULE_ENFORCE);
	assert_string_equal(rule_mode_text((enum rule_mode)9), "unknown");
}

/* Every rule has a mode of its own. */
static void
test_rules_are_independent(void **state)
{
	struct rule_modes m;
	struct verdict v;
	char setting[16];
	size_t i, k;

	(void)state;
	assert_true(rules_count() <= RULE_MODES_MAX);
	for (i = 0; i < rules_count(); i++) {
		m = (struct rule_modes){ 0 };
		snprintf(setting, sizeof setting, "%s=off", rules_at(i)->id);
		assert_true(rule_modes_set(&m, text_of(setting)));
		assert_int_equal(m.of[i], RULE_OFF);
		for (k = 0; k < rules_count(); k++) {
			assert_int_equal(rule_modes_off(&m,
			    text_of(rules_at(k)->id)), k == i);
			v = refusal(rules_at(k)->id);
			assert_int_equal(rule_modes_apply(&m, &v),
			    k == i ? RULE_OFF : RULE_ENFORCE);
			assert_int_equal(v.action, k == i ? VERDICT_ACCEPT :
			    VERDICT_REFUSE);
		}
	}
}

/* Monitor mode for all watches everything, but what is off stays off. */
static void
test_monitor_all(void **state)
{
	struct rule_modes m = { .all = RULE_MONITOR };
	struct verdict v = refusal("P08"), off = refusal("P09"),
	    defer = { .action = VERDICT_DEFER },
	    accept = { .action = VERDICT_ACCEPT };

	(void)state;
	rule_modes_set(&m, TEXT("P09=off"));
	assert_true(rule_modes_off(&m, TEXT("P09")));
	assert_false(rule_modes_off(&m, TEXT("P08")));
	assert_false(rule_modes_off(&m, TEXT("P66")));
	m.all = RULE_OFF;
	assert_true(rule_modes_off(&m, TEXT("P08")));
	m.all = RULE_MONITOR;
	assert_int_equal(rule_modes_apply(&m, &v), RULE_MONITOR);
	assert_int_equal(v.action, VERDICT_REFUSE);
	assert_int_equal(rule_modes_apply(&m, &off), RULE_OFF);
	assert_int_equal(off.action, VERDICT_ACCEPT);
	assert_null(off.rule);
	assert_int_equal(rule_modes_apply(&m, &accept), RULE_MONITOR);
	assert_int_equal(rule_modes_apply(&m, &defer), RULE_MONITOR);
	assert_int_equal(defer.action, VERDICT_DEFER);
}

/* A rule that says "try again later" has a mode, too; our trouble has none. */
static void
test_deferral(void **state)
{
	struct rule_modes m = { 0 };
	struct verdict v = { .action = VERDICT_DEFER,
		.rule = rules_find(TEXT("S07")) };

	(void)state;
	assert_int_equal(rule_modes_apply(&m, &v), RULE_ENFORCE);
	rule_modes_set(&m, TEXT("S07=monitor"));
	assert_int_equal(rule_modes_apply(&m, &v), RULE_MONITOR);
	assert_int_equal(v.action, VERDICT_DEFER);
	rule_modes_set(&m, TEXT("S07=off"));
	assert_int_equal(rule_modes_apply(&m, &v), RULE_OFF);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	assert_null(v.rule);
}

static void
test_all_off(void **state)
{
	struct rule_modes m = { .all = RULE_OFF };
	struct verdict v = refusal("P08"), defer = { .action = VERDICT_DEFER };

	(void)state;
	rule_modes_set(&m, TEXT("P08=enforce"));
	assert_int_equal(rule_modes_apply(&m, &v), RULE_OFF);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	rule_modes_apply(&m, &defer);
	assert_int_equal(defer.action, VERDICT_DEFER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_rules_are_independent),
		cmocka_unit_test(test_monitor_all),
		cmocka_unit_test(test_deferral),
		cmocka_unit_test(test_all_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
