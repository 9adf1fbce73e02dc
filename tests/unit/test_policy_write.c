/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries as lines: whatever is written reads back to the same entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <dirent.h>

#include <cmocka.h>

#include "conf/policy_file.h"
#include "conf/policy_write.h"
#include "tests/unit/vectors.h"

static struct policy *
parse(struct text content, struct complaints *c)
{
	struct policy_builder *b = policy_builder_new(1);

	assert_non_null(b);
	policy_file_parse(content, "p", b, c);
	return policy_freeze(b);
}

static bool
same_entry(const struct policy_entry *a, const struct policy_entry *b)
{
	return a->kind == b->kind && a->action == b->action &&
	    a->span == b->span && text_equal(a->value, b->value) &&
	    a->network.bits == b->network.bits &&
	    a->network.base.family == b->network.base.family &&
	    memcmp(a->network.base.byte, b->network.base.byte, 16) == 0 &&
	    a->until == b->until && text_equal(a->note, b->note) &&
	    text_equal(a->only, b->only);
}

/* Is this line, as it stands, exactly this entry? */
static bool
reads_back(const char *line, const struct policy_entry *e)
{
	struct complaints c = { 0 };
	struct policy *p = parse(text_of(line), &c);
	struct policy_entry got;
	bool good = c.n == 0 && policy_entries(p) == 1;

	if (good) {
		policy_entry_at(p, 0, &got);
		good = same_entry(&got, e);
	}
	policy_free(p);
	complaints_free(&c);
	return good;
}

/* Every entry that a file makes can be written, and means the same. */
static size_t
round_trip(struct text content)
{
	struct complaints c = { 0 };
	struct policy *p = parse(content, &c);
	struct policy_entry e;
	char line[POLICY_LINE_MAX];
	enum policy_write_error error;
	size_t i, n = policy_entries(p);

	for (i = 0; i < n; i++) {
		policy_entry_at(p, i, &e);
		error = policy_write(&e, line);
		/* canonical text may be longer than what was written */
		if (error == POLICY_WRITE_LONG && e.note.n > 3500)
			continue;
		assert_int_equal(error, POLICY_WRITE_OK);
		if (!reads_back(line, &e))
			fail_msg("does not read back: %s", line);
	}
	policy_free(p);
	complaints_free(&c);
	return n;
}

static size_t entries_seen;

static const char *
run_vector(const struct vector *v)
{
	entries_seen += round_trip(v->field[0]);
	return NULL;
}

static void
vectors_come_back(void **state)
{
	(void)state;
	entries_seen = 0;
	assert_int_equal(vectors_run("policy_file.txt", run_vector), 0);
	print_message("%zu entries\n", entries_seen);
	assert_true(entries_seen > 30);
}

static size_t
round_trip_file(const char *path)
{
	static char content[1 << 16];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(content, 1, sizeof content, f);
	fclose(f);
	return round_trip((struct text){ content, n });
}

static void
fuzz_seeds_come_back(void **state)
{
	static const char folder[] = "tests/fuzz/seeds/policy_file";
	DIR *dir = opendir(folder);
	struct dirent *d;
	char path[512];
	size_t n = 0;

	(void)state;
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
		if (d->d_name[0] != '.')
			n += round_trip_file(path);
	}
	closedir(dir);
	print_message("%zu entries\n", n);
	assert_true(n > 10);
}

/* ---------------------------------------------------- made-up entries */

static uint64_t dice_state;

static unsigned
dice(unsigned sides)
{
	dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((dice_state >> 33) % sides);
}

/* Bytes that matter to the format, and some that do not. */
static size_t
random_bytes(char *out, size_t max, const char *alphabet, size_t n)
{
	size_t i, length = dice((unsigned)max + 1);

	for (i = 0; i < length; i++)
		out[i] = alphabet[dice((unsigned)n)];
	return length;
}

struct made {
	struct policy_entry e;
	char value[256], note[600];
};

