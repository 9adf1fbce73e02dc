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

/* Only the bytes of a slice count, not those behind it. */
static void
test_slices(void **state)
{
	static const struct text none = { NULL, 0 };
	struct text value;

	(void)state;
	assert_true(access_map_add(map, (struct text){ "abX", 2 },
	    (struct text){ "x", 1 }));
	assert_string_equal(find("ab"), "x");
	assert_null(find("abx"));
	assert_true(access_map_find(map, (struct text){ "abY", 2 }, &value));
	assert_true(access_map_add(map, TEXT("to"), none));
	assert_string_equal(find("to"), "");
	assert_true(access_map_add(map, none, none));
	assert_string_equal(find(""), "");
}

/* However many keys there are, what is not among them is not found. */
static void
test_absent(void **state)
{
	char key[16];
	unsigned i;

	(void)state;
	for (i = 0; i < 300; i++) {
		snprintf(key, sizeof key, "%u", i);
		assert_null(find(key));
		add(key, "");
		assert_string_equal(find(key), "");
		assert_null(find("absent"));
	}
}

/* A byte for each of key and value, and one more. */
static void
test_bytes(void **state)
{
	size_t before = access_map_bytes(map);

	(void)state;
	add("abc", "de");
	assert_int_equal(access_map_bytes(map), before + 6);
	add("abc", "fghi");
	assert_int_equal(access_map_bytes(map), before + 6);
	add("x", "");
	assert_int_equal(access_map_bytes(map), before + 8);
}

#define MANY 20000

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
	assert_null(find("key20000"));
	/* all texts, and at most a slot of 24 bytes for 3/8 of an entry */
	assert_in_range(access_map_bytes(map) - before, MANY * 16,
	    MANY * (20 + 24 * 8 / 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_slices, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_absent, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
