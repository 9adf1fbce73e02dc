/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sendmail's files as relay.policy: made by dice, written, read again and
 * asked the same questions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/policy_file.h"
#include "conf/policy_write.h"
#include "conf/sendmail_files.h"
#include "milter/source/policy_plain.h"
#include "policy/domain.h"

#define CONTENT_MAX 8192

static uint64_t dice_state;

static unsigned
dice(unsigned sides)
{
	dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((dice_state >> 33) % sides);
}

struct sources {
	char hosts[CONTENT_MAX], domains[CONTENT_MAX], access[CONTENT_MAX];
};

__attribute__((format(printf, 2, 3))) static void
add(char *content, const char *format, ...)
{
	size_t n = strlen(content);
	va_list ap;

	va_start(ap, format);
	vsnprintf(content + n, CONTENT_MAX - n, format, ap);
	va_end(ap);
}

/* One to four labels below "test", few enough to meet again. */
static void
random_name(char *out, size_t cap)
{
	static const char *const labels[] = { "a", "b", "c", "d-e" };
	unsigned i, n = 1 + dice(4);
	size_t at = 0;

	for (i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, cap - at, "%s.",
		    labels[dice(4)]);
	snprintf(out + at, cap - at, "test");
}

static void
random_groups(char *out, size_t cap)
{
	static const unsigned groups[] = { 10, 10, 11, 0, 255, 128 };
	unsigned i, n = 1 + dice(4);
	size_t at = 0;

	if (dice(3) == 0) {
		at += (size_t)snprintf(out, cap, "IPv6:2001");
		for (i = 0; i < n; i++)
			at += (size_t)snprintf(out + at, cap - at, ":%x",
			    groups[dice(6)]);
		return;
	}
	for (i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, cap - at, "%s%u",
		    i > 0 ? "." : "", groups[i == 0 ? dice(2) : dice(6)]);
}

static void
add_access(char *content)
{
	static const char *const tags[] = { "", "To:", "Connect:", "From:" };
	static const char *const values[] = { "RELAY", "RELAY", "REJECT",
		"OK", "550 5.7.1 no" };
	const char *value = values[dice(5)];
	char key[200];

	if (dice(2)) {
		random_name(key, sizeof key);
		add(content, "%s%s%s\t%s\n", dice(8) ? tags[dice(2)] :
		    tags[dice(4)], dice(4) ? "" : ".", key, value);
	} else {
		random_groups(key, sizeof key);
		add(content, "%s%s %s\n", tags[dice(8) ? dice(2) * 2 :
		    dice(4)], key, value);
	}
}

static void
random_sources(struct sources *s)
{
	char word[200];
	unsigned i, n = dice(20);

	*s = (struct sources){ { 0 }, { 0 }, { 0 } };
	for (i = 0; i < dice(4); i++) {
		random_name(word, sizeof word);
		add(s->hosts, "%s\n[192.0.2.%u]\n", word, dice(8));
	}
	for (i = 0; i < dice(4); i++) {
		if (dice(2))
			random_name(word, sizeof word);
		else
			random_groups(word, sizeof word);
		add(s->domains, "%s%s%c", dice(4) ? "" : ".", word,
		    dice(3) ? '\n' : ' ');
	}
	for (i = 0; i < n; i++)
		add_access(s->access);
}

static struct policy *
read_sources(const struct sources *s, struct complaints *c)
{
	struct policy_builder *b = policy_builder_new(1);

	assert_non_null(b);
	sendmail_local_host_names_parse(text_of(s->hosts), "hosts", b, c);
	sendmail_relay_domains_parse(text_of(s->domains), "domains", b, c);
	sendmail_access_parse(text_of(s->access), "access", b, c);
	return policy_freeze(b);
}

/* ------------------------------------------------------------- the way */

struct text_out {
	char *at;
	size_t n, cap;
};

static bool
write_line(const struct plain_entry *entry, void *with)
{
	struct text_out *out = with;
	char line[POLICY_LINE_MAX];

	assert_true(entry->n > 0);
	assert_int_equal(policy_write(&entry->e, line), POLICY_WRITE_OK);
	out->n += (size_t)snprintf(out->at + out->n, out->cap - out->n,
	    "%s\n", line);
	assert_true(out->n < out->cap);
	return true;
}

