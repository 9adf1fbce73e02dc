/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of the DNS: tests/vectors/dns.txt, whole and cut off anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "milter/ask/dns_parse.h"
#include "tests/unit/vectors.h"

#define ID 0x1234
#define MESSAGE_MAX 4096

/* ---- a message from the words of a vector ------------------------------------ */

struct message {
	size_t n;
	char at[MESSAGE_MAX];
};

static void
put(struct message *m, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0) {
		assert_true(m->n < MESSAGE_MAX);
		m->at[m->n++] = (char)(value >> 8 * bytes & 0xff);
	}
}

static void
put_name(struct message *m, struct text name)
{
	size_t label, i;

	for (; name.n > 0; name = text_cut(name, label, name.n)) {
		label = text_find(name, '.');
		put(m, (unsigned)label, 1);
		for (i = 0; i < label; i++)
			put(m, text_byte(name.at[i]), 1);
		label += label < name.n;
	}
	put(m, 0, 1);
}

/* Hex digits, with =names= in between; "@" and "-" as the vectors have them. */
static void
put_bytes(struct message *m, struct text t)
{
	char hex[3] = "";
	size_t end;

	if (text_equal(t, TEXT("@")))
		t = TEXT("c00c");
	if (text_equal(t, TEXT("-")))
		return;
	while (t.n > 1) {
		if (t.at[0] == '=') {
			t = text_cut(t, 1, t.n);
			end = text_find(t, '=');
			put_name(m, text_cut(t, 0, end));
			t = text_cut(t, end + 1, t.n);
			continue;
		}
		memcpy(hex, t.at, 2);
		put(m, (unsigned)strtoul(hex, NULL, 16), 1);
		t = text_cut(t, 2, t.n);
	}
}

static struct text
word(struct text *t)
{
	struct text w;

	*t = text_trim(*t);
	w = text_cut(*t, 0, text_find(*t, ' '));
	*t = text_cut(*t, w.n, t->n);
	return w;
}

static unsigned
number(struct text t)
{
	char digits[16] = "";

	memcpy(digits, t.at, t.n < 15 ? t.n : 15);
	return (unsigned)strtoul(digits, NULL, 10);
}

static void
put_record(struct message *m, struct text t)
{
	struct text type, class;
	size_t length_at;

	put_bytes(m, word(&t));
	type = word(&t);
	class = text_cut(type, text_find(type, '/'), type.n);
	put(m, number(text_cut(type, 0, text_find(type, '/'))), 2);
	put(m, class.n > 0 ? number(text_cut(class, 1, class.n)) : 1, 2);
	put(m, number(word(&t)), 4);
	length_at = m->n;
	put(m, 0, 2);
	put_bytes(m, word(&t));
	m->at[length_at] = (char)((m->n - length_at - 2) >> 8);
	m->at[length_at + 1] = (char)(m->n - length_at - 2);
}

/* The records of a section, counted in the header. */
static void
put_section(struct message *m, struct text t, size_t count_at)
{
	size_t end;

	if (text_equal(t, TEXT("-")))
		return;
	for (; t.n > 0; t = text_cut(t, end < t.n ? end + 1 : end, t.n)) {
		end = text_find(t, ';');
		put_record(m, text_cut(t, 0, end));
		m->at[count_at + 1]++;
	}
}

static enum dns_type
type_of(struct text t)
{
	return text_equal(t, TEXT("A")) ? DNS_A :
	    text_equal(t, TEXT("AAAA")) ? DNS_AAAA :
	    text_equal(t, TEXT("MX")) ? DNS_MX :
	    text_equal(t, TEXT("PTR")) ? DNS_PTR : DNS_TXT;
}

/* Where the part of the message ends that decides. */
static size_t
build(struct message *m, const struct vector *v)
{
	char flags[8] = "";
	size_t end;

	m->n = 0;
	memcpy(flags, v->field[2].at, 4);
	put(m, ID, 2);
	put(m, (unsigned)strtoul(flags, NULL, 16), 2);
	put(m, 1, 2);
	put(m, 0, 6);
	put_name(m, v->field[0]);
	put(m, type_of(v->field[1]), 2);
	put(m, 1, 2);
	put_section(m, v->field[3], 6);
	end = m->n;
	put_section(m, v->field[4], 8);
	put_section(m, v->field[5], 10);
	return text_equal(v->field[6], TEXT("found")) ? end : m->n;
}

/* ---- what it must be ---------------------------------------------------------- */

/* The answer to a copy of exactly these bytes. */
static struct dns_answer *
parse(const char *at, size_t n, const struct dns_question *q, uint16_t id)
{
	char *exact = malloc(n > 0 ? n : 1);
	struct dns_answer *a;

	memcpy(exact, at, n);
	a = dns_parse((struct text){ exact, n }, q, id);
	free(exact);
	assert_non_null(a);
	return a;
}

static enum dns_status
status_of(const char *at, size_t n, const struct dns_question *q, uint16_t id)
{
	struct dns_answer *a = parse(at, n, q, id);
	enum dns_status status = dns_answer_status(a);

	dns_answer_free(a);
	return status;
}

static bool
is_record(const struct dns_record *r, struct text right)
{
	char printed[600];
	size_t n;

	switch (r->type) {
	case DNS_A:
	case DNS_AAAA:
		return text_equal(text_of(ip_print(&r->address, printed)),
		    right);
	case DNS_TXT:
		return text_equal(r->txt, right);
	case DNS_PTR:
		return text_equal(r->name, right);
	case DNS_MX:
		break;
	}
	n = (size_t)snprintf(printed, sizeof printed, "%u %.*s", r->preference,
	    (int)r->name.n, r->name.at);
	return text_equal((struct text){ printed, n }, right);
}

