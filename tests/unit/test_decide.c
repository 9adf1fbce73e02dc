/* SPDX-License-Identifier: BSD-2-Clause */
/* The judgement, the grammar and the readings, against text vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/decide.h"
#include "policy/domain.h"
#include "policy/rule_modes.h"
#include "tests/unit/vectors.h"

/* The policy of all vectors; tests/vectors/decide.txt describes it. */
static struct policy *policy;
#define NOW 1800000000

static void
add(struct policy_builder *b, struct policy_entry e, const char *value)
{
	e.value = text_of(value);
	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
}

static void
add_network(struct policy_builder *b, struct policy_entry e, const char *net)
{
	assert_int_equal(network_parse(text_of(net), &e.network), NETWORK_OK);
	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
}

static int
make_policy(void **state)
{
	struct policy_builder *b = policy_builder_new(42);
	struct policy_entry local = { .kind = POLICY_LOCAL };
	struct policy_entry relay = { .kind = POLICY_RELAY };
	struct policy_entry client = { .kind = POLICY_CLIENT };
	struct policy_entry auth = { .kind = POLICY_IDENTITY };
	unsigned id;

	(void)state;
	assert_int_equal(policy_source(b, TEXT("vectors"), &id), POLICY_OK);
	add(b, local, "guard.test");
	add_network(b, local, "192.0.2.25");
	add(b, relay, "relay.test");
	relay.span = SPAN_BELOW;
	add(b, relay, "below.test");
	relay.span = SPAN_BOTH;
	add(b, relay, "both.test");
	relay.action = POLICY_DENY;
	add(b, relay, "deny.both.test");
	relay.action = POLICY_GRANT;
	relay.until = NOW;
	add(b, relay, "expired.test");
	add_network(b, client, "10.0.0.0/8");
	add_network(b, client, "2001:db8::/32");
	client.action = POLICY_DENY;
	add_network(b, client, "10.66.0.0/16");
	add(b, auth, "alice");
	policy = policy_freeze(b);
	return policy == NULL;
}

static int
free_policy(void **state)
{
	(void)state;
	policy_free(policy);
	return 0;
}

/* "accept", "refuse P08 percent-hack", "defer", as one field would say it. */
static bool
verdict_is(const struct verdict *v, struct text want, char *got, size_t cap)
{
	if (v->rule != NULL)
		snprintf(got, cap, "%s%s", v->rule->id,
		    v->action == VERDICT_DEFER ? " defer" : "");
	else
		snprintf(got, cap, "%s", verdict_action_text(v->action));
	return text_equal(text_of(got), want);
}

/* Which rows of the table have refused something so far? */
static bool hit[64];

static void
note_hit(const struct verdict *v)
{
	size_t i;

	for (i = 0; i < rules_count(); i++)
		if (rules_at(i) == v->rule)
			hit[i] = true;
}

/* One fact, "spf=no"; false: it is none. */
static bool
set_fact(struct facts *f, struct text word)
{
	const struct {
		const char *name;
		enum answer *at;
	} facts[] = { { "domain", &f->sender_domain },
		{ "mail", &f->sender_mail },
		{ "answered", &f->sender_answered }, { "spf", &f->spf },
		{ "record", &f->spf_record },
		{ "spf-answered", &f->spf_answered } };
	size_t i, equals = text_find(word, '=');
	struct text value = text_cut(word, equals + 1, word.n);

	for (i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		if (!text_equal(text_cut(word, 0, equals),
		    text_of(facts[i].name)))
			continue;
		*facts[i].at = text_equal(value, TEXT("no")) ? ANSWER_NO :
		    ANSWER_YES;
		return true;
	}
	return false;
}

static const char *
check_decision(const struct vector *v)
{
	static char wrong[64];
	char got[16];
	struct envelope e = { .own_name = TEXT("mx.guard.test") };
	struct facts facts = { .now = NOW };
	static struct verdict verdict;
	size_t i;

	if (v->n < 5)
		return "fields wanted: client auth sender rcpt verdict "
		    "[AUTH= | FACT=...]";
	for (i = 5; i < v->n; i++)
		if (!set_fact(&facts, v->field[i]))
			e.auth_claim = v->field[i];
	ip_parse(v->field[0], &e.client);
	ip_parse(TEXT("192.0.2.1"), &e.own_address);
	if (!text_equal(v->field[1], TEXT("-")))
		e.auth = v->field[1];
	e.sender = v->field[2];
	e.recipient = v->field[3];
	decide_sender(policy, &e, &facts, &verdict);
	if (verdict.action == VERDICT_ACCEPT)
		decide_recipient(policy, &e, &facts, &verdict);
	note_hit(&verdict);
	if (verdict_is(&verdict, v->field[4], got, sizeof got))
		return NULL;
	snprintf(wrong, sizeof wrong, "got %s", got);
	return wrong;
}

