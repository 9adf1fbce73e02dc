/* SPDX-License-Identifier: BSD-2-Clause */
/* The chain of reasons, word for word: who may, who may not, and which entry
 * of which file says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/decide.h"

/* The same twice: without an auth entry, and with one for alice. */
static struct policy *any_identity, *only_alice;
static const struct policy *policy;
static struct text own_name;

static void
add(struct policy_builder *builder, enum policy_kind kind,
    enum policy_action action, const char *value, unsigned line)
{
	struct policy_entry e = { .kind = kind, .action = action,
		.line = line, .value = text_of(value) };

	if (network_parse(text_of(value), &e.network) != NETWORK_OK)
		e.network = (struct network){ 0 };
	assert_int_equal(policy_add(builder, &e, NULL), POLICY_OK);
}

static struct policy *
make(bool alice)
{
	struct policy_builder *b = policy_builder_new(42);
	unsigned id;

	assert_int_equal(policy_source(b, TEXT("a\nfile"), &id), POLICY_OK);
	add(b, POLICY_LOCAL, POLICY_GRANT, "guard.test", 1);
	add(b, POLICY_LOCAL, POLICY_GRANT, "192.0.2.25", 2);
	add(b, POLICY_LOCAL, POLICY_DENY, "192.0.2.26", 3);
	add(b, POLICY_RELAY, POLICY_GRANT, "relay.test", 4);
	add(b, POLICY_RELAY, POLICY_DENY, "deny.test", 5);
	add(b, POLICY_RELAY, POLICY_DENY, "mx.guard.test", 7);
	add(b, POLICY_LOCAL, POLICY_GRANT, "x", 8);
	add(b, POLICY_CLIENT, POLICY_GRANT, "10.0.0.0/8", 6);
	add(b, POLICY_CLIENT, POLICY_DENY, "10.66.0.0/16", 0);
	if (alice)
		add(b, POLICY_IDENTITY, POLICY_GRANT, "alice", 9);
	return policy_freeze(b);
}

static int
make_policies(void **state)
{
	(void)state;
	own_name = TEXT("mx.guard.test");
	policy = any_identity = make(false);
	only_alice = make(true);
	return policy == NULL || only_alice == NULL;
}

static int
free_policies(void **state)
{
	(void)state;
	policy_free(any_identity);
	policy_free(only_alice);
	return 0;
}

static struct verdict v;

/* Is the reason at place i (from the end when negative) told like this? */
static void
tells(int i, const char *want)
{
	char line[REASON_TEXT_MAX];
	size_t at = i < 0 ? v.n - (size_t)-i : (size_t)i;

	assert_true(at < v.n);
	assert_string_equal(reason_print(&v.reason[at], policy, line), want);
}

static void
ask(const char *client, const char *auth, const char *recipient)
{
	struct envelope e = { .own_name = own_name, .auth = text_of(auth),
		.sender = TEXT("<a@outside.test>"),
		.recipient = text_of(recipient) };
	struct facts facts = { .now = 5 };

	ip_parse(text_of(client), &e.client);
	ip_parse(TEXT("192.0.2.1"), &e.own_address);
	decide_recipient(policy, &e, &facts, &v);
}

/* An address that is trusted, one that is not, one that is taken out. */
static void
test_clients(void **state)
{
	(void)state;
	ask("127.0.0.1", NULL, "<b@d.test>");
	assert_true(v.trusted);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	assert_int_equal(v.n, 2);
	tells(0, "client is this machine: trusted");
	ask("10.1.1.1", NULL, "<b@d.test>");
	assert_true(v.trusted);
	assert_int_equal(v.n, 2);
	tells(0, "client is in a client network: trusted (a\\x0afile:6)");
	tells(1, "recipient's domain d.test is neither local nor a relay "
	    "domain");
	ask("10.66.1.1", NULL, "<b@d.test>");
	assert_false(v.trusted);
	assert_int_equal(v.action, VERDICT_REFUSE);
	tells(0, "client is taken out of the client networks: not trusted "
	    "(a\\x0afile)");
	tells(-1, "refused by P01");
	ask("192.0.2.7", NULL, "<b@d.test>");
	assert_false(v.trusted);
	tells(0, "client is in no client network: not trusted");
}

/* Without an auth entry any identity will do, with one only those named. */
static void
test_any_identity(void **state)
{
	(void)state;
	policy = any_identity;
	ask("192.0.2.7", "bob\t", "<b@d.test>");
	assert_true(v.trusted);
	assert_int_equal(v.n, 3);
	tells(0, "authenticated as bob\\x09: trusted");
	tells(1, "client is in no client network: not trusted");
	ask("192.0.2.7", "", "<b@d.test>");
	assert_false(v.trusted);
}

