/* SPDX-License-Identifier: BSD-2-Clause */
/* Cookies of content sync: the vectors, and the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/source/ldap_cookie.h"
#include "tests/unit/vectors.h"

/* A field with its change numbers written out, in a buffer of exact size. */
static struct text
expand(struct text field)
{
	char *out = malloc(field.n * 6 + 1);
	size_t i = 0, n = 0;

	assert_non_null(out);
	while (i < field.n) {
		if (field.at[i] != '<') {
			out[n++] = field.at[i++];
			continue;
		}
		n += (size_t)sprintf(out + n,
		    "202611241030%.2s.000000Z#000000#%.3s#000000",
		    field.at + i + 5, field.at + i + 1);
		i += 8;
	}
	return (struct text){ realloc(out, n > 0 ? n : 1), n };
}

static const char *
merge(const struct vector *v)
{
	static char said[400];
	struct ldap_cookie c = { .n = 0 };
	struct text field[3];
	bool same;
	int i;

	if (v->n != 3)
		return "three fields are needed";
	for (i = 0; i < 3; i++)
		field[i] = expand(v->field[i]);
	memcpy(c.at, field[0].at, field[0].n);
	c.n = field[0].n;
	ldap_cookie_merge(&c, field[1]);
	same = text_equal(ldap_cookie_text(&c), field[2]) &&
	    c.at[c.n] == '\0';
	snprintf(said, sizeof said, "got %.*s", (int)c.n, c.at);
	for (i = 0; i < 3; i++)
		free((void *)(size_t)field[i].at);
	return same ? NULL : said;
}

static void
test_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("ldap_cookie.txt", merge), 0);
}

/* A cookie of one server, as it comes with a change. */
static struct text
change_of(unsigned sid, unsigned second, char *out, size_t size)
{
	int n = snprintf(out, size, "rid=000,sid=%03x,csn=202611241030%02u"
	    ".000000Z#000000#%03x#000000", sid, second, sid);

	return (struct text){ out, (size_t)n };
}

static void
test_many_servers(void **state)
{
	struct ldap_cookie c = { .n = 0 };
	char told[100];
	unsigned sid;

	(void)state;
	for (sid = 1; sid <= 90; sid++) {
		ldap_cookie_merge(&c, change_of(sid, 1, told, sizeof told));
		assert_int_equal(c.n, 12 + 41 * sid - 1);
	}
	for (sid = 1; sid <= 90; sid++)
		ldap_cookie_merge(&c, change_of(sid, 2, told, sizeof told));
	assert_int_equal(c.n, 12 + 41 * 90 - 1);
	assert_null(strstr(c.at, "24103001"));
	/* more than there is room for: rather none than half a cookie */
	for (; sid < 200 && c.n > 0; sid++)
		ldap_cookie_merge(&c, change_of(sid, 1, told, sizeof told));
	assert_in_range(sid, 95, 100);
}

static void
test_long(void **state)
{
	struct ldap_cookie c = { .n = 0 };
	char *told = malloc(LDAP_COOKIE_MAX + 1);

	(void)state;
	assert_non_null(told);
	memset(told, 'x', LDAP_COOKIE_MAX + 1);
	ldap_cookie_merge(&c, (struct text){ told, LDAP_COOKIE_MAX });
	assert_int_equal(c.n, LDAP_COOKIE_MAX);
	assert_int_equal(c.at[LDAP_COOKIE_MAX], '\0');
	ldap_cookie_merge(&c, (struct text){ told, LDAP_COOKIE_MAX + 1 });
	assert_int_equal(c.n, 0);
	free(told);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_many_servers),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
