/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading audit records back: times, lines, counting, and the sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/audit/line.h"
#include "milter/audit/summary.h"
#include "milter/audit/when.h"

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1969-12-31T23:59:59.999Z", -1 },
		{ "2000-02-29t12:00:00.5z", INT64_C(951825600500) },
		{ "2026-11-24T09:49:00.123456+09:00", INT64_C(1795481340123) },
		{ "2026-11-24 09:49:00-05:30", INT64_C(1795533540000) },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
		{ "0000-01-01T00:00:00Z", INT64_C(-62167219200000) },
		{ "9999-12-31T23:59:59Z", INT64_C(253402300799000) },
	};
	static const char *const bad[] = { "", "2026-11-24",
		"2026-11-24T09:49Z",
		"2026-11-24T09:49:00", "2026-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-11-24T24:00:00Z", "2026-11-24T09:60:00Z",
		"2026-11-24T09:49:61Z", "2026-11-24T09:49:00.Z",
		"2026-11-24T09:49:00+24:00", "2026-11-24T09:49:00Zx",
		"+026-11-24T09:49:00Z", "2026-11-24T09:49:00+0900" };
	size_t i;
	int64_t ms;

	(void)state;
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		ms = 42;
		if (!when_parse(text_of(good[i].text), &ms) ||
		    ms != good[i].ms)
			fail_msg("%s: %lld", good[i].text, (long long)ms);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ms = 42;
		if (when_parse(text_of(bad[i]), &ms) || ms != 42)
			fail_msg("%s: %lld", bad[i], (long long)ms);
	}
}

/* Printing and reading agree, through leap years and centuries. */
static void
test_times_there_and_back(void **state)
{
	char text[WHEN_TEXT_MAX];
	int64_t ms, back;

	(void)state;
	for (ms = INT64_C(-62167219200000); ms < INT64_C(253402300799000);
	    ms += INT64_C(86399999) * 17) {
		when_print(ms, text);
		assert_int_equal(strlen(text), WHEN_TEXT_MAX - 1);
		assert_true(when_parse(text_of(text), &back));
		assert_true(back == ms);
	}
	assert_string_equal(when_print(INT64_C(1709209620007), text),
	    "2024-02-29T12:27:00.007Z");
	assert_string_equal(when_print_minute(INT64_C(1709209620007), text),
	    "2024-02-29 12:27");
	/* nonsense must at least stay in its buffer */
	when_print(INT64_MAX, text);
	when_print(INT64_MIN, text);
}

static void
test_since(void **state)
{
	static const int64_t now = INT64_C(1795481340123);
	static const char *const bad[] = { "", "7", "d", "-7d", "7x", "7 d",
		"7dd", "1234567d", "yesterday", "2026-02-30" };
	int64_t ms;
	size_t i;

	(void)state;
	assert_true(when_parse_since(TEXT("24h"), now, &ms));
	assert_true(ms == now - INT64_C(86400000));
	assert_true(when_parse_since(TEXT("2W"), now, &ms));
	assert_true(ms == now - INT64_C(14) * 86400000);
	assert_true(when_parse_since(TEXT("2026-11-24"), now, &ms));
	assert_true(ms == INT64_C(1795478400000));
	assert_true(when_parse_since(TEXT("1970-01-01T00:00:01Z"), now, &ms));
	assert_true(ms == 1000);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (when_parse_since(text_of(bad[i]), now, &ms))
			fail_msg("%s taken", bad[i]);
}

static FILE *
file_of(const char *bytes, size_t n)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	rewind(f);
	return f;
}

#define TAIL "\"time\":\"1970-01-01T00:00:01Z\",\"mode\":\"enforce\"," \
	"\"verdict\":\"refuse\""

