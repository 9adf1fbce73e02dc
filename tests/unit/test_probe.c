/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the self-test that need no server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/probe/report.h"
#include "milter/probe/target.h"
#include "milter/probe/verdict.h"

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

/* ---- replies ---- */

struct reply_case {
	const char *lines[4];
	enum reply_line kind; /* of the last line */
	unsigned code;
	const char *dsn;
	enum outcome outcome;
};

static const struct reply_case replies[] = {
	{ { "250 2.1.5 ok" }, REPLY_DONE, 250, "2.1.5", OUTCOME_ACCEPTED },
	{ { "251 forwarded" }, REPLY_DONE, 251, "", OUTCOME_ACCEPTED },
	{ { "252" }, REPLY_DONE, 252, "", OUTCOME_ACCEPTED },
	{ { "250 ok, id 5305300" }, REPLY_DONE, 250, "", OUTCOME_ACCEPTED },
	{ { "550 5.7.1 no" }, REPLY_DONE, 550, "5.7.1", OUTCOME_REFUSED },
	{ { "550-530 go away", "250 oh well" }, REPLY_DONE, 250, "",
	    OUTCOME_ACCEPTED },
	{ { "250-ok", "550-5.7.1 no", "550 5.7.1 no" }, REPLY_DONE, 550,
	    "5.7.1", OUTCOME_REFUSED },
	{ { "250-more" }, REPLY_MORE, 250, "", OUTCOME_ACCEPTED },
	{ { "450 4.7.1 later" }, REPLY_DONE, 450, "4.7.1", OUTCOME_DEFERRED },
	{ { "421 4.3.2 bye" }, REPLY_DONE, 421, "4.3.2", OUTCOME_UNANSWERED },
	{ { "354 go on" }, REPLY_DONE, 354, "", OUTCOME_UNANSWERED },
	{ { "550 5.7.12345 x" }, REPLY_DONE, 550, "", OUTCOME_REFUSED },
	{ { "550 5.7 x" }, REPLY_DONE, 550, "", OUTCOME_REFUSED },
	{ { " 250 ok" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "2500 ok" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "150 ok" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "650 ok" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "25" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
	{ { "HTTP/1.1 400" }, REPLY_GARBAGE, 0, "", OUTCOME_UNANSWERED },
};

static void
reply_codes_stand_in_the_last_line(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof replies / sizeof replies[0]; i++) {
		const struct reply_case *c = &replies[i];
		struct reply r = { 0 };
		enum reply_line kind = REPLY_GARBAGE;

		for (k = 0; k < 4 && c->lines[k] != NULL; k++) {
			/* exact size, so that the sanitizer sees overreads */
			size_t n = strlen(c->lines[k]);
			char *copy = malloc(n > 0 ? n : 1);

			assert_non_null(copy);
			memcpy(copy, c->lines[k], n);
			kind = reply_take(&r, (struct text){ copy, n });
			free(copy);
		}
		if (kind != c->kind || r.code != c->code ||
		    strcmp(r.dsn, c->dsn) != 0 ||
		    reply_outcome(&r) != c->outcome)
			fail_msg("reply '%s': %d %u '%s' %s", c->lines[0],
			    (int)kind, r.code, r.dsn,
			    outcome_text(reply_outcome(&r)));
	}
}

static void
reply_of_endless_lines_is_garbage(void **state)
{
	struct reply r = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < REPLY_LINES_MAX; i++)
		assert_int_equal(reply_take(&r, TEXT("250-x")), REPLY_MORE);
	assert_int_equal(reply_take(&r, TEXT("250 x")), REPLY_GARBAGE);
}

static void
reply_is_escaped(void **state)
{
	struct reply r = { 0 };

	(void)state;
	assert_int_equal(reply_take(&r, TEXT("550 \033[31m\xff")), REPLY_DONE);
	assert_string_equal(r.last, "\\x1b[31m\\xff");
}