static void
random_network(struct network *net)
{
	unsigned i, width;

	*net = (struct network){ .base.family = dice(2) ? IP_V4 : IP_V6 };
	width = ip_width(net->base.family);
	net->bits = dice(3) ? width : 1 + dice(width);
	for (i = 0; i < net->bits; i++)
		if (dice(2))
			net->base.byte[i / 8] |= (uint8_t)(0x80u >> i % 8);
	if (dice(4) == 0 && net->base.family == IP_V6)
		memset(net->base.byte, 0, 10);
}

static void
random_entry(struct made *m)
{
	static const char hostile[] = "a#\"= \t\\\x01\x7f\xc3\xbc\n\r*[]uN./0";
	static const char plain[] = "abc.-_1\xc3\xbc#\"=*[]/";
	struct policy_entry *e = &m->e;

	*e = (struct policy_entry){ .kind = (enum policy_kind)dice(POLICY_KINDS),
		.action = dice(20) ? POLICY_GRANT : POLICY_DENY,
		.span = (enum policy_span)dice(3) };
	e->value.at = m->value;
	e->value.n = random_bytes(m->value, dice(2) ? 6 : 255,
	    dice(3) ? plain : hostile,
	    dice(3) ? sizeof plain - 1 : sizeof hostile - 1 - 10);
	if (policy_is_network(e->kind) || (e->kind == POLICY_LOCAL && !dice(3)))
		random_network(&e->network);
	if (e->kind == POLICY_CERTIFICATE && e->value.n > 0)
		m->value[0] = '/';
	if (e->kind >= POLICY_CLIENT && e->kind != POLICY_FORWARDER &&
	    e->action == POLICY_GRANT && !dice(4))
		e->only = TEXT("a.example,.b.example");
	if (e->network.base.family != IP_NONE || e->kind == POLICY_IDENTITY ||
	    e->kind == POLICY_CERTIFICATE)
		e->span = SPAN_SELF;
	if (dice(2))
		e->until = dice(2) ? 86400 * (int64_t)dice(3000000) :
		    (int64_t)dice(2147483647) * 120;
	e->note.at = m->note;
	if (dice(2))
		e->note.n = random_bytes(m->note, 600, "a#' \t\\\xc3\xbc=", 9);
	else
		e->note.n = random_bytes(m->note, 20, hostile,
		    sizeof hostile - 1);
}

/* Is there a byte below 0x20 other than the tab, or 0x7f? */
static bool
has_control(struct text s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((text_byte(s.at[i]) < 0x20 && s.at[i] != '\t') ||
		    s.at[i] == 0x7f)
			return true;
	return false;
}

/* Has the format really no way to say this? */
static bool
is_sayable(const struct policy_entry *e)
{
	bool name = e->kind == POLICY_NAME || (e->kind <= POLICY_RELAY &&
	    e->network.base.family == IP_NONE);

	if (name && e->span == SPAN_BOTH)
		return false;
	if (e->kind == POLICY_LOCAL && !name &&
	    e->network.bits < ip_width(e->network.base.family))
		return false;
	if ((e->kind == POLICY_IDENTITY || e->kind == POLICY_CERTIFICATE) &&
	    (has_control(e->value) ||
	    e->value.at[0] == '#' || text_find(e->value, ' ') < e->value.n ||
	    text_find(e->value, '\t') < e->value.n))
		return false;
	if (e->until < 0 || e->until > INT64_C(253402300800))
		return false;
	return text_find(e->note, '"') == e->note.n && !has_control(e->note);
}

static bool
check_made(const struct policy_entry *e)
{
	char line[POLICY_LINE_MAX];
	enum policy_write_error error = policy_write(e, line);

	if ((error == POLICY_WRITE_OK) != is_sayable(e))
		fail_msg("%s: %s", policy_write_error_text(error), line);
	if (error == POLICY_WRITE_OK && !reads_back(line, e))
		fail_msg("does not read back: %s", line);
	if (error != POLICY_WRITE_OK)
		assert_string_equal(line, "");
	return error == POLICY_WRITE_OK;
}