static void
test_bad_lines(void **state)
{
	static const char file[] =
	    "{\"v\":1," TAIL ",\"client\":\"a\\\\x00b\",\"new\":[{}]}\n"
	    "\n"                                /* blank: passed over */
	    " \t\r\n"
	    "not JSON\n"
	    "[1]\n"
	    "{\"v\":2," TAIL "}\n"
	    "{\"v\":\"1\"," TAIL "}\n"
	    "{\"v\":1," TAIL ",\"v\":1}\n"      /* a key twice */
	    "{\"v\":1," TAIL ",\"client\":7}\n"
	    "{\"v\":1,\"time\":\"now\"}\n"
	    "{\"v\":1,\"time\":\"1970-01-01T00:00:01Z\"}\n"
	    "{\"v\":1," TAIL "}{}\n"
	    "{\"v\":1," TAIL ",\"x\":\"\\u0000\"}\n"
	    "{\"v\":1," TAIL ",\"rule\":null}\r\n"
	    "{\"v\":1," TAIL "}";               /* no newline at the end */
	FILE *f = file_of(file, sizeof file - 1);
	struct audit_reader *r = audit_reader_new(f);
	enum audit_read_result result;
	struct audit_record record;
	unsigned bad = 0;

	(void)state;
	assert_int_equal(audit_read(r, &record), AUDIT_READ_RECORD);
	assert_true(record.time == 1000);
	assert_int_equal(record.verdict, VERDICT_REFUSE);
	assert_int_equal(record.client.n, 3);
	assert_memory_equal(record.client.at, "a\0b", 3);
	while ((result = audit_read(r, &record)) == AUDIT_READ_BAD)
		assert_int_equal(audit_reader_line(r), 4 + bad++);
	assert_int_equal(bad, 10);
	assert_int_equal(result, AUDIT_READ_RECORD);
	assert_int_equal(record.rule.n, 0);
	assert_int_equal(audit_read(r, &record), AUDIT_READ_RECORD);
	assert_int_equal(audit_reader_line(r), 15);
	assert_int_equal(audit_read(r, &record), AUDIT_READ_END);
	assert_int_equal(audit_read(r, &record), AUDIT_READ_END);
	audit_reader_free(r);
	fclose(f);
}

/* Lines around the longest one that is read, each followed by a good one. */
static void
test_long_lines(void **state)
{
	static const size_t length[] = { AUDIT_READ_MAX - 1, AUDIT_READ_MAX,
		AUDIT_READ_MAX + 1, 3 * AUDIT_READ_MAX + 5 };
	static const char good[] = "{\"v\":1," TAIL "}";
	size_t i, n = sizeof good - 1;

	(void)state;
	for (i = 0; i < sizeof length / sizeof length[0]; i++) {
		char *bytes = malloc(length[i] + 1 + n);
		struct audit_reader *r;
		struct audit_record record;
		FILE *f;

		assert_non_null(bytes);
		memset(bytes, ' ', length[i]);
		memcpy(bytes, good, n);
		bytes[length[i]] = '\n';
		memcpy(bytes + length[i] + 1, good, n);
		f = file_of(bytes, length[i] + 1 + n);
		r = audit_reader_new(f);
		assert_int_equal(audit_read(r, &record),
		    length[i] < AUDIT_READ_MAX ? AUDIT_READ_RECORD :
		    AUDIT_READ_BAD);
		assert_int_equal(audit_read(r, &record), AUDIT_READ_RECORD);
		assert_int_equal(audit_reader_line(r), 2);
		assert_int_equal(audit_read(r, &record), AUDIT_READ_END);
		audit_reader_free(r);
		fclose(f);
		free(bytes);
	}
}

/* What audit_line writes, audit_read reads: every byte of every field. */
static void
test_writer_and_reader(void **state)
{
	static const struct rule rule = { .id = "P08", .form = "f\"\\x41",
		.code = "550", .dsn = "5.7.1" };
	static struct verdict v = { .action = VERDICT_REFUSE, .rule = &rule };
	char line[AUDIT_LINE_MAX], bytes[256];
	struct text sent = { bytes + 128, 128 };
	struct envelope e = { .sender = sent, .recipient = { bytes, 128 } };
	struct audit_decision d = { .time = { 5, 7000000 }, .door = "map",
		.envelope = &e, .verdict = &v, .monitor = true };
	struct audit_record record;
	struct audit_reader *r;
	FILE *f;
	int i;

	(void)state;
	for (i = 0; i < 256; i++)
		bytes[i] = (char)i;
	f = file_of(line, audit_line(&d, line));
	r = audit_reader_new(f);
	assert_int_equal(audit_read(r, &record), AUDIT_READ_RECORD);
	assert_true(record.time == 5007);
	assert_true(record.monitor);
	assert_true(text_equal(record.sender, sent));
	assert_true(text_equal(record.recipient, e.recipient));
	assert_true(text_equal(record.client, TEXT("unknown")));
	audit_reader_free(r);
	fclose(f);
}