static const char *
compare(const struct dns_answer *a, const struct vector *v)
{
	static const char *const words[] = { "found", "no_name", "no_data",
		"unknown" };
	size_t i;

	if (!text_equal(v->field[6], text_of(words[dns_answer_status(a)])))
		return words[dns_answer_status(a)];
	if (dns_answer_ttl(a) != number(v->field[7]))
		return "another TTL";
	if (dns_answer_count(a) != v->n - 8)
		return "another number of records";
	for (i = 0; i < dns_answer_count(a); i++)
		if (!is_record(dns_answer_at(a, i), v->field[8 + i]))
			return "another record";
	return NULL;
}

/* Cut off anywhere, or not to this question, it says nothing. */
static const char *
check_doubts(struct message *m, size_t end, const struct dns_question *q)
{
	struct dns_question other = *q;
	size_t n;

	for (n = 0; n < end; n++)
		if (status_of(m->at, n, q, ID) != DNS_UNKNOWN)
			return "an answer from a part of it";
	if (status_of(m->at, m->n, q, ID + 1) != DNS_UNKNOWN)
		return "an answer with another id";
	other.type = q->type == DNS_A ? DNS_TXT : DNS_A;
	if (status_of(m->at, m->n, &other, ID) != DNS_UNKNOWN)
		return "an answer to another type";
	other = *q;
	other.name[0] = 'z';
	if (status_of(m->at, m->n, &other, ID) != DNS_UNKNOWN)
		return "an answer to another name";
	return NULL;
}

static const char *
run(const struct vector *v)
{
	struct dns_question q;
	struct message m;
	struct dns_answer *a;
	const char *wrong;
	size_t end;

	if (v->n < 8 || !dns_question_set(&q, v->field[0],
	    type_of(v->field[1])))
		return "not a vector";
	end = build(&m, v);
	a = parse(m.at, m.n, &q, ID);
	wrong = compare(a, v);
	dns_answer_free(a);
	return wrong != NULL ? wrong : check_doubts(&m, end, &q);
}

static void
test_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("dns.txt", run), 0);
}

/* ---- counts and the question section ------------------------------------------- */

static void
test_number_of_questions(void **state)
{
	static const char two[] = "\x12\x34\x84\0\0\2\0\0\0\0\0\0"
	    "\1a\4test\0\0\1\0\1" "\1a\4test\0\0\1\0\1";
	char none[12];
	struct dns_question q;

	(void)state;
	dns_question_set(&q, TEXT("a.test"), DNS_A);
	assert_int_equal(status_of(two, sizeof two - 1, &q, ID), DNS_UNKNOWN);
	memcpy(none, two, 12);
	none[5] = 0;
	assert_int_equal(status_of(none, 12, &q, ID), DNS_UNKNOWN);
}

/* A header that claims more records than there are. */
static void
test_counts_that_lie(void **state)
{
	char m[] = "\x12\x34\x84\0\0\1\0\0\0\0\0\0\1a\4test\0\0\1\0\1";
	struct dns_question q;
	size_t at;

	(void)state;
	dns_question_set(&q, TEXT("a.test"), DNS_A);
	assert_int_equal(status_of(m, sizeof m - 1, &q, ID), DNS_NO_DATA);
	for (at = 6; at < 12; at++) {
		m[at] = (char)0xff;
		assert_int_equal(status_of(m, sizeof m - 1, &q, ID),
		    DNS_UNKNOWN);
		m[at] = 0;
	}
}

static void
check_name(struct text name, bool right)
{
	struct dns_question q, back;
	uint8_t out[DNS_QUESTION_MAX];
	size_t n;

	assert_int_equal(dns_question_set(&q, name, DNS_MX), right);
	if (!right)
		return;
	n = dns_question_write(&q, ID, out);
	assert_true(n <= sizeof out);
	/* a reply is the question, but for a bit */
	out[2] |= 0x80;
	assert_int_equal(status_of((char *)out, n, &q, ID), DNS_NO_DATA);
	dns_question_set(&back, TEXT("other"), DNS_MX);
	assert_int_equal(status_of((char *)out, n, &back, ID), DNS_UNKNOWN);
}

static void
test_names(void **state)
{
	char name[DOMAIN_MAX + 2];
	size_t i, n;

	(void)state;
	check_name(TEXT("a.test"), true);
	check_name(TEXT("A.Test."), true);
	check_name(TEXT("a"), true);
	check_name(TEXT("\0\xff a_!.\\"), true);
	check_name(TEXT(""), false);
	check_name(TEXT("."), false);
	check_name(TEXT(".a"), false);
	check_name(TEXT("a..b"), false);
	check_name(TEXT("a.."), false);
	for (n = 60; n <= 66; n++) {
		memset(name, 'x', n);
		check_name((struct text){ name, n }, n <= 63);
	}
	for (n = 250; n <= DOMAIN_MAX + 2; n++) {
		for (i = 0; i < n; i++)
			name[i] = i % 50 == 49 ? '.' : 'x';
		check_name((struct text){ name, n }, n <= DOMAIN_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_number_of_questions),
		cmocka_unit_test(test_counts_that_lie),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
