/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The policy of a directory: whatever order changes come in, what is in force
 * is what a fresh refresh would make; and what is too much is held.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/ldap_one.h"

#define ENTRIES 12
#define VALUES 4
#define SPEND_MAX (12u << 20)

static const char *const names[] = { "a.test", "b.a.test", "c.b.a.test",
	".a.test", ".b.a.test", "x.test", "xn--bcher-kva.test", "y.test" };
static const char *const nets[] = { "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3",
	"2001:db8::/32", "2001:db8::1", "198.51.100.0/24" };
#define NAMES (sizeof names / sizeof names[0])
#define NETS (sizeof nets / sizeof nets[0])

static unsigned random_state = 7;

static unsigned
roll(unsigned sides)
{
	random_state = random_state * 1103515245u + 12345u;
	return (random_state >> 16) % sides;
}

/* An entry of the directory, as it is now. */
struct entry {
	bool there, denies, renamed;
	bool name[NAMES], net[NETS];
};

static void
tell(struct one *o, unsigned i, const struct entry *e)
{
	unsigned char uuid[LDAP_UUID_BYTES] = { (unsigned char)i };
	struct text domain[NAMES], net[NETS], reject = TEXT("REJECT");
	struct ldap_attribute a[3];
	struct ldap_entry entry = { .attribute = a };
	size_t n, domains = 0, all = 0;
	char dn[32];

	if (!e->there) {
		o->sink.gone(o->sink.with, uuid);
		return;
	}
	snprintf(dn, sizeof dn, "cn=%s%u", e->renamed ? "r" : "", i);
	entry.dn = text_of(dn);
	for (n = 0; n < NAMES; n++)
		if (e->name[n])
			domain[domains++] = text_of(names[n]);
	for (n = 0; n < NETS; n++)
		if (e->net[n])
			net[all++] = text_of(nets[n]);
	a[0] = (struct ldap_attribute){ TEXT("rgDomain"), domain, domains };
	a[1] = (struct ldap_attribute){ TEXT("rgNetwork"), net, all };
	a[2] = (struct ldap_attribute){ TEXT("rgAction"), &reject, 1 };
	entry.n = e->denies ? 3 : 2;
	assert_true(o->sink.entry(o->sink.with, uuid, &entry));
}

static void
fresh(struct one *o, const struct entry *e)
{
	unsigned i;

	assert_true(o->sink.begin(o->sink.with, true));
	for (i = 0; i < ENTRIES; i++)
		if (e[i].there)
			tell(o, i, &e[i]);
	assert_true(o->sink.refreshed(o->sink.with, true));
	o->sink.flush(o->sink.with);
}

static void
change(struct entry *e)
{
	unsigned i;

	switch (roll(5)) {
	case 0:
		e->there = !e->there;
		break;
	case 1:
		e->denies = !e->denies;
		break;
	case 2:
		e->renamed = !e->renamed;
		break;
	default:
		e->there = true;
		for (i = 0; i <= roll(VALUES); i++) {
			e->name[roll(NAMES)] ^= true;
			e->net[roll(NETS)] ^= true;
		}
	}
}

/* Not who said it, where several say the same, but what is decided. */
static void
assert_same(const struct policy *a, const struct policy *b)
{
	static const char *const asked[] = { "a.test", "b.a.test",
		"c.b.a.test", "d.a.test", "d.c.b.a.test", "x.test", "y.test",
		"xn--bcher-kva.test", "b\xc3\xbc" "cher.test", "z.test" };
	static const char *const ips[] = { "10.0.0.1", "10.1.0.1", "10.1.2.3",
		"2001:db8::1", "2001:db8::2", "198.51.100.9", "192.0.2.1" };
	struct policy_entry x = { 0 }, y = { 0 };
	struct ip ip;
	size_t i;
	bool found;

	for (i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		found = policy_find_domain(a, POLICY_RELAY, text_of(asked[i]),
		    1, &x);
		assert_int_equal(found, policy_find_domain(b, POLICY_RELAY,
		    text_of(asked[i]), 1, &y));
		if (found)
			assert_int_equal(x.action, y.action);
	}
	for (i = 0; i < sizeof ips / sizeof ips[0]; i++) {
		assert_true(ip_parse(text_of(ips[i]), &ip));
		found = policy_find_client(a, &ip, 1, &x);
		assert_int_equal(found, policy_find_client(b, &ip, 1, &y));
		if (found)
			assert_int_equal(x.action, y.action);
	}
	assert_int_equal(policy_count(a, POLICY_RELAY),
	    policy_count(b, POLICY_RELAY));
	assert_int_equal(policy_count(a, POLICY_CLIENT),
	    policy_count(b, POLICY_CLIENT));
}