static struct policy *
plain(const struct policy *p, struct complaints *c)
{
	static char content[1 << 20];
	struct text_out out = { content, 0, sizeof content };
	struct complaints mistakes = { 0 };
	struct policy_builder *b = policy_builder_new(1);

	assert_true(policy_plain(p, policy_entries(p), c, write_line, &out));
	policy_file_parse((struct text){ content, out.n }, "new", b,
	    &mistakes);
	if (mistakes.n > 0)
		fail_msg("line %u: %s", mistakes.at[0].line,
		    mistakes.at[0].text);
	return policy_freeze(b);
}

/* ------------------------------------------------------- the questions */

struct pair {
	const struct policy *old, *new;
	size_t asked, granted, denied;
};

static void
check_answers(struct pair *x, const char *question, bool in_old,
    const struct policy_entry *old, bool in_new,
    const struct policy_entry *new)
{
	x->asked++;
	x->granted += in_old && old->action == POLICY_GRANT;
	x->denied += in_old && old->action == POLICY_DENY;
	if (in_old != in_new || (in_old && old->action != new->action))
		fail_msg("%s: not the same", question);
}

static void
ask_domain(struct pair *x, struct text name)
{
	struct policy_entry old, new;
	char question[DOMAIN_MAX + 20];
	int kind;

	for (kind = POLICY_LOCAL; kind <= POLICY_RELAY; kind++) {
		snprintf(question, sizeof question, "%s %.*s",
		    policy_write_kind((enum policy_kind)kind), (int)name.n,
		    name.at);
		check_answers(x, question, policy_find_domain(x->old,
		    (enum policy_kind)kind, name, 0, &old), &old,
		    policy_find_domain(x->new, (enum policy_kind)kind, name, 0,
		    &new), &new);
	}
}

static void
ask_name(struct pair *x, struct text value)
{
	static const char *const below[] = { "", "x.", "a.", "b.a.", "x.y." };
	char name[DOMAIN_MAX * 2];
	size_t i;

	for (i = 0; i < sizeof below / sizeof below[0]; i++) {
		snprintf(name, sizeof name, "%s%.*s", below[i], (int)value.n,
		    value.at);
		ask_domain(x, text_of(name));
	}
	while (text_find(value, '.') < value.n) { /* and its parents */
		value = text_cut(value, text_find(value, '.') + 1, value.n);
		ask_domain(x, value);
	}
}

static void
ask_address(struct pair *x, const struct ip *ip)
{
	struct policy_entry old, new;
	char question[IP_TEXT_MAX];

	ip_print(ip, question);
	check_answers(x, question, policy_find_client(x->old, ip, 0, &old),
	    &old, policy_find_client(x->new, ip, 0, &new), &new);
	check_answers(x, question, policy_find_literal(x->old, ip, 0, &old),
	    &old, policy_find_literal(x->new, ip, 0, &new), &new);
}

/* The next address up or down. */
static struct ip
step(struct ip ip, int by)
{
	unsigned i = ip_width(ip.family) / 8;
	uint8_t stop = by > 0 ? 0 : 255;

	do {
		i--;
		ip.byte[i] = (uint8_t)(ip.byte[i] + by);
	} while (ip.byte[i] == stop && i > 0);
	return ip;
}

/* Both ends from both sides, and some in between. */
static void
ask_network(struct pair *x, const struct network *net)
{
	struct ip first = net->base, last = net->base, ip;
	unsigned i, k;

	for (i = net->bits; i < ip_width(last.family); i++)
		last.byte[i / 8] |= (uint8_t)(0x80u >> i % 8);
	ask_address(x, &first);
	ask_address(x, &last);
	ip = step(first, -1);
	ask_address(x, &ip);
	ip = step(last, 1);
	ask_address(x, &ip);
	for (k = 0; k < 8; k++) {
		ip = first;
		for (i = net->bits; i < ip_width(ip.family); i++)
			if (dice(2))
				ip.byte[i / 8] |= (uint8_t)(0x80u >> i % 8);
		ask_address(x, &ip);
	}
}

/* About everything that p speaks of. */
static void
ask_about(struct pair *x, const struct policy *p)
{
	struct policy_entry e;
	size_t i;

	for (i = 0; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		if (e.network.base.family != IP_NONE)
			ask_network(x, &e.network);
		else
			ask_name(x, e.value);
	}
}

