/* SPDX-License-Identifier: BSD-2-Clause */
/* What may be entered, what comes out again, and which of two decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/domain.h"
#include "policy/policy.h"

static struct policy_builder *builder;

static void
begin(void)
{
	unsigned id;

	builder = policy_builder_new(11);
	assert_non_null(builder);
	assert_int_equal(policy_source(builder, TEXT("one"), &id), POLICY_OK);
	assert_int_equal(id, 0);
	assert_int_equal(policy_source(builder, TEXT("two"), &id), POLICY_OK);
	assert_int_equal(id, 1);
}

/* A network when value is one and the kind can have it. */
static struct policy_entry
entry(enum policy_kind kind, const char *value, unsigned source)
{
	struct policy_entry e = { .kind = kind, .value = text_of(value),
		.source = source };

	if ((!policy_is_network(kind) && kind != POLICY_LOCAL) ||
	    network_parse(e.value, &e.network) != NETWORK_OK)
		e.network = (struct network){ 0 };
	return e;
}

static enum policy_error
add(struct policy_entry e)
{
	return policy_add(builder, &e, NULL);
}

/* Text of n bytes "a", with a dot behind every 60th. */
static const char *
long_text(size_t n)
{
	static char text[300];
	size_t i;

	memset(text, 'a', sizeof text);
	for (i = 60; i < n - 1; i += 60)
		text[i] = '.';
	text[n] = '\0';
	return text;
}

static void
test_lengths(void **state)
{
	struct policy_entry e;
	struct policy *p;

	(void)state;
	begin();
	assert_int_equal(add(entry(POLICY_IDENTITY, long_text(255), 0)),
	    POLICY_OK);
	assert_int_equal(add(entry(POLICY_IDENTITY, long_text(256), 0)),
	    POLICY_BAD_IDENTITY);
	assert_int_equal(add(entry(POLICY_IDENTITY, "a", 0)), POLICY_OK);
	assert_int_equal(add(entry(POLICY_RELAY, long_text(DOMAIN_MAX), 0)),
	    POLICY_OK);
	assert_int_equal(add(entry(POLICY_RELAY, long_text(DOMAIN_MAX + 1),
	    0)), POLICY_BAD_DOMAIN);
	assert_int_equal(add(entry(POLICY_RELAY, "", 0)), POLICY_BAD_DOMAIN);
	assert_int_equal(add(entry(POLICY_CLIENT, "128.0.0.0/1", 0)),
	    POLICY_OK);
	p = policy_freeze(builder);
	assert_int_equal(policy_entries(p), 4);
	assert_true(policy_find_identity(p, text_of(long_text(255)), 0, &e));
	assert_false(policy_find_identity(p, text_of(long_text(254)), 0, &e));
	assert_false(policy_find_identity(p, TEXT(""), 0, &e));
	assert_true(policy_find_domain(p, POLICY_RELAY,
	    text_of(long_text(DOMAIN_MAX)), 0, &e));
	assert_false(policy_find_domain(p, POLICY_RELAY,
	    text_of(long_text(DOMAIN_MAX + 1)), 0, &e));
	assert_false(policy_find_domain(p, POLICY_RELAY, TEXT(""), 0, &e));
	policy_free(p);
}

