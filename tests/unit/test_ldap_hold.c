/* SPDX-License-Identifier: BSD-2-Clause */
/* Which changes of a directory are held: by what they do to its values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/ldap_one.h"

#define MANY 100

/* What the entry of a domain says of it. */
enum told {
	GONE,
	GRANT,
	GRANT_LONG,  /* with a date, far away */
	GRANT_SHORT, /* for some minutes more */
	GRANT_PAST,
	DENY
};

/* Domain i of set; another entry for each. */
static void
tell(struct one *o, unsigned set, unsigned i, enum told what)
{
	static const long ends[] = { [GRANT_LONG] = 86400, [GRANT_SHORT] = 200,
		[GRANT_PAST] = -10, [DENY] = 0 };
	unsigned char uuid[LDAP_UUID_BYTES] = { (unsigned char)set,
		(unsigned char)i };
	char dn[32], name[32], until[32];
	struct text domain, date, deny = TEXT("REJECT");
	struct ldap_attribute a[2] = { { TEXT("rgDomain"), &domain, 1 } };
	struct ldap_entry e = { .attribute = a, .n = what == GRANT ? 1 : 2 };
	time_t end = time(NULL) + ends[what];

	if (what == GONE) {
		o->sink.gone(o->sink.with, uuid);
		return;
	}
	snprintf(dn, sizeof dn, "cn=%u of %u", i, set);
	snprintf(name, sizeof name, "d%u.test", i);
	strftime(until, sizeof until, "%Y%m%d%H%M%SZ", gmtime(&end));
	e.dn = text_of(dn);
	domain = text_of(name);
	date = text_of(until);
	a[1] = what == DENY ?
	    (struct ldap_attribute){ TEXT("rgAction"), &deny, 1 } :
	    (struct ldap_attribute){ TEXT("rgExpires"), &date, 1 };
	assert_true(o->sink.entry(o->sink.with, uuid, &e));
}

static void
tell_all(struct one *o, unsigned set, unsigned from, unsigned to,
    enum told what)
{
	for (; from < to; from++)
		tell(o, set, from, what);
}

/* The same one by one, each in force before the next. */
static void
one_by_one(struct one *o, unsigned set, unsigned from, unsigned to,
    enum told what)
{
	for (; from < to; from++) {
		tell(o, set, from, what);
		o->sink.flush(o->sink.with);
	}
}

/* A store with domains 0 to n - 1, 30 of 100 may go. */
static void
begin(struct one *o, unsigned n, enum told what)
{
	open_one(o, 30);
	assert_true(o->sink.begin(o->sink.with, true));
	tell_all(o, 0, 0, n, what);
	assert_true(o->sink.refreshed(o->sink.with, true));
	o->sink.flush(o->sink.with);
	assert_int_equal(o->published, 1);
}

/* How many values are lost, if it is held; else 0. */
static size_t
held(struct one *o)
{
	struct ldap_store_status s;

	o->sink.flush(o->sink.with);
	ldap_store_look(o->store, &s);
	return s.held ? s.lost : 0;
}

static bool
grants(const struct one *o, unsigned i)
{
	struct policy_entry e;
	char name[32];

	snprintf(name, sizeof name, "d%u.test", i);
	return policy_find_domain(o->force, POLICY_RELAY, text_of(name),
	    time(NULL), &e) && e.action == POLICY_GRANT;
}

/* One change that does this to so many of 100: held if more than 30. */
static void
assert_held(enum told before, unsigned set, enum told after, bool too_much)
{
	struct one o;
	unsigned n;

	for (n = 30; n <= 31; n++) {
		begin(&o, MANY, before);
		tell_all(&o, set, 0, n, after);
		assert_int_equal(held(&o), too_much && n == 31 ? 31 : 0);
		assert_int_equal(o.published, too_much && n == 31 ? 1 : 2);
		close_one(&o);
	}
}

static void
test_what_makes_it_worse(void **state)
{
	(void)state;
	assert_held(GRANT, 0, GONE, true);
	assert_held(GRANT, 0, GRANT_PAST, true);
	assert_held(GRANT, 0, GRANT_SHORT, true);
	assert_held(GRANT_LONG, 0, GRANT_SHORT, true);
	assert_held(GRANT, 0, DENY, true);   /* the grant becomes a denial */
	assert_held(GRANT, 1, DENY, true);   /* a denial besides */
	assert_held(GRANT, 0, GRANT_LONG, false);
	assert_held(GRANT_LONG, 0, GRANT, false);
	assert_held(GRANT, 1, GRANT_SHORT, false); /* the other is there yet */
	assert_held(DENY, 0, GONE, false);
	assert_held(DENY, 0, GRANT, false);
	assert_held(DENY, 1, GRANT, false);
	assert_held(GRANT_SHORT, 0, GONE, false); /* as good as gone before */
}