static void
test_listed_identity(void **state)
{
	(void)state;
	policy = only_alice;
	ask("192.0.2.7", "alice", "<b@d.test>");
	assert_true(v.trusted);
	assert_int_equal(v.n, 3);
	tells(0, "authenticated as alice: trusted (a\\x0afile:9)");
	tells(1, "client is in no client network: not trusted");
	ask("192.0.2.7", "bob", "<b@d.test>");
	assert_false(v.trusted);
	tells(0, "authenticated as bob, but no auth entry names it");
	tells(1, "client is in no client network: not trusted");
	ask("10.1.1.1", "bob", "<b@d.test>");
	assert_true(v.trusted);
	tells(1, "client is in a client network: trusted (a\\x0afile:6)");
}

static void
goes_to(const char *recipient, enum verdict_action action, const char *why)
{
	ask("192.0.2.7", NULL, recipient);
	assert_int_equal(v.action, action);
	tells(1, why);
}

static void
test_destinations(void **state)
{
	(void)state;
	goes_to("<b@guard.test>", VERDICT_ACCEPT,
	    "recipient's domain guard.test is local (a\\x0afile:1)");
	goes_to("<b@relay.test>", VERDICT_ACCEPT,
	    "recipient's domain relay.test is a relay domain (a\\x0afile:4)");
	goes_to("<b@MX.guard.test>", VERDICT_ACCEPT,
	    "recipient's domain MX.guard.test is this host");
	goes_to("<b@x>", VERDICT_ACCEPT,
	    "recipient's domain x is local (a\\x0afile:8)");
	goes_to("<b@localhost>", VERDICT_ACCEPT,
	    "recipient's domain localhost is this host");
	goes_to("<b>", VERDICT_ACCEPT,
	    "recipient without domain: is this host");
	goes_to("<b@[192.0.2.1]>", VERDICT_ACCEPT,
	    "recipient's domain [192.0.2.1] is this host");
	goes_to("<b@[127.0.0.1]>", VERDICT_ACCEPT,
	    "recipient's domain [127.0.0.1] is this host");
	goes_to("<b@[192.0.2.25]>", VERDICT_ACCEPT,
	    "recipient's domain [192.0.2.25] is local (a\\x0afile:2)");
	goes_to("<b@[192.0.2.26]>", VERDICT_REFUSE, "recipient's domain "
	    "[192.0.2.26] is denied by an entry (a\\x0afile:3)");
	goes_to("<b@deny.test>", VERDICT_REFUSE, "recipient's domain "
	    "deny.test is denied by an entry (a\\x0afile:5)");
	goes_to("<b@[no]>", VERDICT_REFUSE, "recipient's domain [no] is "
	    "neither local nor a relay domain");
	/* what is no host name is nobody's, also while we have no name */
	own_name = TEXT("");
	goes_to("<b%a+b@guard.test>", VERDICT_REFUSE,
	    "recipient's domain guard.test is local (a\\x0afile:1)");
	tells(2, "percent-hack leads to a+b, which is neither local nor a "
	    "relay domain");
	own_name = TEXT("mx.guard.test");
	/* the origin is left out when there is no policy to ask for it */
	ask("192.0.2.7", NULL, "<b@guard.test>");
	assert_true(v.reason[1].has_entry);
	assert_string_equal(reason_print(&v.reason[1], NULL,
	    (char[REASON_TEXT_MAX]){ 0 }),
	    "recipient's domain guard.test is local");
}

static void
claims(const char *sender, const char *who, const char *rule)
{
	struct envelope e = { .own_name = own_name, .sender = text_of(sender),
		.recipient = TEXT("<b@d.test>") };
	struct facts facts = { .now = 5 };
	char want[64];

	ip_parse(TEXT("192.0.2.1"), &e.own_address);
	decide_recipient(policy, &e, &facts, &v);
	snprintf(want, sizeof want, "sender is %s", who);
	tells(-2, want);
	assert_string_equal(v.rule->id, rule);
}

static void
test_senders(void **state)
{
	(void)state;
	claims("<a@outside.test>", "outside", "P01");
	claims("<>", "the null sender", "P05");
	claims("<a@x>", "in a domain of ours", "P00");
	claims("<a@[192.0.2.1]>", "at an address of ours", "P07");
	claims("<a@192.0.2.1>", "at an address of ours", "P07");
	claims("<a@192.0.2.25>", "outside", "P01");
	/* the user is what stands behind the tag of BATV, and no other tag */
	claims("<prvs=1=postmaster@guard.test>", "in a domain of ours", "P19");
	claims("<x=postmaster@guard.test>", "in a domain of ours", "P00");
	claims("<postmaster=x@guard.test>", "in a domain of ours", "P00");
	claims("<outside.test!root@guard.test>", "in a domain of ours", "P06");
	claims("<\"root\"@guard.test>", "in a domain of ours", "P06");
	claims("<postmaster", "outside", "P01");
	/* by any reading, not only the first */
	claims("<u%a.test%guard.test@outside.test>", "in a domain of ours",
	    "P00");
}