/* Fields: recipient, {rcpt_mailer}, {rcpt_addr}, verdict. */
static const char *
check_opinion(const struct vector *v)
{
	static char wrong[64];
	char got[16];
	struct envelope e = { .own_name = TEXT("mx.guard.test"),
		.sender = TEXT("<a@outside.test>"), .utf8 = true };
	struct facts facts = { .now = NOW };
	static struct verdict verdict;

	if (v->n != 4)
		return "four fields wanted: recipient mailer address verdict";
	ip_parse(TEXT("198.51.100.7"), &e.client);
	e.recipient = v->field[0];
	e.rcpt_mailer = v->field[1];
	e.rcpt_address = v->field[2];
	decide_recipient(policy, &e, &facts, &verdict);
	note_hit(&verdict);
	if (verdict_is(&verdict, v->field[3], got, sizeof got))
		return NULL;
	snprintf(wrong, sizeof wrong, "got %s", got);
	return wrong;
}

static void
test_decisions(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("decide.txt", check_decision), 0);
	assert_int_equal(vectors_run("facts.txt", check_decision), 0);
	assert_int_equal(vectors_run("mta.txt", check_opinion), 0);
}

static const char *
check_legal_at(struct text local, const char *domain)
{
	static struct verdict verdict;
	static char wrong[160];
	char address[ADDRESS_MAX];
	struct envelope e = { .sender = TEXT("<someone@outside.test>"),
		.own_name = TEXT("mx.guard.test") };
	struct facts facts = { .now = NOW };
	int n;

	n = snprintf(address, sizeof address, "<%.*s@%s>", (int)local.n,
	    local.at, domain);
	ip_parse(TEXT("198.51.100.7"), &e.client);
	ip_parse(TEXT("192.0.2.1"), &e.own_address);
	e.recipient = (struct text){ address, (size_t)n };
	decide_recipient(policy, &e, &facts, &verdict);
	if (verdict.action == VERDICT_ACCEPT)
		return NULL;
	snprintf(wrong, sizeof wrong, "refused by %s at %s",
	    verdict.rule != NULL ? verdict.rule->id : "nothing", domain);
	return wrong;
}

/* A legal local part must pass at every kind of domain that is ours. */
static const char *
check_legal(const struct vector *v)
{
	static const char *const domains[] = { "guard.test", "relay.test",
		"GUARD.Test", "relay.test.", "mx.guard.test", "[192.0.2.1]",
		"[192.0.2.25]", "a.below.test", "both.test" };
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i < sizeof domains / sizeof domains[0] && !wrong; i++)
		wrong = check_legal_at(v->field[0], domains[i]);
	return wrong;
}

static void
test_legal(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("legal.txt", check_legal), 0);
	assert_int_equal(vectors_run("legal_grammar.txt", check_legal), 0);
}

static const char *
class_name(const struct address *a)
{
	switch (a->class) {
	case ADDRESS_MALFORMED:
		return "malformed";
	case ADDRESS_NULL:
		return "null";
	case ADDRESS_BARE:
		return "bare";
	case ADDRESS_MAILBOX:
		break;
	}
	return a->extra_ats > 0 ? "multi" : "mailbox";
}

/* Has the client said SMTPUTF8?  The two files of readings differ in that. */
static bool reading_utf8;

/* Fields: argument, class; then the readings as form:host. */
static const char *
check_readings(const struct vector *v)
{
	static char wrong[256];
	char got[ADDRESS_MAX + 32];
	static struct readings r;
	struct address a;
	size_t i;

	address_parse(v->field[0], reading_utf8, &a);
	if (v->n < 2 || !text_equal(text_of(class_name(&a)), v->field[1])) {
		snprintf(wrong, sizeof wrong, "class %s (%s at %zu)",
		    class_name(&a), address_error_text(a.error), a.error_at);
		return wrong;
	}
	r.n = 0;
	if (a.class != ADDRESS_MALFORMED)
		readings_find(&a, &r);
	for (i = 0; i < r.n; i++) {
		snprintf(got, sizeof got, "%s:%.*s", form_name(r.at[i].form),
		    (int)r.at[i].host.n, r.at[i].host.at);
		if (i + 2 >= v->n || !text_equal(text_of(got), v->field[i + 2]))
			break;
	}
	if (i == r.n && i + 2 == v->n)
		return NULL;
	snprintf(wrong, sizeof wrong, "reading %zu of %zu is %.200s", i + 1,
	    r.n, i < r.n ? got : "missing");
	return wrong;
}

static void
test_readings(void **state)
{
	(void)state;
	reading_utf8 = false;
	assert_int_equal(vectors_run("readings.txt", check_readings), 0);
	reading_utf8 = true;
	assert_int_equal(vectors_run("readings_utf8.txt", check_readings), 0);
	/* what ASCII says holds with SMTPUTF8 too, but for 8-bit bytes */
}