/* Live changes, resumed refreshes with and without a present phase. */
static void
one_round(struct one *live, struct entry *e)
{
	unsigned i, n = 1 + roll(4);
	unsigned char uuid[LDAP_UUID_BYTES] = { 0 };
	bool resume = roll(4) == 0, present = roll(2) == 0;
	bool changed[ENTRIES] = { false };

	if (resume)
		assert_true(live->sink.begin(live->sink.with, false));
	while (n-- > 0) {
		i = roll(ENTRIES);
		change(&e[i]);
		changed[i] = true;
		if (!resume)
			tell(live, i, &e[i]);
	}
	/* a refresh tells each entry once, and in a present phase none gone */
	for (i = 0; resume && i < ENTRIES; i++) {
		uuid[0] = (unsigned char)i;
		if (changed[i] && (!present || e[i].there))
			tell(live, i, &e[i]);
		else if (present && e[i].there)
			live->sink.present(live->sink.with, uuid);
	}
	if (resume)
		assert_true(live->sink.refreshed(live->sink.with, present));
	live->sink.flush(live->sink.with);
}

static void
test_live_is_as_fresh(void **state)
{
	struct entry e[ENTRIES] = { { 0 } };
	struct one live, anew;
	unsigned i, turn;

	(void)state;
	for (turn = 0; turn < 200; turn++) {
		memset(e, 0, sizeof e);
		open_one(&live, 100);
		fresh(&live, e);
		for (i = 0; i < 20; i++) {
			one_round(&live, e);
			open_one(&anew, 100);
			fresh(&anew, e);
			assert_same(live.force, anew.force);
			close_one(&anew);
		}
		close_one(&live);
	}
}

/* An entry with thousands of values, of which a few change. */
static void
test_large_entries(void **state)
{
	enum { MANY = 3000 };
	static char name[MANY][24];
	static struct text value[MANY];
	struct ldap_attribute a = { TEXT("rgDomain"), value, MANY };
	struct ldap_entry e = { TEXT("cn=big"), &a, 1 };
	unsigned char uuid[LDAP_UUID_BYTES] = { 9 };
	struct policy_entry out;
	struct one o;
	unsigned i;

	(void)state;
	open_one(&o, 100);
	for (i = 0; i < MANY; i++) {
		snprintf(name[i], sizeof name[i], "d%u.test", i);
		value[i] = text_of(name[i]);
	}
	assert_true(o.sink.begin(o.sink.with, true));
	assert_true(o.sink.entry(o.sink.with, uuid, &e));
	assert_true(o.sink.refreshed(o.sink.with, true));
	o.sink.flush(o.sink.with);
	assert_int_equal(policy_count(o.force, POLICY_RELAY), MANY);
	for (i = 0; i < 1500; i++) { /* over more than one new base */
		snprintf(name[i], sizeof name[i], "n%u.test", i);
		value[i] = text_of(name[i]);
		assert_true(o.sink.entry(o.sink.with, uuid, &e));
		o.sink.flush(o.sink.with);
		assert_true(policy_find_domain(o.force, POLICY_RELAY,
		    value[i], 1, &out));
		assert_int_equal(policy_count(o.force, POLICY_RELAY), MANY);
	}
	close_one(&o);
}

/* 40 of 100 go: held, confirmed by their number only; a refresh that does not
 * reach its end changes nothing. */
static void
test_held(void **state)
{
	struct entry all[ENTRIES] = { { 0 } };
	struct ldap_store_status s;
	struct one o;
	unsigned i, n, published;

	(void)state;
	for (i = 0; i < ENTRIES; i++) {
		all[i].there = true;
		for (n = 0; n < NAMES; n++)
			all[i].name[n] = true;
	}
	open_one(&o, 30);
	fresh(&o, all);
	published = o.published;
	assert_true(o.sink.begin(o.sink.with, true));
	tell(&o, 0, &all[0]);
	o.sink.abandoned(o.sink.with);
	o.sink.flush(o.sink.with);
	assert_int_equal(o.published, published);
	/* every value is said by other entries, too: nothing is lost */
	for (i = 1; i < ENTRIES; i++)
		all[i].there = false;
	fresh(&o, all);
	assert_int_equal(o.published, published + 1);
	all[0].there = false;
	fresh(&o, all);
	assert_int_equal(o.published, published + 1);
	ldap_store_look(o.store, &s);
	assert_true(s.held);
	assert_false(ldap_store_confirm(o.store, s.lost + 1));
	assert_true(ldap_store_confirm(o.store, s.lost));
	assert_int_equal(o.published, published + 2);
	assert_int_equal(policy_count(o.force, POLICY_RELAY), 0);
	assert_false(ldap_store_confirm(o.store, s.lost));
	close_one(&o);
}

