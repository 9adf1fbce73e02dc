/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit record as text: its keys, hostile bytes, lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <jansson.h>

#include "milter/audit/line.h"
#include "policy/decide.h"
#include "policy/escape.h"

static const struct rule percent = { .id = "P08", .form = "percent-hack",
	.code = "550", .dsn = "5.7.1" };

/* A refusal as the guard makes it: one foreign destination, two reasons. */
static void
make_decision(struct audit_decision *d, struct envelope *e, struct verdict *v)
{
	*e = (struct envelope){ .helo = TEXT("mail.test"),
		.sender = TEXT("<a@b.test>"),
		.recipient = TEXT("<u%far.test@here.test>") };
	ip_parse(TEXT("192.0.2.1"), &e->client);
	memset(v, 0, sizeof *v);
	v->action = VERDICT_REFUSE;
	v->rule = &percent;
	v->n = 2;
	v->reason[0] = (struct reason){ .kind = REASON_FOREIGN,
		.form = FORM_PERCENT, .subject = TEXT("far.test") };
	v->reason[1] = (struct reason){ .kind = REASON_RULE,
		.subject = TEXT("P08") };
	*d = (struct audit_decision){ .time = { 1800000000, 42999999 },
		.door = "milter", .queue_id = TEXT("4AO9n1"),
		.stage = STAGE_RCPT, .envelope = e, .verdict = v,
		.policy_serial = 7, .session = 12 };
}

/* The line of d as JSON; checks that it is one printable line. */
static json_t *
line_json(const struct audit_decision *d)
{
	char line[AUDIT_LINE_MAX];
	size_t i, n = audit_line(d, line);
	json_t *o;

	assert_true(n > 1 && n <= sizeof line);
	assert_int_equal(line[n - 1], '\n');
	for (i = 0; i < n - 1; i++)
		assert_in_range((unsigned char)line[i], 0x20, 0x7e);
	o = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(o);
	return o;
}

static void
test_line(void **state)
{
	static const char *expected = "{\"v\":1,"
	    "\"time\":\"2027-01-15T08:00:00.042Z\",\"door\":\"milter\","
	    "\"session\":12,\"queue_id\":\"4AO9n1\",\"client\":\"192.0.2.1\","
	    "\"helo\":\"mail.test\",\"auth\":\"\",\"sender\":\"<a@b.test>\","
	    "\"recipient\":\"<u%far.test@here.test>\",\"stage\":\"rcpt\","
	    "\"verdict\":\"refuse\",\"code\":550,\"dsn\":\"5.7.1\","
	    "\"rule\":\"P08\",\"form\":\"percent-hack\",\"destinations\":"
	    "[{\"host\":\"far.test\",\"form\":\"percent-hack\","
	    "\"is\":\"foreign\"}],\"why\":[\"A\",\"B\"],\"left_out\":0,"
	    "\"trusted\":false,\"mode\":\"enforce\",\"policy_serial\":7}\n";
	char line[AUDIT_LINE_MAX], why[2][REASON_TEXT_MAX], want[2048];
	struct audit_decision d;
	struct envelope e;
	struct verdict v;
	const char *a = strstr(expected, "A\",");

	(void)state;
	make_decision(&d, &e, &v);
	/* the wording of reasons is verdict.c's business */
	snprintf(want, sizeof want, "%.*s%s\",\"%s%s", (int)(a - expected),
	    expected, reason_print(&v.reason[0], NULL, why[0]),
	    reason_print(&v.reason[1], NULL, why[1]), a + 5);
	line[audit_line(&d, line)] = '\0';
	assert_string_equal(line, want);
}

/* A verdict without a rule, and one that names the entry it follows. */
static void
test_line_of_real_verdict(void **state)
{
	struct policy_builder *b = policy_builder_new(1);
	struct policy_entry here = { .kind = POLICY_LOCAL,
		.value = TEXT("here.test"), .line = 41 };
	struct facts facts = { .now = 1800000000 };
	struct audit_decision d;
	struct envelope e;
	struct verdict v;
	json_t *o;

	(void)state;
	make_decision(&d, &e, &v);
	assert_int_equal(policy_source(b, TEXT("relay.policy"), &here.source),
	    POLICY_OK);
	assert_int_equal(policy_add(b, &here, NULL), POLICY_OK);
	d.policy = policy_freeze(b);
	e.recipient = TEXT("u@here.test");
	decide_recipient(d.policy, &e, &facts, &v);
	o = line_json(&d);
	assert_string_equal(json_string_value(json_object_get(o, "verdict")),
	    "accept");
	assert_true(json_is_null(json_object_get(o, "rule")));
	assert_true(json_is_null(json_object_get(o, "code")));
	char *why = json_dumps(json_object_get(o, "why"), 0);
	assert_non_null(strstr(why, "(relay.policy:41)"));
	free(why);
	json_decref(o);
	decide_recipient(NULL, &e, &facts, &v);
	o = line_json(&d);
	assert_int_equal(json_integer_value(json_object_get(o, "code")), 451);
	json_decref(o);
	policy_free((struct policy *)d.policy);
}