#define KEYS 5000

/* Against the plainest way to count: key i comes i % 50 + 1 times. */
static void
test_group(void **state)
{
	struct group *g = group_new();
	const struct group_row *top[KEYS + 5];
	struct group_row *row;
	char key[32];
	unsigned i, round;
	size_t n;

	(void)state;
	for (round = 0; round < 50; round++) {
		for (i = 0; i < KEYS; i++) {
			if (i % 50 < round)
				continue;
			n = (size_t)snprintf(key, sizeof key, "k%u", i);
			row = group_add(g, (struct text){ key, n },
			    1000 + (int64_t)round * (i % 2 ? 1 : -1));
			assert_int_equal(row->count, round + 1);
		}
	}
	assert_int_equal(group_size(g), KEYS);
	assert_int_equal(group_top(g, KEYS + 5, top), KEYS);
	for (i = 0; i < KEYS; i++) {
		assert_int_equal(top[i]->count, 50 - i / (KEYS / 50));
		if (i > 0 && top[i]->count == top[i - 1]->count)
			assert_true(memcmp(top[i - 1]->key.at, top[i]->key.at,
			    top[i]->key.n) < 0 || top[i - 1]->key.n <
			    top[i]->key.n);
	}
	assert_int_equal(group_top(g, 1, top), 1);
	assert_true(text_equal(top[0]->key, TEXT("k1049")));
	assert_true(top[0]->first == 1000 && top[0]->last == 1049);
	assert_int_equal(group_top(g, 0, top), 0);
	row = group_add(g, (struct text){ NULL, 0 }, 1);
	assert_int_equal(row->count, 1);
	assert_int_equal(group_size(g), KEYS + 1);
	group_free(g);
}

static void
add(struct summary *s, int64_t time, enum verdict_action verdict,
    const char *client, const char *rule, const char *recipient)
{
	struct audit_record r = { .time = time, .verdict = verdict,
		.client = text_of(client), .rule = text_of(rule),
		.recipient = text_of(recipient), .sender = TEXT("<>") };

	r.monitor = time % 2 == 1;
	assert_int_equal(summary_add(s, &r), 0);
}

static void
assert_top(const struct summary *s, enum summary_by by, const char *key,
    uint64_t count, uint32_t rules)
{
	const struct group_row *row;

	assert_int_equal(group_top(s->by[by], 1, &row), 1);
	assert_true(text_equal(row->key, text_of(key)));
	assert_int_equal(row->count, count);
	assert_int_equal(row->rules, rules);
}

static void
test_summary(void **state)
{
	struct summary s;

	(void)state;
	assert_int_equal(summary_init(&s, 31, 100), 0);
	add(&s, 99, VERDICT_REFUSE, "z", "P01", "<a@old.test>");
	add(&s, 104, VERDICT_REFUSE, "a", "P08", "<u%d@Here.TEST.>");
	add(&s, 102, VERDICT_REFUSE, "a", "P08", "v@here.test");
	add(&s, 105, VERDICT_REFUSE, "a", "P09", "<w@there.test>");
	add(&s, 106, VERDICT_DEFER, "a", "", "<x@here.test>");
	add(&s, 108, VERDICT_REFUSE, "b", "P03", "");
	add(&s, 200, VERDICT_ACCEPT, "c", "", "<y@accepted.test>");
	assert_int_equal(s.before, 1);
	assert_int_equal(s.refused, 3);
	assert_int_equal(s.would_refuse, 1);
	assert_int_equal(s.deferred, 1);
	assert_int_equal(s.accepted, 1);
	assert_int_equal(summary_records(&s), 6);
	assert_int_equal(summary_blocked(&s), 5);
	assert_true(s.first == 102 && s.last == 200);
	assert_top(&s, BY_CLIENT, "a", 4, 2);
	assert_top(&s, BY_RULE, "P08", 2, 0);
	assert_top(&s, BY_RECIPIENT_DOMAIN, "here.test", 3, 0);
	assert_top(&s, BY_SENDER, "<>", 5, 0);
	assert_int_equal(group_size(s.by[BY_RULE]), 4);
	summary_free(&s);
}

