/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, networks, the snapshot: vectors, and against the obvious way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/domain.h"
#include "policy/escape.h"
#include "policy/network.h"
#include "policy/policy.h"
#include "tests/unit/vectors.h"

/* Fields: kind (domain, ip, network), text, result or "bad". */
static const char *
check_name(const struct vector *v)
{
	static char got[DOMAIN_MAX + 1];
	struct network net;
	struct ip ip;
	size_t n;

	if (v->n != 3)
		return "three fields wanted";
	snprintf(got, sizeof got, "bad");
	if (text_equal(v->field[0], TEXT("domain"))) {
		char folded[DOMAIN_MAX];

		n = domain_fold(v->field[1], folded);
		if (n > 0)
			snprintf(got, sizeof got, "%.*s", (int)n, folded);
	} else if (text_equal(v->field[0], TEXT("ip"))) {
		if (ip_parse(v->field[1], &ip))
			ip_print(&ip, got);
	} else if (network_parse(v->field[1], &net) == NETWORK_OK) {
		network_print(&net, got);
	}
	return text_equal(text_of(got), v->field[2]) ? NULL : got;
}

static void
test_names(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("names.txt", check_name), 0);
}

static void
test_under(void **state)
{
	(void)state;
	assert_true(domain_is_under(TEXT("a.b.test"), TEXT("b.test")));
	assert_true(domain_is_under(TEXT("b.test"), TEXT("b.test")));
	assert_false(domain_is_under(TEXT("ab.test"), TEXT("b.test")));
	assert_false(domain_is_under(TEXT("test"), TEXT("b.test")));
	assert_false(domain_is_under(TEXT("b.test"), TEXT("")));
	assert_true(domain_is_single_label(TEXT("com")));
	assert_false(domain_is_single_label(TEXT("a.com")));
}

static void
test_loopback(void **state)
{
	struct ip a, b;

	(void)state;
	ip_parse(TEXT("127.0.0.1"), &a);
	assert_true(ip_is_loopback(&a));
	ip_parse(TEXT("::ffff:127.0.0.1"), &b);
	assert_true(ip_is_loopback(&b) && ip_equal(&a, &b));
	ip_parse(TEXT("127.0.0.2"), &b);
	assert_false(ip_is_loopback(&b) || ip_equal(&a, &b));
	ip_parse(TEXT("nonsense"), &b);
	assert_false(ip_equal(&b, &b));
}

static void
test_escape(void **state)
{
	char out[64], back[64];
	size_t i, n;

	(void)state;
	for (i = 0; i < 256; i++) {
		char c = (char)i;

		n = escape_text((struct text){ &c, 1 }, out, sizeof out);
		assert_int_equal(n, strlen(out));
		n = unescape_text((struct text){ out, n }, back);
		assert_int_equal(n, 1);
		assert_int_equal(back[0], c);
	}
	escape_text(TEXT("a\r\nb\\"), out, sizeof out);
	assert_string_equal(out, "a\\x0d\\x0ab\\x5c");
	assert_int_equal(escape_text(TEXT("abcdefgh"), out, 8), 7);
	assert_string_equal(out, "abcd...");
	assert_int_equal(escape_text(TEXT("abcdefg"), out, 8), 7);
	assert_string_equal(out, "abcdefg");
	assert_int_equal(escape_text(TEXT("\1\1"), out, 8), 7);
	assert_string_equal(out, "\\x01...");
	assert_int_equal(escape_text(TEXT("ab"), out, 1), 0);
	n = unescape_text(TEXT("\\x4\\xzz\\x41"), back);
	assert_memory_equal(back, "\\x4\\xzzA", n);
}

/* ---------------------------------------------------------------- policy */

static struct policy_builder *builder;

static enum policy_error
add_domain(enum policy_kind kind, enum policy_span span, const char *name,
    unsigned line)
{
	struct policy_entry e = { .kind = kind, .span = span,
		.value = text_of(name), .line = line };

	return policy_add(builder, &e, NULL);
}

static enum policy_error
add_client(const char *net, enum policy_action action, int64_t until)
{
	struct policy_entry e = { .kind = POLICY_CLIENT, .action = action,
		.until = until };

	network_parse(text_of(net), &e.network);
	return policy_add(builder, &e, NULL);
}

static void
begin(void)
{
	unsigned id;

	builder = policy_builder_new(7);
	assert_int_equal(policy_source(builder, TEXT("here"), &id), 0);
}