static void
made_up_entries_come_back(void **state)
{
	size_t i, written = 0, refused = 0;
	struct policy_builder *b;
	struct policy *p;
	struct policy_entry e;
	struct made m;
	unsigned source;

	(void)state;
	dice_state = 1;
	for (i = 0; i < 50000; i++) {
		random_entry(&m);
		/* the builder is what folds and checks values */
		b = policy_builder_new(1);
		assert_int_equal(policy_source(b, TEXT("s"), &source), 0);
		if (policy_add(b, &m.e, NULL) == POLICY_OK) {
			p = policy_freeze(b);
			policy_entry_at(p, 0, &e);
			if (check_made(&e))
				written++;
			else
				refused++;
			policy_free(p);
		} else {
			policy_builder_free(b);
		}
	}
	print_message("%zu written, %zu refused\n", written, refused);
	assert_true(written > 10000 && refused > 5000);
}

/* ------------------------------------------------------------- by hand */

static void
values_as_people_write_them(void **state)
{
	static const char *const lines[] = {
		"local example.org", "local .example.org", "local myhost",
		"local [192.0.2.25]", "local [IPv6:2001:db8::25]",
		"relay .example.net until=2031-12-31",
		"relay a.example until=2031-12-31T18:00:00Z note=\"x # y\"",
		"client 10.0.0.0/8", "client 192.0.2.1",
		"client 2001:db8::/32", "client ::1", "auth *",
		"auth a@b note=\" \"",
		"local 192.0.2.1.", /* a name, not an address */
		"relay .192.0.2.1",
	};
	struct complaints c = { 0 };
	char got[POLICY_LINE_MAX];
	struct policy_entry e;
	struct policy *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		p = parse(text_of(lines[i]), &c);
		assert_int_equal(policy_entries(p), 1);
		policy_entry_at(p, 0, &e);
		assert_int_equal(policy_write(&e, got), POLICY_WRITE_OK);
		assert_string_equal(got, lines[i]);
		policy_free(p);
	}
	assert_int_equal(c.n, 0);
}

static void
long_lines_are_refused(void **state)
{
	static char note[5000];
	char line[POLICY_LINE_MAX];
	struct policy_entry e = { .kind = POLICY_RELAY,
		.value = TEXT("a.example"), .note.at = note };
	size_t most = LINE_MAX_BYTES - strlen("relay a.example note=\"\"");

	(void)state;
	memset(note, 'x', sizeof note);
	e.note.n = most;
	assert_int_equal(policy_write(&e, line), POLICY_WRITE_OK);
	assert_int_equal(strlen(line), LINE_MAX_BYTES);
	assert_true(reads_back(line, &e));
	for (e.note.n = most + 1; e.note.n <= sizeof note; e.note.n++) {
		assert_int_equal(policy_write(&e, line), POLICY_WRITE_LONG);
		assert_string_equal(line, "");
	}
}

static void
check_date(int64_t until)
{
	char got[POLICY_DATE_MAX], want[64];
	time_t t = (time_t)(until % 86400 == 0 ? until - 1 : until);
	struct tm tm;
	int64_t back = 0;

	assert_true(policy_write_date(until, got));
	gmtime_r(&t, &tm);
	strftime(want, sizeof want, until % 86400 == 0 ? "%Y-%m-%d" :
	    "%Y-%m-%dT%H:%M:%SZ", &tm);
	assert_string_equal(got, want);
	assert_true(policy_file_date(text_of(got), &back));
	assert_true(back == until);
}

static void
dates_come_back(void **state)
{
	static const int64_t none[] = { 0, -1, INT64_MIN, INT64_MAX,
		INT64_C(253402300801), INT64_C(253402387200) };
	char got[POLICY_DATE_MAX];
	int64_t day;
	size_t i;

	(void)state;
	for (day = 1; day < 160000; day++) /* each to 2408 */
		check_date(day * 86400);
	for (; day <= 2932897; day += 13) /* to the end of 9999 */
		check_date(day * 86400 - 1 - day % 86399);
	check_date(INT64_C(253402300800));
	for (i = 0; i < sizeof none / sizeof none[0]; i++) {
		assert_false(policy_write_date(none[i], got));
		assert_string_equal(got, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_come_back),
		cmocka_unit_test(fuzz_seeds_come_back),
		cmocka_unit_test(made_up_entries_come_back),
		cmocka_unit_test(values_as_people_write_them),
		cmocka_unit_test(long_lines_are_refused),
		cmocka_unit_test(dates_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