static bool
is_second(struct twice *t, const char *door, const char *id,
    const char *recipient, const char *rule)
{
	const struct audit_record r = { .door = text_of(door),
		.queue_id = text_of(id), .recipient = text_of(recipient),
		.rule = text_of(rule), .verdict = VERDICT_REFUSE };

	return twice_seen(t, &r);
}

static void
test_twice(void **state)
{
	struct twice *t = twice_new();
	const struct audit_record deferred = { .door = TEXT("milter"),
		.queue_id = TEXT("q1"), .recipient = TEXT("<a>"),
		.rule = TEXT("P08"), .verdict = VERDICT_DEFER };

	(void)state;
	assert_non_null(t);
	assert_false(is_second(t, "milter", "q1", "<a>", "P08"));
	assert_false(is_second(t, "map", "q1", "<a>", "P08"));
	assert_false(is_second(t, "map", "q1", "<a>", "P08"));
	/* all of it must be the same, and where one field ends counts */
	assert_false(is_second(t, "milter", "q2", "<a>", "P08"));
	assert_false(is_second(t, "milter", "q1", "<b>", "P08"));
	assert_false(is_second(t, "milter", "q1", "<a>", "P09"));
	assert_false(is_second(t, "milter", "q1", "<a>", ""));
	assert_false(is_second(t, "milter", "q1<", "a>", "P08"));
	assert_false(is_second(t, "other", "q1", "<a>", "P08"));
	assert_false(twice_seen(t, &deferred));
	/* each of the map door's stands for one */
	assert_true(is_second(t, "milter", "q1", "<a>", "P08"));
	assert_true(is_second(t, "milter", "q1", "<a>", "P08"));
	assert_false(is_second(t, "milter", "q1", "<a>", "P08"));
	/* no queue id, no rule, no recipient */
	assert_false(is_second(t, "map", "", "<a>", "P08"));
	assert_false(is_second(t, "milter", "", "<a>", "P08"));
	assert_false(is_second(t, "map", "q1", "", ""));
	assert_true(is_second(t, "milter", "q1", "", ""));
	twice_free(t);
}

/* It forgets the oldest, and never remembers what is too long. */
static void
test_twice_is_bounded(void **state)
{
	struct twice *t = twice_new();
	char id[32], longest[AUDIT_FIELD_MAX + 2];
	unsigned i;

	(void)state;
	assert_non_null(t);
	for (i = 0; i <= TWICE_MAX; i++) {
		snprintf(id, sizeof id, "q%u", i);
		assert_false(is_second(t, "map", id, "<a>", "P08"));
	}
	assert_false(is_second(t, "milter", "q0", "<a>", "P08"));
	for (i = 1; i <= TWICE_MAX; i++) {
		snprintf(id, sizeof id, "q%u", i);
		assert_true(is_second(t, "milter", id, "<a>", "P08"));
	}
	memset(longest, 'x', sizeof longest);
	longest[AUDIT_FIELD_MAX + 1] = '\0';
	assert_false(is_second(t, "map", "q", longest, "P08"));
	assert_false(is_second(t, "milter", "q", longest, "P08"));
	longest[AUDIT_FIELD_MAX] = '\0';
	assert_false(is_second(t, "map", "q", longest, "P08"));
	assert_true(is_second(t, "milter", "q", longest, "P08"));
	assert_false(is_second(t, "map", longest, "<a>", "P08"));
	assert_false(is_second(t, "milter", longest, "<a>", "P08"));
	assert_false(is_second(t, "map", "q", "<a>", longest));
	assert_false(is_second(t, "milter", "q", "<a>", longest));
	twice_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_times_there_and_back),
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_writer_and_reader),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_twice_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