/* A rule about the form of recipients refuses its own example. */
static bool
example_hits(const struct rule *r)
{
	static struct verdict v;
	struct facts facts = { .now = NOW };
	struct envelope e = { .sender = TEXT("<a@outside.test>"),
		.recipient = text_of(r->example), .utf8 = true };

	ip_parse(TEXT("198.51.100.7"), &e.client);
	decide_recipient(policy, &e, &facts, &v);
	return v.rule == r;
}

/* Each row is whole, is hit by a vector, and is what its example hits. */
static void
test_rules_complete(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < rules_count(); i++) {
		const struct rule *r = rules_at(i);
		bool sender = r->stage != STAGE_RCPT ||
		    strstr(r->form, "sender") != NULL ||
		    strcmp(r->form, "auth-claim") == 0;

		assert_non_null(r->why);
		assert_ptr_equal(rules_find(text_of(r->id)), r);
		for (j = 0; r->text[j] != '\0'; j++)
			assert_true(r->text[j] >= 0x20 && r->text[j] < 0x7f &&
			    r->text[j] != '%');
		if (!hit[i])
			fail_msg("no vector hits rule %s", r->id);
		if (!sender && strcmp(r->id, "M01") != 0 && !example_hits(r))
			fail_msg("the example of rule %s misses it", r->id);
	}
	assert_null(rules_find(TEXT("X99")));
	assert_null(rules_at(rules_count()));
}

static void
test_no_policy_defers(void **state)
{
	static struct verdict v;
	struct envelope e = { .sender = TEXT("<a@guard.test>"),
		.recipient = TEXT("<a@guard.test>") };
	struct facts facts = { .now = NOW };

	(void)state;
	decide_sender(NULL, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_DEFER);
	decide_recipient(NULL, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_DEFER);
}

/* P02 at MAIL, S05 only at RCPT; what the DNS says is in the reasons. */
static void
test_facts(void **state)
{
	static struct verdict v;
	struct envelope e = { .sender = TEXT("<a@nowhere.test>") };
	struct facts facts = { .now = NOW };
	struct rule_modes modes = { 0 };
	char line[REASON_TEXT_MAX];

	(void)state;
	decide_sender(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	facts.sender_domain = ANSWER_YES;
	decide_sender(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	facts.sender_domain = ANSWER_NO;
	decide_sender(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_REFUSE);
	assert_string_equal(v.rule->id, "P02");
	assert_string_equal(v.rule->dsn, "5.1.8");
	facts.sender_domain = ANSWER_UNKNOWN;
	facts.spf = ANSWER_NO;
	decide_sender(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	facts.sender_domain_said = TEXT("not known");
	facts.spf_said = TEXT("fail");
	e.sender = TEXT("<>");
	e.recipient = TEXT("<u@guard.test>");
	decide_recipient(policy, &e, &facts, &v);
	assert_true(v.stranger);
	assert_string_equal(v.rule->id, "S05");
	assert_int_equal(v.n, 5);
	assert_string_equal(reason_print(&v.reason[2], policy, line),
	    "sender's domain: not known");
	assert_string_equal(reason_print(&v.reason[3], policy, line),
	    "SPF: fail");
	assert_string_equal(reason_print(&v.reason[4], policy, line),
	    "refused by S05");
	rule_modes_set(&modes, TEXT("S05=off"));
	rule_modes_apply(&modes, &v);
	assert_string_equal(reason_print(&v.reason[4], policy, line),
	    "passes, though S05 says no: it is off");
	facts.spf = ANSWER_UNKNOWN;
	facts.spf_answered = ANSWER_NO;
	decide_recipient(policy, &e, &facts, &v);
	assert_string_equal(reason_print(&v.reason[4], policy, line),
	    "deferred by S09");
	ip_parse(TEXT("127.0.0.1"), &e.client);
	decide_recipient(policy, &e, &facts, &v);
	assert_int_equal(v.action, VERDICT_ACCEPT);
	assert_false(v.stranger);
}

/* The chain of reasons, word for word, for one refusal. */
static void
test_reasons(void **state)
{
	static struct verdict v;
	struct envelope e = { .sender = TEXT("<>"),
		.recipient = TEXT("<u%d.test@relay.test>") };
	struct facts facts = { .now = NOW };
	static const char *const want[] = {
		"client is in no client network: not trusted",
		"recipient's domain relay.test is a relay domain (vectors)",
		"percent-hack leads to d.test, which is neither local nor a "
		"relay domain",
		"sender is the null sender",
		"refused by P08",
	};
	char line[REASON_TEXT_MAX];
	size_t i;

	(void)state;
	ip_parse(TEXT("198.51.100.7"), &e.client);
	decide_recipient(policy, &e, &facts, &v);
	assert_int_equal(v.n, sizeof want / sizeof want[0]);
	for (i = 0; i < v.n; i++)
		assert_string_equal(reason_print(&v.reason[i], policy, line),
		    want[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_legal),
		cmocka_unit_test(test_readings),
		cmocka_unit_test(test_rules_complete),
		cmocka_unit_test(test_no_policy_defers),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, make_policy, free_policy);
}