/* Denials of what nobody granted are as many, counted by what is there. */
static void
test_new_denials(void **state)
{
	struct one o;

	(void)state;
	begin(&o, 50, GRANT);
	tell_all(&o, 0, 50, 65, DENY);
	assert_int_equal(held(&o), 0);
	tell_all(&o, 0, 65, 66, DENY);
	assert_int_equal(held(&o), 16);
	assert_true(ldap_store_confirm(o.store, 16));
	assert_int_equal(policy_count(o.force, POLICY_RELAY), 66);
	close_one(&o);
	/* also bit by bit */
	begin(&o, 50, GRANT);
	one_by_one(&o, 0, 50, 65, DENY);
	assert_int_equal(held(&o), 0);
	one_by_one(&o, 0, 65, 66, DENY);
	assert_int_equal(held(&o), 16);
	close_one(&o);
	/* a few are nobody's accident, whatever there was */
	begin(&o, 2, GRANT);
	tell_all(&o, 0, 50, 59, DENY);
	assert_int_equal(held(&o), 0);
	close_one(&o);
	open_one(&o, 100);
	assert_true(o.sink.begin(o.sink.with, true));
	tell_all(&o, 0, 0, 2, GRANT);
	assert_true(o.sink.refreshed(o.sink.with, true));
	o.sink.flush(o.sink.with);
	tell_all(&o, 0, 2, 50, DENY);
	assert_int_equal(held(&o), 0);
	close_one(&o);
}

static void
test_what_comes_back_is_no_loss(void **state)
{
	struct one o;
	unsigned turn;

	(void)state;
	begin(&o, MANY, GRANT);
	for (turn = 0; turn < 10; turn++) { /* 200 went, and came back */
		one_by_one(&o, 0, 0, 20, turn % 2 ? DENY : GONE);
		one_by_one(&o, 0, 0, 20, GRANT);
		assert_int_equal(held(&o), 0);
	}
	/* another entry may bring it back */
	one_by_one(&o, 0, 0, 25, GONE);
	one_by_one(&o, 1, 0, 20, GRANT_LONG);
	one_by_one(&o, 0, 25, 50, GRANT_PAST);
	assert_int_equal(held(&o), 0);
	assert_false(grants(&o, 49));
	/* 5 and 25 of 100 are worse off: one more is too much */
	one_by_one(&o, 0, 50, 51, GONE);
	assert_int_equal(held(&o), 31);
	assert_true(grants(&o, 50));
	tell(&o, 0, 24, GRANT); /* looked at a little later */
	ldap_store_tick(o.store);
	assert_int_equal(held(&o), 31);
	assert_true(o.sink.begin(o.sink.with, false));
	assert_true(o.sink.refreshed(o.sink.with, false));
	assert_int_equal(held(&o), 0);
	assert_true(grants(&o, 24));
	assert_false(grants(&o, 50));
	close_one(&o);
}

/* All of it read anew is judged by the same losses. */
static void
test_a_refresh_adds_up_with_changes(void **state)
{
	struct one o;

	(void)state;
	begin(&o, MANY, GRANT);
	one_by_one(&o, 0, 0, 20, GONE);
	assert_true(o.sink.begin(o.sink.with, true));
	tell_all(&o, 0, 10, 75, GRANT); /* 10 are back, 25 more are gone */
	assert_true(o.sink.refreshed(o.sink.with, true));
	assert_int_equal(held(&o), 35);
	assert_true(o.sink.begin(o.sink.with, true));
	tell_all(&o, 0, 10, 80, GRANT);
	assert_true(o.sink.refreshed(o.sink.with, true));
	assert_int_equal(held(&o), 0);
	assert_int_equal(policy_count(o.force, POLICY_RELAY), 70);
	close_one(&o);
}

/* What several entries say is lost with the last of them. */
static void
test_entries_that_say_the_same(void **state)
{
	struct one o;

	(void)state;
	begin(&o, MANY, GRANT);
	tell_all(&o, 1, 0, MANY, GRANT);
	o.sink.flush(o.sink.with);
	one_by_one(&o, 0, 0, MANY, GONE);
	assert_int_equal(held(&o), 0);
	one_by_one(&o, 1, 0, 30, GONE);
	assert_int_equal(held(&o), 0);
	one_by_one(&o, 1, 30, 31, GONE);
	assert_int_equal(held(&o), 31);
	close_one(&o);
	begin(&o, MANY, GRANT);
	tell_all(&o, 1, 0, MANY, GRANT);
	tell_all(&o, 2, 0, MANY, GRANT);
	o.sink.flush(o.sink.with);
	tell_all(&o, 0, 0, 31, GONE);
	tell_all(&o, 1, 0, 31, GONE);
	tell_all(&o, 2, 0, 31, GONE);
	assert_int_equal(held(&o), 93);
	close_one(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_makes_it_worse),
		cmocka_unit_test(test_new_denials),
		cmocka_unit_test(test_what_comes_back_is_no_loss),
		cmocka_unit_test(test_a_refresh_adds_up_with_changes),
		cmocka_unit_test(test_entries_that_say_the_same),
	};

	return cmocka_run_group_tests(tests, make_map, drop_map);
}
