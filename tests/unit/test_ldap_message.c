/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The values that content sync adds to LDAP: valid ones, each of them cut at
 * every place and with every byte changed, in buffers of exact size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/source/ber.h"
#include "milter/source/ldap_certificate.h"
#include "milter/source/ldap_clock.h"
#include "milter/source/ldap_message.h"

#define UUID "0123456789abcdef"
#define UUID_2 "ABCDEFGHIJKLMNOP"
#define ID "\x04\x10" UUID
#define ID_2 "\x04\x10" UUID_2
#define COOKIE "\x04\x03" "a=b"
#define TRUE "\x01\x01\xff"
#define FALSE "\x01\x01\x00"

/* A value in a heap buffer of exact size. */
static struct text
exact(struct text t)
{
	char *copy = malloc(t.n > 0 ? t.n : 1);

	assert_non_null(copy);
	memcpy(copy, t.at, t.n);
	return (struct text){ copy, t.n };
}

static void
drop(struct text t)
{
	free((void *)(size_t)t.at);
}

static bool
is(struct text t, const char *s)
{
	return text_equal(t, text_of(s));
}

/* ---- Sync State ----------------------------------------------------------- */

static void
check_state(struct text value, enum ldap_sync_is what, const char *cookie)
{
	struct text t = exact(value);
	struct ldap_sync_state s;

	assert_true(ldap_message_state(t, &s));
	assert_int_equal(s.is, what);
	assert_memory_equal(s.uuid, UUID, 16);
	assert_true(is(s.cookie, cookie));
	drop(t);
}

static void
test_state(void **state)
{
	(void)state;
	check_state(TEXT("\x30\x15\x0a\x01\x00" ID), LDAP_IS_PRESENT, "");
	check_state(TEXT("\x30\x15\x0a\x01\x01" ID), LDAP_IS_ADDED, "");
	check_state(TEXT("\x30\x1a\x0a\x01\x02" ID COOKIE), LDAP_IS_CHANGED,
	    "a=b");
	check_state(TEXT("\x30\x1a\x0a\x01\x03" ID COOKIE), LDAP_IS_GONE,
	    "a=b");
	/* long lengths where short ones would do, as some servers write */
	check_state(TEXT("\x30\x84\x00\x00\x00\x1c\x0a\x01\x02\x04\x81\x10"
	    UUID "\x04\x82\x00\x02" "xy"), LDAP_IS_CHANGED, "xy");
	/* RFC 4511 4: what we do not know may follow */
	check_state(TEXT("\x30\x1d\x0a\x01\x02" ID COOKIE TRUE),
	    LDAP_IS_CHANGED, "a=b");
}

static void
test_bad_state(void **state)
{
	static const struct text bad[] = {
		{ NULL, 0 },
		TEXT("\x30"),
		TEXT("\x30\x00"),
		TEXT("\x30\x80\x0a\x01\x01" ID "\x00\x00"), /* indefinite */
		TEXT("\x30\x85\x00\x00\x00\x00\x15\x0a\x01\x01" ID),
		TEXT("\x30\x84\xff\xff\xff\xff\x0a\x01\x01" ID),
		TEXT("\x30\x15\x0a\x01\x04" ID), /* no such state */
		TEXT("\x30\x15\x0a\x01\xff" ID),
		TEXT("\x30\x16\x0a\x02\x00\x01" ID),
		TEXT("\x30\x15\x02\x01\x01" ID), /* no ENUMERATED */
		TEXT("\x31\x15\x0a\x01\x01" ID), /* no SEQUENCE */
		TEXT("\x30\x15\x0a\x01\x01\x80\x10" UUID),
		TEXT("\x30\x14\x0a\x01\x01\x04\x0f" "0123456789abcde"),
		TEXT("\x30\x16\x0a\x01\x01\x04\x11" UUID "0"),
		TEXT("\x30\x15\x0a\x01\x01" ID "x"), /* something behind */
		TEXT("\x30\x16\x0a\x01\x01" ID "\x04"),
		TEXT("\x30\x19\x0a\x01\x01" ID "\x04\x03" "a="),
		TEXT("\x30\x18\x0a\x01\x01" ID "\x1f\x01" "a"), /* long tag */
	};
	struct ldap_sync_state s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct text t = exact(bad[i]);

		if (ldap_message_state(t, &s))
			fail_msg("bad[%zu] was taken", i);
		drop(t);
	}
}

/* ---- Sync Done ------------------------------------------------------------ */

static void
test_done(void **state)
{
	struct ldap_sync_done d;

	(void)state;
	assert_true(ldap_message_done(TEXT("\x30\x00"), &d));
	assert_true(is(d.cookie, ""));
	assert_false(d.deletes);
	assert_true(ldap_message_done(TEXT("\x30\x08" COOKIE TRUE), &d));
	assert_true(is(d.cookie, "a=b"));
	assert_true(d.deletes);
	assert_true(ldap_message_done(TEXT("\x30\x03" FALSE), &d));
	assert_false(d.deletes);
	assert_false(ldap_message_done(TEXT("\x30\x04\x01\x02\xff\xff"), &d));
	assert_false(ldap_message_done(TEXT("\x30\x02\x01\x00"), &d));
	assert_false(ldap_message_done(TEXT("\x30\x00\x00"), &d));
	assert_false(ldap_message_done(TEXT(""), &d));
}

