/* SPDX-License-Identifier: BSD-2-Clause */
/* The access map: keys in lower case, the first of equals, many of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/access_map.h"

static struct access_map *map;

static int
set_up(void **state)
{
	(void)state;
	map = access_map_new(42);
	return map == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	access_map_free(map);
	return 0;
}

static void
add(const char *key, const char *value)
{
	assert_true(access_map_add(map, text_of(key), text_of(value)));
}

/* The value, or NULL when there is none. */
static const char *
find(const char *key)
{
	static char out[64];
	struct text value;

	if (!access_map_find(map, text_of(key), &value))
		return NULL;
	snprintf(out, sizeof out, "%.*s", (int)value.n,
	    value.n > 0 ? value.at : "");
	return out;
}

static void
test_find(void **state)
{
	(void)state;
	assert_null(find(""));
	assert_null(find("to:a.test"));
	add("To:A.Test", "RELAY");
	add("to:b.test", "");
	add("to:a.test", "REJECT"); /* too late */
	assert_string_equal(find("to:a.test"), "RELAY");
	assert_string_equal(find("to:b.test"), "");
	assert_null(find("To:A.Test")); /* sendmail asks in lower case */
	assert_null(find("to:a.tes"));
	assert_null(find("to:a.testx"));
	assert_int_equal(access_map_count(map), 2);
	add("", "empty");
	assert_string_equal(find(""), "empty");
	access_map_free(NULL);
}

#define MANY 5000

static void
test_many(void **state)
{
	char key[32], value[32];
	size_t i, before = access_map_bytes(map);

	(void)state;
	for (i = 0; i < MANY; i++) {
		snprintf(key, sizeof key, "Key%zu", i);
		snprintf(value, sizeof value, "value %zu", i);
		add(key, value);
	}
	assert_int_equal(access_map_count(map), MANY);
	for (i = 0; i < MANY; i++) {
		snprintf(key, sizeof key, "key%zu", i);
		snprintf(value, sizeof value, "value %zu", i);
		assert_string_equal(find(key), value);
	}
	assert_null(find("key5000"));
	/* all texts, and at most a slot of 24 bytes for 3/8 of an entry */
	assert_in_range(access_map_bytes(map) - before, MANY * 16,
	    MANY * (20 + 24 * 8 / 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