static void
test_errors(void **state)
{
	struct policy_entry twice = { .kind = POLICY_RELAY,
		.value = TEXT("A.TEST.") };
	unsigned line = 0;

	(void)state;
	begin();
	assert_int_equal(add_domain(POLICY_RELAY, SPAN_SELF, "a.test", 5), 0);
	assert_int_equal(policy_add(builder, &twice, &line), POLICY_DUPLICATE);
	assert_int_equal(line, 5);
	assert_int_equal(add_domain(POLICY_RELAY, SPAN_BELOW, "a.test", 6), 0);
	assert_int_equal(add_domain(POLICY_RELAY, SPAN_SELF, "com", 7),
	    POLICY_TOP_LEVEL);
	assert_int_equal(add_domain(POLICY_LOCAL, SPAN_BELOW, "com", 7),
	    POLICY_TOP_LEVEL);
	assert_int_equal(add_domain(POLICY_LOCAL, SPAN_SELF, "myhost", 7), 0);
	assert_int_equal(add_domain(POLICY_LOCAL, SPAN_SELF, ".", 7),
	    POLICY_TOP_LEVEL);
	assert_int_equal(add_domain(POLICY_RELAY, SPAN_SELF, "a b", 7),
	    POLICY_BAD_DOMAIN);
	assert_int_equal(add_client("0.0.0.0/0", POLICY_GRANT, 0),
	    POLICY_WHOLE_NET);
	assert_int_equal(add_client("::/0", POLICY_GRANT, 0),
	    POLICY_WHOLE_NET);
	assert_int_equal(add_domain(POLICY_IDENTITY, SPAN_SELF, "", 7),
	    POLICY_BAD_IDENTITY);
	policy_builder_free(builder);
}

static void
test_clients(void **state)
{
	struct policy_entry e;
	struct policy *p;
	struct ip ip;

	(void)state;
	begin();
	add_client("10.0.0.0/8", POLICY_GRANT, 0);
	add_client("10.1.0.0/16", POLICY_DENY, 100);
	add_client("10.1.2.0/24", POLICY_GRANT, 0);
	add_client("255.255.255.255", POLICY_GRANT, 0);
	p = policy_freeze(builder);
	ip_parse(TEXT("10.1.1.1"), &ip);
	assert_true(policy_find_client(p, &ip, 99, &e));
	assert_int_equal(e.action, POLICY_DENY);
	assert_true(policy_find_client(p, &ip, 100, &e)); /* denial is over */
	assert_int_equal(e.network.bits, 8);
	ip_parse(TEXT("10.1.2.1"), &ip);
	assert_true(policy_find_client(p, &ip, 99, &e));
	assert_int_equal(e.network.bits, 24);
	ip_parse(TEXT("11.0.0.0"), &ip);
	assert_false(policy_find_client(p, &ip, 0, &e));
	ip_parse(TEXT("255.255.255.255"), &ip);
	assert_true(policy_find_client(p, &ip, 0, &e));
	ip_parse(TEXT("::a01:101"), &ip);
	assert_false(policy_find_client(p, &ip, 0, &e));
	policy_free(p);
}

static void
test_identities(void **state)
{
	struct policy_entry e;
	struct policy *p;

	(void)state;
	begin();
	add_domain(POLICY_IDENTITY, SPAN_SELF, "Alice@example.org", 1);
	p = policy_freeze(builder);
	assert_true(policy_find_identity(p, TEXT("Alice@example.org"), 0, &e));
	assert_false(policy_find_identity(p, TEXT("alice@example.org"), 0,
	    &e));
	policy_free(p);
	begin();
	add_domain(POLICY_IDENTITY, SPAN_SELF, "*", 9);
	p = policy_freeze(builder);
	assert_true(policy_find_identity(p, TEXT("anyone"), 0, &e));
	assert_int_equal(e.line, 9);
	policy_free(p);
}

static unsigned long rng = 12345;

static unsigned
roll(unsigned n)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(rng >> 33) % n;
}

/* A short name of few labels, so that parents and children meet often. */
static void
roll_name(char *out)
{
	unsigned i, labels = 1 + roll(4), n = 0;

	for (i = 0; i < labels; i++) {
		out[n++] = (char)('a' + roll(3));
		out[n++] = '.';
	}
	memcpy(out + n, "xy", 3);
}

struct said {
	enum policy_span span;
	enum policy_action action;
	bool live;
	char name[16];
};

/* The obvious way: look at every entry, keep the longest live one. */
static int
find_slowly(const struct said *said, size_t n, struct text name)
{
	int best = -1;
	size_t i;

	for (i = 0; i < n; i++) {
		struct text value = text_of(said[i].name);
		bool self = text_equal(value, name);
		size_t was = best < 0 ? 0 : strlen(said[best].name);

		if (!said[i].live || !domain_is_under(name, value) ||
		    (self && said[i].span == SPAN_BELOW) ||
		    (!self && said[i].span == SPAN_SELF))
			continue;
		if (value.n > was || (value.n == was && said[i].action ==
		    POLICY_DENY && said[best].action == POLICY_GRANT))
			best = (int)i;
	}
	return best;
}