static void
assert_came_through(const json_t *value, struct text sent)
{
	char back[AUDIT_FIELD_MAX];
	const char *s = json_string_value(value);

	assert_non_null(s);
	assert_int_equal(unescape_text(text_of(s), back), sent.n);
	assert_memory_equal(back, sent.at, sent.n);
}

/* Every byte value, in every field a client or the MTA fills. */
static void
test_hostile_bytes(void **state)
{
	struct audit_decision d;
	struct envelope e;
	struct verdict v;
	char bytes[16];
	unsigned first, i;

	(void)state;
	for (first = 0; first < 256; first += sizeof bytes) {
		struct text sent = { bytes, sizeof bytes };
		json_t *o, *to;

		for (i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)(first + i);
		make_decision(&d, &e, &v);
		d.queue_id = e.helo = e.auth = e.sender = e.recipient = sent;
		v.reason[0].subject = v.reason[1].subject = sent;
		o = line_json(&d);
		assert_came_through(json_object_get(o, "queue_id"), sent);
		assert_came_through(json_object_get(o, "helo"), sent);
		assert_came_through(json_object_get(o, "auth"), sent);
		assert_came_through(json_object_get(o, "sender"), sent);
		assert_came_through(json_object_get(o, "recipient"), sent);
		to = json_array_get(json_object_get(o, "destinations"), 0);
		assert_came_through(json_object_get(to, "host"), sent);
		json_decref(o);
	}
}

/* Fields of 4 KiB and all the reasons there can be, of the costliest bytes. */
static void
test_longest(void **state)
{
	static const char costly[] = { '"', '\\', '\xff', '\n', 'x' };
	static char bytes[4096];
	struct text sent = { bytes, sizeof bytes };
	struct audit_decision d;
	struct envelope e;
	struct verdict v;
	char notice[AUDIT_NOTICE_MAX];
	size_t i, k;

	(void)state;
	for (k = 0; k < sizeof costly; k++) {
		json_t *o;

		memset(bytes, costly[k], sizeof bytes);
		make_decision(&d, &e, &v);
		d.queue_id = e.helo = e.auth = e.sender = e.recipient = sent;
		for (v.n = 0; v.n < REASONS_MAX; v.n++) {
			v.reason[v.n] = v.reason[0];
			v.reason[v.n].subject = sent;
		}
		o = line_json(&d);
		assert_int_equal(json_integer_value(json_object_get(o,
		    "left_out")), 2 * REASONS_MAX - AUDIT_REASONS_MAX -
		    AUDIT_DESTINATIONS_MAX);
		assert_non_null(strstr(json_string_value(json_object_get(o,
		    "recipient")), "..."));
		json_decref(o);
		assert_true(audit_notice(&d, notice) < sizeof notice - 1);
		for (i = 0; notice[i] != '\0'; i++)
			assert_in_range((unsigned char)notice[i], 0x20, 0x7e);
	}
}

static void
test_notice(void **state)
{
	char out[AUDIT_NOTICE_MAX];
	struct audit_decision d;
	struct envelope e;
	struct verdict v;
	size_t n;

	(void)state;
	make_decision(&d, &e, &v);
	d.monitor = true;
	n = audit_notice(&d, out);
	assert_int_equal(n, strlen(out));
	assert_string_equal(out, "refuse P08 percent-hack client=192.0.2.1 "
	    "from=<a@b.test> to=<u%far.test@here.test> code=550 dsn=5.7.1 "
	    "qid=4AO9n1 mode=monitor");
	e.sender = TEXT("<x> client=10.0.0.1 \"%s%n\r\nrefuse>");
	audit_notice(&d, out);
	assert_non_null(strstr(out, " from=<x\\x3e\\x20client=10.0.0.1\\x20"
	    "\\x22%s%n\\x0d\\x0arefuse> to=<"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_line_of_real_verdict),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