static const struct {
	const char *line;
	enum layer layer;
	const char *rule, *form;
} layers[] = {
	{ "550 5.7.1 Relaying denied (P08 percent-hack)", LAYER_GUARD, "P08",
	    "percent-hack" },
	{ "553 5.1.3 Malformed (F01 malformed)", LAYER_GUARD, "F01",
	    "malformed" },
	{ "451 4.3.2 Later (M01 mta-disagrees)", LAYER_GUARD, "M01",
	    "mta-disagrees" },
	{ "550 5.7.1 (see (P09 bang-path))", LAYER_GUARD, "P09", "bang-path" },
	{ "550 5.7.1 <a>... Relaying denied", LAYER_RELAY, "", "" },
	{ "550 5.7.1 Relaying denied (P08 Percent)", LAYER_RELAY, "", "" },
	{ "550 5.7.1 Relaying denied (P0 x)", LAYER_RELAY, "", "" },
	{ "550 5.7.1 Relaying denied (P08 percent-hack", LAYER_RELAY, "", "" },
	{ "550 relaying denied", LAYER_RELAY, "", "" },
	{ "554 5.7.1 <u@d>: Relay access denied", LAYER_RELAY, "", "" },
	{ "550 relay not permitted", LAYER_RELAY, "", "" },
	{ "550 5.7.1 Unable to relay", LAYER_RELAY, "", "" },
	{ "550 Restricted characters in address", LAYER_RELAY, "", "" },
	{ "550 Invalid recipient: <u@d>", LAYER_RELAY, "", "" },
	{ "524 5.2.4 Mailing list expansion problem: <u>", LAYER_MAILBOX, "",
	    "" },
	{ "550 5.1.1 User unknown", LAYER_MAILBOX, "", "" },
	{ "550 no such user here", LAYER_MAILBOX, "", "" },
	{ "553 5.1.8 Domain does not exist", LAYER_SENDER, "", "" },
	{ "450 4.1.8 no DNS", LAYER_SENDER, "", "" },
	{ "553 5.5.4 Real domain name required for sender address",
	    LAYER_SENDER, "", "" },
	{ "553 5.1.3 Invalid route address", LAYER_PARSER, "", "" },
	{ "501 5.1.3 Bad address", LAYER_PARSER, "", "" },
	{ "555 5.5.4 x parameter unrecognized", LAYER_PARSER, "", "" },
	{ "550 5.7.1 <|x>... Cannot mail directly to programs",
	    LAYER_MAILBOX, "", "" },
	{ "553 what", LAYER_PARSER, "", "" },
	{ "550 5.7.1 Command rejected", LAYER_FILTER, "", "" },
	{ "450 4.7.1 Greylisted", LAYER_FILTER, "", "" },
	{ "451 later", LAYER_FILTER, "", "" },
	{ "554 no", LAYER_UNKNOWN, "", "" },
	{ "250 2.1.5 ok (P08 percent-hack)", LAYER_NONE, "", "" },
};

static void
reply_tells_who_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof layers / sizeof layers[0]; i++) {
		struct reply r = { 0 };
		struct reply_by by;

		reply_take(&r, text_of(layers[i].line));
		by = reply_by(&r);
		if (by.layer != layers[i].layer ||
		    !text_equal(by.rule, text_of(layers[i].rule)) ||
		    !text_equal(by.form, text_of(layers[i].form)))
			fail_msg("'%s': %s", layers[i].line,
			    layer_text(by.layer));
	}
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

/* ---- the verdict ---- */

static void
put_score(struct probe_score *s, const struct probe_test *t, enum outcome o)
{
	static const unsigned code[OUTCOMES] = { 550, 450, 0, 354, 250 };

	s->test = t;
	s->n = 1;
	s->outcome = s->attempt[0].outcome = o;
	s->attempt[0].n = 1;
	s->attempt[0].step[0].verb = VERB_RCPT;
	s->attempt[0].step[0].reply.code = code[o];
}

/*
 * Outcomes by their initials: of the controls A and B before, B and A after,
 * and of the tests, the last of which stands for all the others.
 */
static enum probe_verdict
verdict_of(const char *controls, const char *rest)
{
	static const char initials[] = "rdunA"; /* in the order of the enum */
	static const char which[] = "ABBA";
	struct probe_result *r = result_new(PROFILE_PAPER);
	enum probe_verdict v;
	size_t i;

	assert_non_null(r);
	for (i = 0; i < 4; i++)
		put_score(&r->control[i], table_control(which[i]),
		    (enum outcome)(strchr(initials, controls[i]) - initials));
	r->n_controls = 4;
	r->n_before = 2;
	for (i = 0; i < table_count(PROFILE_PAPER); i++) {
		put_score(&r->test[i], table_at(PROFILE_PAPER, i),
		    (enum outcome)(strchr(initials, *rest) - initials));
		if (rest[1] != '\0')
			rest++;
	}
	r->n_tests = table_count(PROFILE_PAPER);
	verdict_judge(r);
	v = r->verdict;
	assert_true((v == PROBE_CLOSED) == (r->n_reasons == 0));
	result_free(r);
	return v;
}