static void
test_domains_against_slow(void **state)
{
	struct said said[40];
	struct policy_entry e;
	struct policy *p;
	unsigned round, i, n;
	char name[16];

	(void)state;
	for (round = 0; round < 300; round++) {
		begin();
		for (n = 0; n < 40; n++) {
			struct said *s = &said[n];

			s->span = (enum policy_span)roll(3);
			s->action = roll(4) == 0 ? POLICY_DENY : POLICY_GRANT;
			s->live = roll(4) != 0;
			roll_name(s->name);
			e = (struct policy_entry){ .kind = POLICY_RELAY,
				.span = s->span, .action = s->action,
				.until = s->live ? 0 : 1, .line = n,
				.value = text_of(s->name) };
			if (policy_add(builder, &e, NULL) != POLICY_OK)
				n--, roll(2);
		}
		p = policy_freeze(builder);
		for (i = 0; i < 200; i++) {
			int want;

			roll_name(name);
			want = find_slowly(said, n, text_of(name));
			assert_int_equal(policy_find_domain(p, POLICY_RELAY,
			    text_of(name), 5, &e), want >= 0);
			if (want >= 0)
				assert_int_equal(e.action, said[want].action);
		}
		policy_free(p);
	}
}

/* 6 bits of the address roll, so that networks nest and touch. */
static void
roll_ip(struct ip *ip, bool six)
{
	*ip = (struct ip){ six ? IP_V6 : IP_V4, { 0 } };
	ip->byte[0] = (uint8_t)(roll(2) * 0xff);
	ip->byte[1] = (uint8_t)(roll(4) << 6);
	ip->byte[six ? 15 : 3] = (uint8_t)(roll(2) ? roll(4) : 0xfc + roll(4));
}

static void
test_networks_against_slow(void **state)
{
	struct policy_entry said[30], e;
	struct policy *p;
	unsigned round, i, j, n;
	struct ip ip;

	(void)state;
	for (round = 0; round < 600; round++) {
		begin();
		for (n = 0; n < 30; n++) {
			char text[NETWORK_TEXT_MAX];

			e = (struct policy_entry){ .kind = POLICY_CLIENT,
				.line = n };
			roll_ip(&e.network.base, round % 2 != 0);
			e.network.bits = 1 +
			    roll(ip_width(e.network.base.family));
			network_print(&e.network, text);
			/* clears the host bits */
			network_parse(text_of(text), &e.network);
			said[n] = e;
			if (policy_add(builder, &e, NULL) != POLICY_OK)
				n--;
		}
		p = policy_freeze(builder);
		for (i = 0; i < 100; i++) {
			const struct policy_entry *best = NULL;

			roll_ip(&ip, round % 2 != 0);
			for (j = 0; j < n; j++)
				if (network_contains(&said[j].network, &ip) &&
				    (best == NULL || said[j].network.bits >
				    best->network.bits))
					best = &said[j];
			assert_int_equal(policy_find_client(p, &ip, 0, &e),
			    best != NULL);
			if (best != NULL)
				assert_int_equal(e.line, best->line);
		}
		policy_free(p);
	}
}

/* Growth, and that what went in comes out: origin, note, expiry. */
static void
test_many(void **state)
{
	struct policy_entry e = { .kind = POLICY_RELAY, .until = 77,
		.note = TEXT("why not") };
	struct policy *p;
	char name[32];
	unsigned i;

	(void)state;
	begin();
	for (i = 1; i <= 20000; i++) {
		snprintf(name, sizeof name, "d%u.example.test", i);
		e.value = text_of(name);
		e.line = i;
		assert_int_equal(policy_add(builder, &e, NULL), POLICY_OK);
	}
	p = policy_freeze(builder);
	assert_int_equal(policy_count(p, POLICY_RELAY), 20000);
	assert_int_equal(policy_entries(p), 20000);
	assert_true(policy_bytes(p) > 20000 * 20);
	for (i = 1; i <= 20000; i++) {
		snprintf(name, sizeof name, "d%u.example.test", i);
		assert_true(policy_find_domain(p, POLICY_RELAY, text_of(name),
		    76, &e));
		assert_int_equal(e.line, i);
		assert_int_equal(e.until, 77);
		assert_true(text_equal(e.note, TEXT("why not")));
		assert_true(text_equal(policy_source_name(p, e.source),
		    TEXT("here")));
		assert_false(policy_find_domain(p, POLICY_RELAY, text_of(name),
		    77, &e));
		assert_false(policy_find_domain(p, POLICY_LOCAL, text_of(name),
		    76, &e));
	}
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_under),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_domains_against_slow),
		cmocka_unit_test(test_networks_against_slow),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