/* The same is what has kind, span, value and source in common. */
static void
test_duplicates(void **state)
{
	struct policy_entry e = entry(POLICY_LOCAL, "A.test", 0);
	unsigned line = 77;

	(void)state;
	begin();
	e.line = 5;
	assert_int_equal(policy_add(builder, &e, &line), POLICY_OK);
	assert_int_equal(line, 77);
	e.action = POLICY_DENY; /* it contradicts: no less a duplicate */
	e.value = TEXT("a.TEST.");
	assert_int_equal(policy_add(builder, &e, &line), POLICY_DUPLICATE);
	assert_int_equal(line, 5);
	assert_int_equal(policy_add(builder, &e, NULL), POLICY_DUPLICATE);
	e.span = SPAN_BOTH;
	assert_int_equal(add(e), POLICY_OK);
	e.span = SPAN_BELOW;
	assert_int_equal(add(e), POLICY_OK);
	e.source = 1;
	assert_int_equal(add(e), POLICY_OK);
	e.kind = POLICY_RELAY;
	assert_int_equal(add(e), POLICY_OK);
	e = entry(POLICY_CLIENT, "10.0.0.0/8", 0);
	assert_int_equal(add(e), POLICY_OK);
	assert_int_equal(add(e), POLICY_DUPLICATE);
	assert_int_equal(add(entry(POLICY_CLIENT, "10.0.0.0/9", 0)),
	    POLICY_OK);
	assert_int_equal(add(entry(POLICY_CLIENT, "10.0.0.0/8", 1)),
	    POLICY_OK);
	assert_int_equal(add(entry(POLICY_LOCAL, "10.0.0.0/8", 0)),
	    POLICY_OK);
	/* an identity may be what a network looks like inside */
	assert_int_equal(add(entry(POLICY_IDENTITY, "\x08\x0a", 0)),
	    POLICY_OK);
	assert_int_equal(policy_entries(policy_builder_view(builder)), 10);
	policy_builder_free(builder);
}

/* The n-th of many: a name or a network. */
static enum policy_error
add_nth(unsigned n, unsigned *line)
{
	struct policy_entry e;
	char name[32];

	snprintf(name, sizeof name, n % 2 == 0 ? "d%u.test" : "10.0.%u.0/24",
	    n / 2);
	e = entry(n % 2 == 0 ? POLICY_RELAY : POLICY_CLIENT, name, 0);
	e.line = n;
	return policy_add(builder, &e, line);
}

/* None is missed, however full the hash table and wherever they lie in it. */
static void
test_many_duplicates(void **state)
{
	unsigned i, j, line;

	(void)state;
	begin();
	for (i = 0; i < 500; i++) {
		assert_int_equal(add_nth(i, NULL), POLICY_OK);
		for (j = 0; j <= i; j += i % 7 + 1) {
			assert_int_equal(add_nth(j, &line), POLICY_DUPLICATE);
			assert_int_equal(line, j);
		}
	}
	policy_builder_free(builder);
}

/* All comes out as it went in, in that order, also before it is frozen. */
static void
test_order(void **state)
{
	const struct policy *view;
	struct policy_entry e, out;
	struct policy *p;
	unsigned i;

	(void)state;
	begin();
	for (i = 0; i < 4; i++) {
		e = entry((enum policy_kind)i, i == POLICY_CLIENT ?
		    "2001:db8::/32" : "name.test", i % 2);
		e.span = i == POLICY_RELAY ? SPAN_BOTH : SPAN_SELF;
		e.action = i == POLICY_CLIENT ? POLICY_DENY : POLICY_GRANT;
		e.until = i == POLICY_LOCAL ? 99 : 0;
		e.note = i == POLICY_RELAY ? TEXT("word") : TEXT("");
		e.line = 7 + i;
		assert_int_equal(add(e), POLICY_OK);
	}
	view = policy_builder_view(builder);
	assert_int_equal(policy_entries(view), 4);
	policy_entry_at(view, 1, &out);
	assert_int_equal(out.kind, POLICY_RELAY);
	assert_true(text_equal(out.note, TEXT("word")));
	p = policy_freeze(builder);
	for (i = 0; i < 4; i++) {
		assert_int_equal(policy_count(p, (enum policy_kind)i), 1);
		policy_entry_at(p, i, &out);
		assert_int_equal(out.kind, i);
		assert_int_equal(out.line, 7 + i);
		assert_int_equal(out.source, i % 2);
		assert_int_equal(out.span, i == 1 ? SPAN_BOTH : SPAN_SELF);
		assert_int_equal(out.action, i == 2);
		assert_int_equal(out.until, i == 0 ? 99 : 0);
		assert_int_equal(out.note.n, i == 1 ? 4 : 0);
		assert_int_equal(out.network.bits, i == 2 ? 32 : 0);
		assert_int_equal(out.network.base.family, i == 2 ? IP_V6 :
		    IP_NONE);
		assert_true(text_equal(out.value, i == 2 ? TEXT("") :
		    TEXT("name.test")));
	}
	assert_memory_equal(((uint8_t[]){ 0x20, 0x01, 0x0d, 0xb8 }),
	    (policy_entry_at(p, 2, &out), out.network.base.byte), 4);
	assert_true(text_equal(policy_source_name(p, 1), TEXT("two")));
	policy_free(p);
}