/* ---- Sync Info ------------------------------------------------------------ */

static void
check_phase(struct text value, enum ldap_sync_what what, const char *cookie,
    bool done)
{
	struct text t = exact(value);
	struct ldap_sync_info i;

	assert_true(ldap_message_info(t, &i));
	assert_int_equal(i.what, what);
	assert_true(is(i.cookie, cookie));
	assert_int_equal(i.done, done);
	drop(t);
}

static void
test_phases(void **state)
{
	(void)state;
	check_phase(TEXT("\x80\x03" "a=b"), LDAP_INFO_COOKIE, "a=b", false);
	check_phase(TEXT("\x80\x00"), LDAP_INFO_COOKIE, "", false);
	/* refreshDone is TRUE unless it says otherwise */
	check_phase(TEXT("\xa1\x00"), LDAP_INFO_DELETES, "", true);
	check_phase(TEXT("\xa1\x05" COOKIE), LDAP_INFO_DELETES, "a=b", true);
	check_phase(TEXT("\xa1\x08" COOKIE FALSE), LDAP_INFO_DELETES, "a=b",
	    false);
	check_phase(TEXT("\xa2\x00"), LDAP_INFO_PRESENTS, "", true);
	check_phase(TEXT("\xa2\x08" COOKIE TRUE), LDAP_INFO_PRESENTS, "a=b",
	    true);
	check_phase(TEXT("\xa2\x03" FALSE), LDAP_INFO_PRESENTS, "", false);
}

static void
test_set(void **state)
{
	struct text t = exact(TEXT("\xa3\x2e" COOKIE TRUE "\x31\x24" ID ID_2));
	struct ldap_sync_info i;
	const unsigned char *uuid;

	(void)state;
	assert_true(ldap_message_info(t, &i));
	assert_int_equal(i.what, LDAP_INFO_SET);
	assert_true(i.deletes);
	assert_true(is(i.cookie, "a=b"));
	uuid = ldap_message_uuid(&i.set);
	assert_non_null(uuid);
	assert_memory_equal(uuid, UUID, 16);
	uuid = ldap_message_uuid(&i.set);
	assert_non_null(uuid);
	assert_memory_equal(uuid, UUID_2, 16);
	assert_null(ldap_message_uuid(&i.set));
	assert_null(ldap_message_uuid(&i.set));
	drop(t);
	/* without options; of nothing */
	assert_true(ldap_message_info(TEXT("\xa3\x14\x31\x12" ID), &i));
	assert_false(i.deletes);
	assert_true(ldap_message_info(TEXT("\xa3\x02\x31\x00"), &i));
	assert_null(ldap_message_uuid(&i.set));
}

static void
test_bad_info(void **state)
{
	static const struct text bad[] = {
		{ NULL, 0 },
		TEXT("\x80"),
		TEXT("\x80\x04" "a=b"),
		TEXT("\x80\x03" "a=bc"),
		TEXT("\xa0\x00"), /* no such choice */
		TEXT("\xa4\x00"),
		TEXT("\x04\x03" "a=b"),
		TEXT("\xa2\x04\x01\x02\x00\x00"),
		TEXT("\xa2\x02\x04\x03"),
		TEXT("\xa3\x00"), /* no set */
		TEXT("\xa3\x05" COOKIE),
		TEXT("\xa3\x14\x30\x12" ID), /* a sequence */
		TEXT("\xa3\x13\x31\x11\x04\x0f" "0123456789abcde"),
		TEXT("\xa3\x15\x31\x13\x04\x11" UUID "x"),
		TEXT("\xa3\x15\x31\x13" ID "x"),
		TEXT("\xa3\x14\x31\x12\x02\x10" UUID),
		TEXT("\xa3\x14\x31\x24" ID),
	};
	struct ldap_sync_info info;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct text t = exact(bad[i]);

		if (ldap_message_info(t, &info))
			fail_msg("bad[%zu] was taken", i);
		drop(t);
	}
}

/* ---- times and certificates ----------------------------------------------- */

static void
test_clock(void **state)
{
	char text[LDAP_CLOCK_MAX];

	(void)state;
	assert_string_equal(ldap_clock_print(1772323200, text),
	    "20260301000000Z");
	assert_string_equal(ldap_clock_print(1772323199, text),
	    "20260228235959Z");
	assert_string_equal(ldap_clock_print(0, text), "19700101000000Z");
}

/* version, serial number, algorithm, issuer, validity */
#define HEAD "\xa0\x03\x02\x01\x02" "\x02\x01\x07" "\x30\x00" "\x30\x00"
#define UTC(t) "\x17\x0d" t
#define FULL(t) "\x18\x0f" t

