/* SPDX-License-Identifier: BSD-2-Clause */
/* The file that keeps a directory's policy: vectors, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/crc32c.h"
#include "conf/policy_state.h"
#include "tests/unit/vectors.h"

static const struct policy_search ours = { { "0f", 2 },
	{ "ldap://a ldap://b", 17 } };

/* RFC 3720, B.4 */
static void
test_checksum(void **state)
{
	static const char zeros[32];

	(void)state;
	assert_int_equal(crc32c(0, (struct text){ zeros, 32 }), 0x8a9136aa);
	assert_int_equal(crc32c(0, TEXT("123456789")), 0xe3069283);
	assert_int_equal(crc32c(crc32c(0, TEXT("1234")), TEXT("56789")),
	    0xe3069283);
}

/* In one piece, in small ones, and one that begins anywhere: all the same. */
static void
test_long_checksum(void **state)
{
	static char long_text[50003];
	uint32_t pieces = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof long_text; i++)
		long_text[i] = (char)(i * i >> 3 ^ i);
	for (i = 0; i < sizeof long_text; i++)
		pieces = crc32c(pieces, (struct text){ long_text + i, 1 });
	for (i = 0; i < 5; i++)
		assert_int_equal(crc32c(crc32c(0, (struct text){ long_text,
		    i }), (struct text){ long_text + i,
		    sizeof long_text - i }), pieces);
}

static void
exchange(char *s, size_t n, char from, char to)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] == from)
			s[i] = to;
}

/* The file of a vector, on the heap and no byte longer. */
static char *
file_of(struct text field, size_t *n)
{
	char *s = malloc(field.n + 9), *end, *crc, *copy;

	assert_non_null(s);
	memcpy(s, field.at, field.n);
	s[*n = field.n] = '\0';
	exchange(s, *n, '|', '\n');
	end = strstr(s, "\nend ");
	crc = end != NULL ? strstr(end, "CRC") : NULL;
	if (crc != NULL) {
		memmove(crc + 8, crc + 3, strlen(crc + 3) + 1);
		snprintf(copy = (char[9]){ 0 }, 9, "%08x", crc32c(0,
		    (struct text){ s, (size_t)(end + 1 - s) }));
		memcpy(crc, copy, 8);
		*n += 5;
	}
	copy = malloc(*n > 0 ? *n : 1);
	assert_non_null(copy);
	memcpy(copy, s, *n);
	free(s);
	return copy;
}

static const char *
differs(struct text field, const char *got)
{
	static char wrong[1000];

	if (text_equal(field, text_of(got)))
		return NULL;
	snprintf(wrong, sizeof wrong, "got '%s'", got);
	return wrong;
}

static const char *
check_entries(const struct vector *v, struct policy_state *s)
{
	struct policy_state_entry e;
	const char *wrong;
	char text[500];
	size_t i = 3;

	while (policy_state_next(s, &e)) {
		snprintf(text, sizeof text, "%02x %.*s: %.*s", e.uuid[15],
		    (int)e.dn.n, e.dn.at, (int)e.lines.n,
		    e.lines.n > 0 ? e.lines.at : "");
		exchange(text, strlen(text), '\n', '|');
		wrong = i < v->n ? differs(v->field[i++], text) :
		    "more entries";
		if (wrong != NULL)
			return wrong;
	}
	return i == v->n && s->entries == i - 3 ? NULL : "fewer entries";
}

static const char *
check(const struct vector *v, char *content, size_t n)
{
	struct complaints c = { 0 };
	struct policy_state s;
	char number[32];
	const char *wrong = "no error";

	if (policy_state_read(content, n, "file", &ours, &s, &c)) {
		snprintf(number, sizeof number, "%lld", (long long)s.saved);
		if (!text_equal(v->field[1], TEXT("error")))
			wrong = differs(v->field[1], number);
		if (wrong == NULL && !text_equal(v->field[2], s.cookie))
			wrong = "another cookie";
		return wrong == NULL ? check_entries(v, &s) : wrong;
	}
	assert_int_equal(c.errors, 1);
	assert_string_equal(c.at[0].file, "file");
	snprintf(number, sizeof number, "%u", c.at[0].line);
	wrong = text_equal(v->field[1], TEXT("error")) && v->n == 4 ?
	    differs(v->field[2], number) : "an error";
	if (wrong == NULL)
		wrong = differs(v->field[3], c.at[0].text);
	complaints_free(&c);
	return wrong;
}

static const char *
run(const struct vector *v)
{
	size_t n;
	char *content = file_of(v->field[0], &n);
	const char *wrong = check(v, content, n);

	free(content);
	return wrong;
}

static void
test_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("policy_state.txt", run), 0);
}

#define PART 2000

/* Write a file of one entry with these bytes everywhere; its length. */
static size_t
write_file(char *out, struct text bytes, const unsigned char *uuid)
{
	static const char lines[] = "relay a.test\n";
	size_t n = policy_state_write_head(&ours, 77, bytes, out, PART);
	size_t m = policy_state_write_entry(uuid, bytes, out + n, PART);

	assert_true(n > 0 && m > 0);
	n += m;
	memcpy(out + n, lines, sizeof lines - 1);
	n += sizeof lines - 1;
	return n + policy_state_write_end(1, crc32c(0, (struct text){ out,
	    n }), out + n, PART);
}

/* Any bytes in DN and cookie come back; any bit that turns is found. */
static void
test_there_and_back(void **state)
{
	unsigned char uuid[POLICY_STATE_UUID] = "0123456789abcdef";
	static char all[256], file[3 * PART], copy[3 * PART];
	struct policy_state s;
	struct policy_state_entry e;
	struct complaints c = { 0 };
	struct text bytes = { all, sizeof all };
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof all; i++)
		all[i] = (char)i;
	n = write_file(file, bytes, uuid);
	for (i = 0; i < n; i++) {
		memcpy(copy, file, n);
		copy[i] ^= (char)(1 << i % 8);
		assert_false(policy_state_read(copy, n, "f", &ours, &s,
		    &c));
		memcpy(copy, file, i);
		assert_false(policy_state_read(copy, i, "f", &ours, &s,
		    &c));
	}
	complaints_free(&c);
	assert_true(policy_state_read(file, n, "f", &ours, &s, &c));
	assert_true(text_equal(s.cookie, bytes));
	assert_int_equal(s.saved, 77);
	assert_true(policy_state_next(&s, &e));
	assert_true(text_equal(e.dn, bytes));
	assert_memory_equal(e.uuid, uuid, sizeof uuid);
	assert_true(text_equal(e.lines, TEXT("relay a.test\n")));
	assert_false(policy_state_next(&s, &e));
}

/* What does not fit is not written. */
static void
test_no_room(void **state)
{
	char out[PART];
	size_t n, cap;

	(void)state;
	n = policy_state_write_head(&ours, 1, TEXT("abc"), out, PART);
	for (cap = 0; cap < n; cap++)
		assert_int_equal(policy_state_write_head(&ours, 1,
		    TEXT("abc"), out, cap), 0);
	for (cap = 0; cap < 48; cap++)
		assert_int_equal(policy_state_write_entry(
		    (const unsigned char *)"0123456789abcdef", TEXT("abc"), out,
		    cap), 0);
	assert_int_equal(policy_state_write_end(1, 1, out, 14), 0);
	assert_int_equal(policy_state_write_end(1, 1, out, 16), 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_long_checksum),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