/* Sources of which nothing opens the relay, as sendmail's files may be. */
static void
decides_the_same(void **state)
{
	struct pair x = { 0 };
	struct sources s;
	struct complaints c, notes;
	struct policy *old, *new;
	unsigned i;

	(void)state;
	dice_state = 1;
	for (i = 0; i < 4000; i++) {
		c = notes = (struct complaints){ 0 };
		random_sources(&s);
		old = read_sources(&s, &c);
		assert_int_equal(c.errors, 0);
		new = plain(old, &notes);
		x.old = old;
		x.new = new;
		ask_about(&x, old);
		ask_about(&x, new);
		policy_free(old);
		policy_free(new);
		complaints_free(&c);
		complaints_free(&notes);
	}
	print_message("%zu questions, %zu granted, %zu denied\n", x.asked,
	    x.granted, x.denied);
	assert_true(x.asked > 100000 && x.granted > 100000 &&
	    x.denied > 10000);
}

/* ------------------------------------------------------------- by hand */

/* The lines that relay-domains and access become, and what is told. */
static void
check(const char *domains, const char *access, const char *want,
    unsigned notes)
{
	static char content[CONTENT_MAX];
	struct text_out out = { content, 0, sizeof content };
	struct sources s = { { 0 }, { 0 }, { 0 } };
	struct complaints c = { 0 }, told = { 0 };
	struct policy *p;

	content[0] = '\0';
	add(s.domains, "%s", domains);
	add(s.access, "%s", access);
	p = read_sources(&s, &c);
	assert_true(policy_plain(p, policy_entries(p), &told, write_line,
	    &out));
	assert_string_equal(content, want);
	assert_int_equal(told.n, notes);
	policy_free(p);
	complaints_free(&c);
	complaints_free(&told);
}

static void
lines_are_as_people_write_them(void **state)
{
	(void)state;
	check("", "", "", 0);
	check("b.test .a.test\n10.1", "",
	    "relay .a.test\nrelay b.test\nrelay .b.test\n"
	    "client 10.1.0.0/16\n", 0);
	check("", "Connect:10 RELAY\nConnect:10.66 REJECT\n",
	    "client 10.0.0.0/8\ndeny client 10.66.0.0/16\n", 0);
	check("", "To:a.test RELAY\nTo:b.a.test REJECT\n",
	    "relay a.test\nrelay .a.test\n"
	    "deny relay b.a.test\ndeny relay .b.a.test\n", 0);
}

/* Two sources about one value: the one that decides is written. */
static void
one_line_for_each_value(void **state)
{
	(void)state;
	check("a.test 10.1.2.3", "a.test RELAY\n10.1.2.3 RELAY\n",
	    "relay a.test\nrelay .a.test\nclient 10.1.2.3\n", 0);
	check("a.test .b.a.test", "a.test RELAY\nb.a.test REJECT\n",
	    "relay a.test\nrelay .a.test\n"
	    "deny relay b.a.test\ndeny relay .b.a.test\n", 1);
	check("a.test", "To:a.test RELAY\nTo:.a.test REJECT\n",
	    "relay a.test\ndeny relay .a.test\n", 2);
}

/* What the sources say of other spellings comes back by itself. */
static void
other_spellings_are_not_written(void **state)
{
	static char content[CONTENT_MAX];
	struct text_out out = { content, 0, sizeof content };
	struct policy_builder *b = policy_builder_new(1);
	struct policy_entry e = { .kind = POLICY_RELAY, .span = SPAN_BOTH,
		.value = TEXT("xn--bcher-kva.test"), .line = 1 };
	struct complaints c = { 0 };
	struct policy *p;

	(void)state;
	assert_int_equal(policy_source(b, TEXT("s"), &e.source), POLICY_OK);
	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	e.value = TEXT("b\xc3\xbc" "cher.test");
	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	p = policy_freeze(b);
	assert_true(policy_plain(p, 1, &c, write_line, &out));
	assert_string_equal(content,
	    "relay xn--bcher-kva.test\nrelay .xn--bcher-kva.test\n");
	assert_int_equal(c.n, 0);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_as_people_write_them),
		cmocka_unit_test(one_line_for_each_value),
		cmocka_unit_test(other_spellings_are_not_written),
		cmocka_unit_test(decides_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
