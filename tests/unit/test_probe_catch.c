/* SPDX-License-Identifier: BSD-2-Clause */
/* What the catcher makes of a client's lines; names that are nobody's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "milter/probe/catch_session.h"
#include "milter/probe/reserved.h"

#define NONCE "0123456789abcdef0123456789abcdef"
#define OURS CATCH_FIELD " " NONCE "-0007"

struct message {
	const char *line[8]; /* NULL-terminated */
	const char *reply;   /* begins so */
	unsigned delivered, bounced;
};

static const struct message messages[] = {
	{ { OURS, "", "text" }, "250 ", 7, CATCH_NOBODY },
	{ { OURS, "", NONCE "-0007" }, "250 ", 7, CATCH_NOBODY },
	{ { "x-relayguard-probe: " NONCE "-00aF" }, "250 ", 0xaf,
	    CATCH_NOBODY },
	{ { "Subject: sorry", "", OURS }, "250 ", CATCH_NOBODY, 7 },
	{ { "Subject: sorry", "", "> <" NONCE "-0008@x>" }, "250 ",
	    CATCH_NOBODY, 8 },
	/* in the header, but not in our field: only a reference */
	{ { "References: <" NONCE "-0007@x>", "", "" }, "451 ", CATCH_NOBODY,
	    CATCH_NOBODY },
	{ { "Subject: hello", "", "text" }, "451 ", CATCH_NOBODY,
	    CATCH_NOBODY },
	{ { CATCH_FIELD " " NONCE "-0400" }, "451 ", CATCH_NOBODY,
	    CATCH_NOBODY },
	{ { CATCH_FIELD " " NONCE "-03ff" }, "250 ", 0x3ff, CATCH_NOBODY },
	{ { CATCH_FIELD " " NONCE "-00g0" }, "451 ", CATCH_NOBODY,
	    CATCH_NOBODY },
	{ { CATCH_FIELD " " NONCE "-007" }, "451 ", CATCH_NOBODY,
	    CATCH_NOBODY },
	{ { CATCH_FIELD " " NONCE }, "451 ", CATCH_NOBODY, CATCH_NOBODY },
	{ { "" }, "451 ", CATCH_NOBODY, CATCH_NOBODY },
	{ { NULL }, "451 ", CATCH_NOBODY, CATCH_NOBODY },
};

static struct catch_found found;
static bool quit;

static void
expect(struct catch_session *s, const char *line, const char *reply)
{
	const char *got = catch_line(s, text_of(line), &found, &quit);

	if (reply == NULL)
		assert_null(got);
	else
		assert_memory_equal(got, reply, strlen(reply));
}

static void
say_message(struct catch_session *s, const struct message *m)
{
	size_t i;

	expect(s, "MAIL FROM:<>", "250 ");
	expect(s, "RCPT TO:<u%d@r>", "250 ");
	expect(s, "DATA", "354 ");
	for (i = 0; m->line[i] != NULL; i++)
		expect(s, m->line[i], NULL);
	expect(s, ".", m->reply);
	assert_int_equal(found.delivered, m->delivered);
	assert_int_equal(found.bounced, m->bounced);
}

/* One after the other in one session: nothing is left of the one before. */
static void
messages_are_told_apart(void **state)
{
	struct catch_session s = { .nonce = NONCE };
	size_t i;

	(void)state;
	expect(&s, "EHLO x", "250-");
	for (i = 0; i < sizeof messages / sizeof messages[0]; i++)
		say_message(&s, &messages[i]);
	assert_false(quit);
	expect(&s, "QUIT", "221 ");
	assert_true(quit);
}

static void
no_message_without_a_recipient(void **state)
{
	struct catch_session s = { .nonce = NONCE };

	(void)state;
	expect(&s, "DATA", "503 ");
	expect(&s, OURS, "502 ");
	expect(&s, ".", "502 ");
	assert_int_equal(found.delivered, CATCH_NOBODY);
}

/* A session is all zero at first, and zero is a number too. */
static void
a_stranger_without_manners(void **state)
{
	struct catch_session s = { .nonce = NONCE };

	(void)state;
	expect(&s, "RCPT TO:<u>", "250 ");
	expect(&s, "DATA", "354 ");
	expect(&s, "hello", NULL);
	expect(&s, ".", "451 ");
	assert_int_equal(found.delivered, CATCH_NOBODY);
	assert_int_equal(found.bounced, CATCH_NOBODY);
}

/* A message too long is no longer ours; nor does it end within a long line. */
static void
long_messages(void **state)
{
	struct catch_session s = { .nonce = NONCE };
	static char filler[1024];
	size_t i;

	(void)state;
	memset(filler, 'x', sizeof filler);
	expect(&s, "RCPT TO:<u>", "250 ");
	expect(&s, "DATA", "354 ");
	expect(&s, OURS, NULL);
	for (i = 0; i < CATCH_MESSAGE_MAX / sizeof filler; i++)
		catch_piece(&s, (struct text){ filler, sizeof filler });
	catch_piece(&s, TEXT("."));
	assert_true(s.data);
	expect(&s, ".", "451 ");
	assert_int_equal(found.delivered, CATCH_NOBODY);
}

static void
names_that_are_nobodys(void **state)
{
	static const char *const yes[] = { "test", "a.test", "x.example",
		"example.com", "mx.example.org", "b.a.invalid", "localhost" };
	static const char *const no[] = { "testx", "atest", "example.de",
		"notexample.com", "com", "example.com.de", "", "test.de" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(reserved_domain(text_of(yes[i])));
	for (i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(reserved_domain(text_of(no[i])));
}

static void
addresses_that_are_nobodys(void **state)
{
	static const char *const yes[] = { "192.0.2.1", "198.51.100.9",
		"203.0.113.255", "127.1.2.3", "2001:db8:1::1", "::1" };
	static const char *const no[] = { "192.0.3.1", "10.0.0.1", "8.8.8.8",
		"2001:db9::1", "fe80::1", "128.0.0.1" };
	struct ip ip;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		assert_true(ip_parse(text_of(yes[i]), &ip));
		assert_true(reserved_address(&ip));
	}
	for (i = 0; i < sizeof no / sizeof no[0]; i++) {
		assert_true(ip_parse(text_of(no[i]), &ip));
		assert_false(reserved_address(&ip));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_told_apart),
		cmocka_unit_test(no_message_without_a_recipient),
		cmocka_unit_test(a_stranger_without_manners),
		cmocka_unit_test(long_messages),
		cmocka_unit_test(names_that_are_nobodys),
		cmocka_unit_test(addresses_that_are_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
