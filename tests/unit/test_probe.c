/* SPDX-License-Identifier: BSD-2-Clause */
/* What the self-test sends, and to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/probe/spelling.h"
#include "milter/probe/table.h"
#include "milter/probe/target.h"

/* ---- spelling ---- */

/* The paper's own names: what comes out must be what it prints. */
static const struct probe_names paper = {
	.server = "certlinux.certcc.or.kr",
	.literal = "[172.16.4.140]",
	.own = "[211.252.150.11]",
	.tester = "kisa.or.kr",
	.foreign = "korea.com",
	.local = "postmaster",
};

static const struct {
	unsigned test;
	const char *mail, *rcpt; /* bare */
} printed[] = {
	{ 0, "probe@certlinux.certcc.or.kr", "probe90@korea.com" },
	{ 1, "probe@kisa.or.kr", "probe@kisa.or.kr" },
	{ 3, " relaytest@localhost", "probe90@korea.com" },
	{ 4, " relaytest", "probe90@korea.com" },
	{ 5, "<>", "probe90@korea.com" },
	{ 6, " root@certlinux.certcc.or.kr", " probe90@korea.com" },
	{ 7, " spamtest@[172.16.4.140]", " probe90@korea.com" },
	{ 8, "probe@kisa.or.kr", "probe90%korea.com@certlinux.certcc.or.kr" },
	{ 9, "probe@certlinux.certcc.or.kr",
	    "probe%kisa.or.kr@[172.16.4.140]" },
	{ 10, "probe@certlinux.certcc.or.kr", "\"probe90@korea.com\"" },
	{ 11, "probe@certlinux.certcc.or.kr", "\"probe90%korea.com\"" },
	{ 12, "probe@[172.16.4.140]",
	    "\"probe90@korea.com@certlinux.certcc.or.kr\"" },
	{ 13, "probe@certlinux.certcc.or.kr",
	    "\"probe90@korea.com\"@[172.16.4.140]" },
	{ 14, "probe@certlinux.certcc.or.kr",
	    "probe90@korea.com@[172.16.4.140]" },
	{ 15, "probe@[172.16.4.140]",
	    "@certlinux.certcc.or.kr:root@kisa.or.kr" },
	{ 16, "probe@certlinux.certcc.or.kr",
	    "@[211.252.150.11]:root@kisa.or.kr" },
	{ 17, "probe@[172.16.4.140]", "kisa.or.kr!root" },
	{ 18, "probe@certlinux.certcc.or.kr",
	    "kisa.or.kr!nobody@[172.16.4.140]" },
	{ 19, "postmaster@certlinux.certcc.or.kr", "root@kisa.or.kr" },
};

static void
check_bracketed(const char *template, const char *bare)
{
	char out[PROBE_ARGUMENT_MAX], want[PROBE_ARGUMENT_MAX];

	while (*bare == ' ')
		bare++;
	snprintf(want, sizeof want, bare[0] == '<' ? "%s" : "<%s>", bare);
	assert_true(spelling_fill(template, &paper, SPELLING_BRACKETED, out));
	assert_string_equal(out, want);
}

static void
spelling_gives_what_the_paper_prints(void **state)
{
	char out[PROBE_ARGUMENT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof printed / sizeof printed[0]; i++) {
		const struct probe_test *t = table_at(PROFILE_PAPER,
		    printed[i].test);

		assert_true(spelling_fill(t->mail, &paper, SPELLING_BARE,
		    out));
		assert_string_equal(out, printed[i].mail);
		assert_true(spelling_fill(t->rcpt[0], &paper, SPELLING_BARE,
		    out));
		assert_string_equal(out, printed[i].rcpt);
		check_bracketed(t->mail, printed[i].mail);
		check_bracketed(t->rcpt[0], printed[i].rcpt);
	}
}

/* No name a user may give can make an argument that does not fit. */
static void
spelling_fits_the_longest_names(void **state)
{
	static struct probe_names longest;
	const struct probe_test *t;
	char out[PROBE_ARGUMENT_MAX];
	size_t i, k;

	(void)state;
	memset(longest.server, 'h', DOMAIN_MAX);
	longest.server[1] = longest.server[3] = '.'; /* for {m} */
	memset(longest.tester, 's', DOMAIN_MAX);
	memset(longest.foreign, 'd', DOMAIN_MAX);
	memset(longest.local, 'l', sizeof longest.local - 1);
	memset(longest.third, 'x', DOMAIN_MAX);
	memset(longest.relay, 'r', DOMAIN_MAX);
	for (i = 0; (t = table_at(PROFILE_FULL, i)) != NULL; i++)
		for (k = 0; t->rcpt[k] != NULL; k++)
			assert_true(spelling_fill(t->rcpt[k], &longest,
			    SPELLING_BRACKETED, out));
	assert_true(spelling_fill(table_control('B')->rcpt[0], &longest,
	    SPELLING_PRINTED, out));
}