/* A name of ours needs no DNS; the chain says who is judged, and as whom. */
static void
test_at_mail(void **state)
{
	struct envelope e = { .own_name = own_name,
		.sender = TEXT("<a@guard.test>") };
	struct facts facts = { .now = 5, .sender_domain = ANSWER_NO };

	(void)state;
	ip_parse(TEXT("192.0.2.7"), &e.client);
	decide_sender(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	assert_int_equal(v.n, 2);
	tells(0, "client is in no client network: not trusted");
	tells(1, "sender is in a domain of ours");
	e.sender = TEXT("<u%guard.test@outside.test>");
	decide_sender(policy, &e, &facts, &v);
	tells(1, "sender is in a domain of ours");
	assert_int_equal(v.action, VERDICT_ACCEPT);
	e.sender = TEXT("<a@outside.test>");
	decide_sender(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_REFUSE);
	tells(1, "sender is outside");
	tells(2, "refused by P02");
}

static void
test_what_is_no_host(void **state)
{
	char line[ADDRESS_MAX] = "";
	size_t i;

	(void)state;
	goes_to("<\"|/bin/sh\"@guard.test>", VERDICT_REFUSE,
	    "recipient's domain guard.test is local (a\\x0afile:1)");
	tells(2, "program-target: |/bin/sh");
	tells(3, "sender is outside");
	tells(4, "refused by S03");
	assert_int_equal(v.n, 5);
	goes_to("<b@guard.test", VERDICT_REFUSE,
	    "not an address: angle brackets do not match at byte 12");
	goes_to("<>", VERDICT_REFUSE,
	    "not an address: no recipient at byte 0");
	goes_to("<u%1!2!3!4!5!6!7!8!9!10!11!12!13!14!15!16!17!18!19!20!21!22"
	    "!23!24!25!b@guard.test>", VERDICT_REFUSE,
	    "recipient's domain guard.test is local (a\\x0afile:1)");
	tells(-3, "more readings than an honest address has");
	/* nobody honest has so many, even if all are of ours */
	for (i = 0; i <= READINGS_MAX; i++)
		strcat(line, "guard.test!");
	strcat(line, "u@guard.test");
	goes_to(line, VERDICT_REFUSE,
	    "recipient's domain guard.test is local (a\\x0afile:1)");
	tells(-3, "more readings than an honest address has");
	assert_true(v.readings.too_many);
}

/* What is too long for a line is cut, the rest of the line is not. */
static void
test_long_texts(void **state)
{
	struct policy_builder *b = policy_builder_new(1);
	struct reason r = { .kind = REASON_DENIED, .has_entry = true,
		.form = FORM_QUOTED_PERCENT, .entry = { .line = 4294967295 } };
	char text[600], line[REASON_TEXT_MAX], want[REASON_TEXT_MAX];
	struct policy *p;

	(void)state;
	memset(text, 'a', sizeof text);
	r.subject = (struct text){ text, sizeof text };
	assert_int_equal(policy_source(b, r.subject, &r.entry.source),
	    POLICY_OK);
	p = policy_freeze(b);
	snprintf(want, sizeof want, "quoted-percent leads to %.508s..., which "
	    "is denied by an entry (%.252s...:4294967295)", text, text);
	assert_string_equal(reason_print(&r, p, line), want);
	r.subject.n = 511; /* fits */
	snprintf(want, sizeof want, "quoted-percent leads to %.511s, which "
	    "is denied by an entry (%.252s...:4294967295)", text, text);
	assert_string_equal(reason_print(&r, p, line), want);
	policy_free(p);
}

/* Whatever the judgement, the verdict starts from nothing. */
static void
test_each_starts_anew(void **state)
{
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.recipient = TEXT("<b@d.test>") };
	struct facts facts = { .now = 5 };

	(void)state;
	memset(&v, 0xff, sizeof v);
	v.trusted = true;
	decide_recipient(NULL, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_DEFER);
	assert_false(v.trusted);
	assert_null(v.rule);
	assert_int_equal(v.n, 1);
	assert_int_equal(v.readings.n, 0);
	assert_false(v.readings.too_many);
	tells(0, "no policy loaded yet: deferred");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_any_identity),
		cmocka_unit_test(test_listed_identity),
		cmocka_unit_test(test_destinations),
		cmocka_unit_test(test_senders),
		cmocka_unit_test(test_at_mail),
		cmocka_unit_test(test_what_is_no_host),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_each_starts_anew),
	};

	return cmocka_run_group_tests(tests, make_policies, free_policies);
}