/* An entry with many values of which one comes and goes for ever. */
static void
test_no_growth(void **state)
{
	enum { MANY = 500, TURNS = 2500 };
	static char name[MANY][24];
	static struct text value[MANY];
	struct ldap_attribute a = { TEXT("rgDomain"), value, MANY };
	struct ldap_entry e = { TEXT("cn=big"), &a, 1 };
	unsigned char uuid[LDAP_UUID_BYTES] = { 9 };
	struct mallinfo2 before, after;
	struct one o;
	unsigned i;

	(void)state;
	open_one(&o, 100);
	for (i = 0; i < MANY; i++) {
		snprintf(name[i], sizeof name[i], "d%u.test", i);
		value[i] = text_of(name[i]);
	}
	before = mallinfo2();
	for (i = 0; i < TURNS; i++) {
		a.n = MANY - i % 2;
		if (i == 0)
			assert_true(o.sink.begin(o.sink.with, true));
		assert_true(o.sink.entry(o.sink.with, uuid, &e));
		if (i == 0)
			assert_true(o.sink.refreshed(o.sink.with, true));
		o.sink.flush(o.sink.with);
		assert_int_equal(policy_count(o.force, POLICY_RELAY), a.n);
	}
	after = mallinfo2();
	/* some 8 kB a turn; SPEND_MAX of it may lie about */
	assert_true(after.uordblks + after.hblkhd <
	    before.uordblks + before.hblkhd + SPEND_MAX);
	close_one(&o);
}

/* A resumed refresh, not at its end yet, in which these are gone. */
static void
resume(struct one *o, unsigned from, unsigned to)
{
	unsigned char uuid[LDAP_UUID_BYTES] = { 0 };

	assert_true(o->sink.begin(o->sink.with, false));
	for (; from < to; from++) {
		uuid[0] = (unsigned char)from;
		o->sink.gone(o->sink.with, uuid);
	}
}

/* What is confirmed is what was shown, no more, and no half of a refresh. */
static void
test_confirmed_is_what_was_shown(void **state)
{
	struct entry all[ENTRIES] = { { 0 } };
	struct ldap_store_status s, then;
	struct one o;
	unsigned i, published;

	(void)state;
	for (i = 0; i < ENTRIES; i++) {
		all[i].there = true;
		all[i].name[i % NAMES] = all[i].net[i % NETS] = true;
	}
	open_one(&o, 10);
	fresh(&o, all);
	published = o.published;
	resume(&o, 0, ENTRIES - 1);
	assert_true(o.sink.refreshed(o.sink.with, false));
	o.sink.flush(o.sink.with);
	ldap_store_look(o.store, &s);
	assert_true(s.held);
	/* in the midst of a refresh, whether it goes on or not */
	resume(&o, ENTRIES - 1, ENTRIES);
	assert_false(ldap_store_confirm(o.store, s.lost));
	o.sink.abandoned(o.sink.with);
	assert_false(ldap_store_confirm(o.store, s.lost));
	/* all of it is told now, and it is more than was shown */
	assert_true(o.sink.begin(o.sink.with, false));
	assert_true(o.sink.refreshed(o.sink.with, false));
	assert_false(ldap_store_confirm(o.store, s.lost));
	assert_int_equal(o.published, published);
	ldap_store_look(o.store, &then);
	assert_true(then.held && then.lost > s.lost);
	assert_true(ldap_store_confirm(o.store, then.lost));
	assert_int_equal(o.published, published + 1);
	close_one(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live_is_as_fresh),
		cmocka_unit_test(test_large_entries),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_no_growth),
		cmocka_unit_test(test_confirmed_is_what_was_shown),
	};

	return cmocka_run_group_tests(tests, make_map, drop_map);
}