static void
spelling_refuses_bad_templates(void **state)
{
	static const char *const bad[] = { "{nobody}", "a{h", "a}{h", "{" };
	char out[PROBE_ARGUMENT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_false(spelling_fill(bad[i], &paper, SPELLING_BARE,
		    out));
		assert_string_equal(out, "");
	}
}

static void
literal_of_both_families(void **state)
{
	char out[PROBE_LITERAL_MAX];
	struct ip ip;

	(void)state;
	assert_true(ip_parse(TEXT("192.0.2.1"), &ip));
	spelling_literal(&ip, out);
	assert_string_equal(out, "[192.0.2.1]");
	assert_true(ip_parse(TEXT("2001:db8::1"), &ip));
	spelling_literal(&ip, out);
	assert_string_equal(out, "[IPv6:2001:db8::1]");
}

/* ---- target ---- */

static const struct {
	const char *given, *host;
	unsigned port; /* 0: refused */
} targets[] = {
	{ "localhost", "localhost", 25 },
	{ "mx.guard.test:2525", "mx.guard.test", 2525 },
	{ "192.0.2.1:587", "192.0.2.1", 587 },
	{ "[::1]:25", "::1", 25 },
	{ "[2001:db8::1]", "2001:db8::1", 25 },
	{ "::1", "::1", 25 },
	{ "", "", 0 },
	{ ":25", "", 0 },
	{ "a:", "", 0 },
	{ "a:0", "", 0 },
	{ "a:65536", "", 0 },
	{ "a:25x", "", 0 },
	{ "a:000025", "", 0 },
	{ "[::1", "", 0 },
	{ "[::1]25", "", 0 },
	{ "[host]:25", "", 0 },
	{ "a:b:c", "", 0 },
	{ "a b", "", 0 },
};

static void
target_reads_hosts_and_ports(void **state)
{
	struct target t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		const char *bad = target_parse(targets[i].given, &t);

		if ((bad == NULL) != (targets[i].port != 0))
			fail_msg("'%s': %s", targets[i].given,
			    bad != NULL ? bad : "taken");
		if (bad != NULL)
			continue;
		assert_string_equal(t.host, targets[i].host);
		assert_int_equal(t.port, targets[i].port);
	}
}

static const struct {
	const char *target, *source; /* as given, "" = none */
	const char *chosen;          /* NULL = not valid */
	const char *trusted;
} sources[] = {
	{ "127.0.0.1", "", "127.0.0.2", "127.0.0.1" },
	{ "127.0.0.2", "", "127.0.0.3", "127.0.0.1" },
	{ "127.0.0.1", "127.0.0.9", "127.0.0.9", "127.0.0.1" },
	{ "127.0.0.1", "127.0.0.1", NULL, "" },
	{ "127.0.0.5", "127.0.0.5", NULL, "" },
	{ "::1", "", NULL, "" },
	{ "::1", "::1", NULL, "" },
};

static void
source_is_a_stranger(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		struct smtp_peer peer = { .port = 25 };
		struct ip trusted, want;
		const char *bad;

		ip_parse(text_of(sources[i].target), &peer.address);
		ip_parse(text_of(sources[i].source), &peer.source);
		bad = target_source(&peer, &trusted);
		if ((bad == NULL) != (sources[i].chosen != NULL))
			fail_msg("%s from '%s': %s", sources[i].target,
			    sources[i].source, bad != NULL ? bad : "valid");
		if (bad != NULL)
			continue;
		ip_parse(text_of(sources[i].chosen), &want);
		assert_true(ip_equal(&want, &peer.source));
		ip_parse(text_of(sources[i].trusted), &want);
		assert_true(ip_equal(&want, &trusted));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spelling_gives_what_the_paper_prints),
		cmocka_unit_test(spelling_fits_the_longest_names),
		cmocka_unit_test(spelling_refuses_bad_templates),
		cmocka_unit_test(literal_of_both_families),
		cmocka_unit_test(target_reads_hosts_and_ports),
		cmocka_unit_test(source_is_a_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