/* A is accepted; so are the other strangers, or not. */
static enum probe_verdict
verdict_of_strangers(enum outcome first, enum outcome second)
{
	struct probe_result *r = result_new(PROFILE_PAPER);
	enum probe_verdict v;

	assert_non_null(r);
	put_score(&r->control[0], table_control('A'), OUTCOME_ACCEPTED);
	put_score(&r->control[1], table_control('S'), first);
	put_score(&r->control[2], table_control('S'), second);
	put_score(&r->control[3], table_control('B'), OUTCOME_ACCEPTED);
	r->n_controls = r->n_before = 4;
	verdict_judge(r);
	v = r->verdict;
	result_free(r);
	return v;
}

static void
verdict_needs_a_stranger(void **state)
{
	(void)state;
	assert_int_equal(verdict_of_strangers(OUTCOME_ACCEPTED,
	    OUTCOME_ACCEPTED), PROBE_RELAYS);
	assert_int_equal(verdict_of_strangers(OUTCOME_REFUSED,
	    OUTCOME_REFUSED), PROBE_INVALID);
	assert_int_equal(verdict_of_strangers(OUTCOME_ACCEPTED,
	    OUTCOME_REFUSED), PROBE_INVALID);
	assert_int_equal(verdict_of_strangers(OUTCOME_UNANSWERED,
	    OUTCOME_DEFERRED), PROBE_RELAYS);
}

/* Accepted, which proves nothing where any local name is, or a message was. */
static void
verdict_needs_proof_of_a_catch_all(void **state)
{
	struct probe_result *r = result_new(PROFILE_PAPER);
	struct probe_score *at = &r->test[0], *away = &r->test[1];

	(void)state;
	assert_non_null(r);
	put_score(&r->control[0], table_control('N'), OUTCOME_ACCEPTED);
	r->n_controls = 1;
	put_score(at, table_find("P08"), OUTCOME_ACCEPTED);
	put_score(away, table_find("P15"), OUTCOME_ACCEPTED);
	assert_int_equal(verdict_sign(r, at), SIGN_OPEN);
	assert_int_equal(verdict_sign(r, away), SIGN_RELAYS);
	at->attempt[0].proof = PROOF_DELIVERED;
	assert_int_equal(verdict_sign(r, at), SIGN_RELAYS);
	away->attempt[0].proof = PROOF_UNSEEN;
	assert_int_equal(verdict_sign(r, away), SIGN_OPEN);
	away->attempt[0].proof = PROOF_BOUNCED;
	assert_int_equal(verdict_sign(r, away), SIGN_NONE);
	away->attempt[0].proof = PROOF_REFUSED;
	assert_int_equal(verdict_sign(r, away), SIGN_NONE);
	result_free(r);
}