static void
test_certificate_times(void **state)
{
	struct ldap_certificate c;

	(void)state;
	assert_true(ldap_certificate_read(TEXT("\x30\x2e\x30\x2c" HEAD
	    "\x30\x1e" UTC("500101000000Z") UTC("491231235959Z")), &c));
	assert_int_equal(c.from, 0); /* before 1970 */
	assert_int_equal(c.until, 2524607999);
	assert_int_equal(c.names.n, 0);
	assert_true(ldap_certificate_read(TEXT("\x30\x30\x30\x2e" HEAD
	    "\x30\x20" UTC("260101000000Z") FULL("20500101000000Z")), &c));
	assert_int_equal(c.from, 1767225600);
	assert_int_equal(c.until, 2524608000);
	assert_true(ldap_certificate_read(TEXT("\x30\x2e\x30\x2c" HEAD
	    "\x30\x1e" UTC("260101000000Z") UTC("4912xx235959Z")), &c));
	assert_int_equal(c.until, 0);
	assert_false(ldap_certificate_read(TEXT("\x30\x2e\x30\x2c" HEAD
	    "\x30\x1e" UTC("260101000000Z") "\x16\x0d" "491231235959Z"),
	    &c));
	assert_false(ldap_certificate_read(TEXT("\x30\x02\x30\x00"), &c));
}

/* subject, key, and two extensions, the second with names */
#define NAMES "\x82\x03" "a.b" "\x81\x01" "m" "\x87\x04\x7f\x00\x00\x01" \
	"\x82\x05" "*.x.y"
#define NAMED "\x30\x65\x30\x63" HEAD "\x30\x1e" \
	UTC("260101000000Z") UTC("491231235959Z") "\x30\x00" "\x30\x00" \
	"\xa3\x31\x30\x2f" \
	"\x30\x0a\x06\x03\x55\x1d\x0f\x04\x03" "abc" \
	"\x30\x21\x06\x03\x55\x1d\x11\x01\x01\xff\x04\x17\x30\x15" NAMES

static void
test_certificate_names(void **state)
{
	struct ldap_certificate c;

	(void)state;
	assert_true(ldap_certificate_read(TEXT(NAMED), &c));
	assert_true(text_equal(c.names, TEXT(NAMES)));
	assert_true(ldap_certificate_is_for(&c, "A.b"));
	assert_true(ldap_certificate_is_for(&c, "127.0.0.1"));
	assert_true(ldap_certificate_is_for(&c, "z.x.y"));
	assert_false(ldap_certificate_is_for(&c, "x.y"));
	assert_false(ldap_certificate_is_for(&c, ".x.y"));
	assert_false(ldap_certificate_is_for(&c, "w.z.x.y"));
	assert_false(ldap_certificate_is_for(&c, "a.bc"));
	assert_false(ldap_certificate_is_for(&c, "m"));
	assert_false(ldap_certificate_is_for(&c, ""));
}

/* ---- all of them, cut and changed ----------------------------------------- */

/* Read in every way; slices must lie within t, which a sanitizer watches. */
static unsigned
read_all(struct text t)
{
	struct ldap_sync_state s;
	struct ldap_sync_done d;
	struct ldap_sync_info i;
	struct ldap_certificate c;
	unsigned sum = 0;
	const unsigned char *uuid;
	size_t k;

	if (ldap_message_state(t, &s))
		sum += s.uuid[15];
	if (ldap_message_done(t, &d))
		for (k = 0; k < d.cookie.n; k++)
			sum += text_byte(d.cookie.at[k]);
	if (ldap_message_info(t, &i))
		while ((uuid = ldap_message_uuid(&i.set)) != NULL)
			sum += uuid[15];
	if (ldap_certificate_read(t, &c))
		sum += ldap_certificate_is_for(&c, "nobody");
	return sum;
}

static void
test_cut_and_changed(void **state)
{
	static const struct text whole[] = {
		TEXT("\x30\x1a\x0a\x01\x02" ID COOKIE),
		TEXT("\x30\x08" COOKIE TRUE),
		TEXT("\x80\x03" "a=b"),
		TEXT("\xa1\x08" COOKIE FALSE),
		TEXT("\xa3\x2e" COOKIE TRUE "\x31\x24" ID ID_2),
		TEXT(NAMED),
	};
	size_t i, at;
	int c;

	(void)state;
	for (i = 0; i < sizeof whole / sizeof *whole; i++)
		for (at = 0; at < whole[i].n; at++) {
			struct ldap_sync_info info;
			struct ldap_sync_state s;
			struct text t = exact(text_cut(whole[i], 0, at));

			read_all(t);
			assert_false(ldap_message_info(t, &info));
			assert_false(ldap_message_state(t, &s));
			drop(t);
			for (c = 0; c < 256; c++) {
				t = exact(whole[i]);
				((char *)(size_t)t.at)[at] = (char)c;
				read_all(t);
				drop(t);
			}
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_bad_state),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_bad_info),
		cmocka_unit_test(test_cut_and_changed),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_certificate_times),
		cmocka_unit_test(test_certificate_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