/* Two say something about the same; the first came first. */
static void
decides(enum policy_kind kind, const char *value, enum policy_action first,
    enum policy_action second, unsigned line)
{
	struct policy_entry e = entry(kind, value, 0), out;
	struct policy *p;
	struct ip ip;

	begin();
	e.action = first;
	e.line = 1;
	assert_int_equal(add(e), POLICY_OK);
	e.action = second;
	e.line = 2;
	e.source = 1;
	assert_int_equal(add(e), POLICY_OK);
	p = policy_freeze(builder);
	if (kind == POLICY_IDENTITY) {
		assert_true(policy_find_identity(p, e.value, 0, &out));
	} else if (e.network.base.family == IP_NONE) {
		assert_true(policy_find_domain(p, kind, e.value, 0, &out));
	} else {
		ip = e.network.base;
		assert_true(kind == POLICY_CLIENT ?
		    policy_find_client(p, &ip, 0, &out) :
		    kind == POLICY_FORWARDER ?
		    policy_find_forwarder(p, &ip, 0, &out) :
		    policy_find_literal(p, &ip, 0, &out));
	}
	assert_int_equal(out.line, line);
	policy_free(p);
}

/* A denial beats a grant; among equals the first decides. */
static void
test_two_say(void **state)
{
	static const struct {
		enum policy_kind kind;
		const char *value;
	} things[] = {
		{ POLICY_LOCAL, "a.test" }, { POLICY_RELAY, "a.test" },
		{ POLICY_LOCAL, "192.0.2.1" }, { POLICY_LOCAL, "2001:db8::1" },
		{ POLICY_CLIENT, "192.0.2.0/24" },
		{ POLICY_CLIENT, "2001:db8::/32" },
		{ POLICY_FORWARDER, "192.0.2.0/24" },
		{ POLICY_FORWARDER, "2001:db8::/32" },
		{ POLICY_IDENTITY, "alice" }, { POLICY_IDENTITY, "*" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof things / sizeof things[0]; i++) {
		decides(things[i].kind, things[i].value, POLICY_GRANT,
		    POLICY_GRANT, 1);
		decides(things[i].kind, things[i].value, POLICY_DENY,
		    POLICY_DENY, 1);
		decides(things[i].kind, things[i].value, POLICY_GRANT,
		    POLICY_DENY, 2);
		decides(things[i].kind, things[i].value, POLICY_DENY,
		    POLICY_GRANT, 1);
	}
}

/* An entry that is over says nothing, and nothing more than that. */
static void
test_over(void **state)
{
	struct policy_entry e = entry(POLICY_IDENTITY, "alice", 0), out;
	struct policy *p;
	struct ip ip;

	(void)state;
	begin();
	e.until = 50;
	e.line = 1;
	assert_int_equal(add(e), POLICY_OK);
	e.value = TEXT("*");
	e.until = 60;
	e.line = 2;
	assert_int_equal(add(e), POLICY_OK);
	e = entry(POLICY_LOCAL, "192.0.2.1", 0);
	e.until = 50;
	assert_int_equal(add(e), POLICY_OK);
	p = policy_freeze(builder);
	assert_true(policy_find_identity(p, TEXT("alice"), 49, &out));
	assert_int_equal(out.line, 1);
	assert_true(policy_find_identity(p, TEXT("alice"), 50, &out));
	assert_int_equal(out.line, 2);
	assert_false(policy_find_identity(p, TEXT("alice"), 60, &out));
	assert_int_equal(out.line, 2); /* untouched */
	ip_parse(TEXT("192.0.2.1"), &ip);
	assert_true(policy_find_literal(p, &ip, 49, &out));
	assert_false(policy_find_literal(p, &ip, 50, &out));
	assert_false(policy_find_client(p, &ip, 49, &out));
	policy_free(p);
}

/* Hosts below a top-level domain have a parent that no entry can name. */
static void
test_spans(void **state)
{
	struct policy_entry e = entry(POLICY_RELAY, "a.test", 0), out;
	struct policy *p;

	(void)state;
	begin();
	e.span = SPAN_BELOW;
	assert_int_equal(add(e), POLICY_OK);
	e = entry(POLICY_RELAY, "b.test", 0);
	e.span = SPAN_BOTH;
	assert_int_equal(add(e), POLICY_OK);
	assert_int_equal(add(entry(POLICY_RELAY, "c.test", 0)), POLICY_OK);
	assert_int_equal(add(entry(POLICY_RELAY, ".", 0)), POLICY_TOP_LEVEL);
	assert_int_equal(add(entry(POLICY_LOCAL, ".", 0)), POLICY_TOP_LEVEL);
	p = policy_freeze(builder);
	assert_false(policy_find_domain(p, POLICY_RELAY, TEXT("a.test"), 0,
	    &out));
	assert_true(policy_find_domain(p, POLICY_RELAY, TEXT("x.a.test"), 0,
	    &out));
	assert_true(policy_find_domain(p, POLICY_RELAY, TEXT("y.x.a.test"), 0,
	    &out));
	assert_true(policy_find_domain(p, POLICY_RELAY, TEXT("b.test"), 0,
	    &out));
	assert_true(policy_find_domain(p, POLICY_RELAY, TEXT("x.b.test"), 0,
	    &out));
	assert_true(policy_find_domain(p, POLICY_RELAY, TEXT("c.test"), 0,
	    &out));
	assert_false(policy_find_domain(p, POLICY_RELAY, TEXT("x.c.test"), 0,
	    &out));
	assert_false(policy_find_domain(p, POLICY_LOCAL, TEXT("c.test"), 0,
	    &out));
	/* whole labels alone are below, and what ends like it is not */
	assert_false(policy_find_domain(p, POLICY_RELAY, TEXT("xa.test"), 0,
	    &out));
	assert_false(policy_find_domain(p, POLICY_RELAY, TEXT("xb.test"), 0,
	    &out));
	assert_false(policy_find_domain(p, POLICY_RELAY, TEXT("x.xb.test"), 0,
	    &out));
	policy_free(p);
}

/* 65535 sources there may be. */
static void
test_sources(void **state)
{
	struct policy_builder *b = policy_builder_new(1);
	struct policy_entry e = entry(POLICY_RELAY, "a.test", 65534), out;
	unsigned i, id = 0;
	char name[16];
	struct policy *p;

	(void)state;
	for (i = 0; i < 65535; i++) {
		snprintf(name, sizeof name, "s%u", i);
		assert_int_equal(policy_source(b, text_of(name), &id),
		    POLICY_OK);
		assert_int_equal(id, i);
	}
	assert_int_equal(policy_source(b, TEXT("one more"), &id),
	    POLICY_TOO_MANY);
	assert_int_equal(id, 65534);
	assert_int_equal(policy_add(b, &e, NULL), POLICY_OK);
	p = policy_freeze(b);
	policy_entry_at(p, 0, &out);
	assert_true(text_equal(policy_source_name(p, out.source),
	    TEXT("s65534")));
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_many_duplicates),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_two_say),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