static void
verdict_needs_valid_controls(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("rAAr", "r"), PROBE_CLOSED);
	assert_int_equal(verdict_of("rAAr", "rrAr"), PROBE_RELAYS);
	assert_int_equal(verdict_of("AAAr", "r"), PROBE_RELAYS);
	assert_int_equal(verdict_of("rAAA", "r"), PROBE_RELAYS);
	assert_int_equal(verdict_of("AAAA", "A"), PROBE_RELAYS);
	/* a relay is a fact, whatever the controls say */
	assert_int_equal(verdict_of("rrrr", "Ar"), PROBE_RELAYS);
	assert_int_equal(verdict_of("rAAr", "dr"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("rAAr", "ur"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("rAAr", "nr"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("dAAr", "r"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("rAAd", "r"), PROBE_INCONCLUSIVE);
	assert_int_equal(verdict_of("rrrr", "r"), PROBE_INVALID);
	assert_int_equal(verdict_of("rdAr", "r"), PROBE_INVALID);
	assert_int_equal(verdict_of("rArr", "r"), PROBE_INVALID);
	assert_int_equal(verdict_of("rAur", "ru"), PROBE_INVALID);
	assert_int_equal(verdict_of("uuuu", "u"), PROBE_INVALID);
	assert_int_equal(verdict_of("rAAr", "u"), PROBE_INVALID);
	assert_int_equal(verdict_of("dddd", "d"), PROBE_INVALID);
}

static void
worst_spelling_counts(void **state)
{
	static struct probe_score s;
	enum outcome o;

	(void)state;
	s.n = 2;
	for (o = OUTCOME_REFUSED; o <= OUTCOME_ACCEPTED; o++) {
		s.attempt[0].outcome = OUTCOME_REFUSED;
		s.attempt[1].outcome = o;
		score_settle(&s, true);
		assert_int_equal(s.outcome, o);
		s.attempt[0].outcome = OUTCOME_ACCEPTED;
		score_settle(&s, true);
		assert_int_equal(s.outcome, OUTCOME_ACCEPTED);
	}
	/* of the two postmasters the one that is accepted */
	s.attempt[0].outcome = OUTCOME_UNTESTED;
	s.attempt[1].outcome = OUTCOME_ACCEPTED;
	score_settle(&s, false);
	assert_int_equal(s.outcome, OUTCOME_ACCEPTED);
	s.attempt[1].outcome = OUTCOME_REFUSED;
	score_settle(&s, false);
	assert_int_equal(s.outcome, OUTCOME_UNTESTED);
}

/* ---- transcript and report ---- */

static void
transcript_is_bounded(void **state)
{
	struct transcript t = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < TRANSCRIPT_LINES_MAX + 300; i++)
		transcript_add(&t, "<<<", TEXT("250-\033x\\"));
	assert_true(t.cut);
	assert_true(t.n >= TRANSCRIPT_LINES_MAX);
	assert_true(t.n < TRANSCRIPT_LINES_MAX + 300);
	assert_string_equal(t.line[0], "<<< 250-\\x1bx\\x5c");
	transcript_free(&t);
	assert_int_equal(t.n, 0);
	transcript_add(NULL, "<<<", TEXT("nowhere"));
}

/* Every row of the text report, without one control byte in it. */
static void
report_prints_every_test(void **state)
{
	struct report_options o = { .width = 80 };
	struct probe_result *r = result_new(PROFILE_PAPER);
	char *text = NULL;
	size_t size = 0, i;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_non_null(r);
	assert_non_null(f);
	for (i = 0; i < table_count(PROFILE_PAPER); i++)
		put_score(&r->test[i], table_at(PROFILE_PAPER, i),
		    OUTCOME_DEFERRED);
	strcpy(r->test[8].attempt[0].step[0].argument, "a\033b");
	r->n_tests = table_count(PROFILE_PAPER);
	verdict_judge(r);
	assert_int_equal(report_print(FORMAT_TEXT, r, &o, f), 0);
	fclose(f);
	for (i = 0; i < table_count(PROFILE_PAPER); i++)
		assert_non_null(strstr(text, table_at(PROFILE_PAPER, i)->id));
	assert_non_null(strstr(text, "20 tests: 20 deferred"));
	assert_non_null(strstr(text, "a\\x1bb"));
	assert_null(strchr(text, '\033'));
	free(text);
	result_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spelling_gives_what_the_paper_prints),
		cmocka_unit_test(spelling_fits_the_longest_names),
		cmocka_unit_test(spelling_refuses_bad_templates),
		cmocka_unit_test(literal_of_both_families),
		cmocka_unit_test(reply_codes_stand_in_the_last_line),
		cmocka_unit_test(reply_of_endless_lines_is_garbage),
		cmocka_unit_test(reply_is_escaped),
		cmocka_unit_test(reply_tells_who_refused),
		cmocka_unit_test(target_reads_hosts_and_ports),
		cmocka_unit_test(source_is_a_stranger),
		cmocka_unit_test(verdict_needs_a_stranger),
		cmocka_unit_test(verdict_needs_proof_of_a_catch_all),
		cmocka_unit_test(verdict_needs_valid_controls),
		cmocka_unit_test(worst_spelling_counts),
		cmocka_unit_test(transcript_is_bounded),
		cmocka_unit_test(report_prints_every_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
