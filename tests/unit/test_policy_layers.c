/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A policy of several layers, entries taken out, answers as one built at once
 * would; and the records that the entries of a directory come from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "policy/records.h"

#define ENTRIES 40
#define SEED 7

static unsigned random_state = 20011;

static unsigned
roll(unsigned sides)
{
	random_state = random_state * 1103515245u + 12345u;
	return (random_state >> 16) % sides;
}

/* One of few names and nets, so that they meet. */
static void
random_entry(struct policy_entry *e, char name[32])
{
	static const char *const names[] = { "a.test", "b.a.test",
		"c.b.a.test", "x.test" };
	static const char *const nets[] = { "10.0.0.0/8", "10.1.0.0/16",
		"10.1.2.0/24", "10.1.2.3", "2001:db8::/32", "2001:db8::1" };

	*e = (struct policy_entry){ .action = roll(3) == 0 ? POLICY_DENY :
		POLICY_GRANT, .until = roll(5) == 0 ? 50 : 0 };
	if (roll(2) == 0) {
		e->kind = roll(3) ? POLICY_CLIENT : POLICY_FORWARDER;
		assert_int_equal(network_parse(text_of(nets[roll(6)]),
		    &e->network), NETWORK_OK);
		return;
	}
	e->kind = roll(2) ? POLICY_RELAY : POLICY_LOCAL;
	e->span = (enum policy_span)roll(3);
	snprintf(name, 32, "%s", names[roll(4)]);
	e->value = text_of(name);
}

struct world {
	struct records *records;
	struct policy_entry entry[ENTRIES];
	char name[ENTRIES][32];
	bool out[ENTRIES];
	unsigned layer[ENTRIES]; /* rises */
};

static void
random_world(struct world *w)
{
	unsigned char uuid[RECORD_UUID] = { 0 };
	unsigned i, layer = 0;
	char dn[32];

	w->records = records_new();
	assert_non_null(w->records);
	for (i = 0; i < ENTRIES; i++) {
		random_entry(&w->entry[i], w->name[i]);
		snprintf(dn, sizeof dn, "cn=%u", i);
		uuid[0] = (unsigned char)i;
		w->entry[i].line = records_add(w->records, uuid, text_of(dn),
		    TEXT("lines"));
		w->out[i] = roll(4) == 0;
		layer += layer < 2 && roll(ENTRIES / 3) == 0;
		w->layer[i] = layer;
	}
}

/* The entries of the layers from .. to, without those taken out or with. */
static struct policy *
build(struct world *w, unsigned from, unsigned to, bool out)
{
	struct policy_builder *b = policy_builder_new(SEED);
	struct policy *p;
	unsigned source, i;

	assert_non_null(b);
	assert_int_equal(policy_directory(b, TEXT("tree"), w->records,
	    &source), POLICY_OK);
	for (i = 0; i < ENTRIES; i++) {
		if (w->layer[i] < from || w->layer[i] > to ||
		    (w->out[i] && !out))
			continue;
		w->entry[i].source = source;
		assert_int_equal(policy_add(b, &w->entry[i], NULL), POLICY_OK);
	}
	p = policy_freeze(b);
	assert_non_null(p);
	return p;
}

static bool
is_line(void *with, unsigned line)
{
	return line == *(unsigned *)with;
}

static struct policy *
build_layers(struct world *w)
{
	struct policy *part[3], *p;
	unsigned i;

	for (i = 0; i < 3; i++)
		part[i] = build(w, i, i, true);
	p = policy_join((const struct policy *const *)part, 3);
	assert_non_null(p);
	for (i = 0; i < 3; i++)
		policy_free(part[i]);
	for (i = 0; i < ENTRIES; i++) {
		size_t at = policy_index(p, &w->entry[i], INT64_MIN, is_line,
		    &w->entry[i].line);

		assert_int_equal(at, i);
		if (w->out[i])
			assert_true(policy_take_out(p, at));
	}
	return p;
}

static void
assert_same(bool a_found, const struct policy *a,
    const struct policy_entry *ea, bool b_found, const struct policy *b,
    const struct policy_entry *eb)
{
	char origin_a[64], origin_b[64];

	assert_int_equal(a_found, b_found);
	if (!a_found)
		return;
	assert_int_equal(ea->line, eb->line);
	assert_int_equal(ea->action, eb->action);
	assert_int_equal(ea->until, eb->until);
	assert_string_equal(policy_origin(a, ea, origin_a, sizeof origin_a),
	    policy_origin(b, eb, origin_b, sizeof origin_b));
	assert_memory_equal(origin_a, "cn=", 3);
}

static void
compare(const struct policy *a, const struct policy *b)
{
	static const char *const names[] = { "a.test", "b.a.test",
		"c.b.a.test", "d.c.b.a.test", "x.test", "y.x.test", "z.test" };
	static const char *const ips[] = { "10.0.0.1", "10.1.0.1", "10.1.2.1",
		"10.1.2.3", "11.0.0.1", "2001:db8::1", "2001:db8::2" };
	struct policy_entry ea = { 0 }, eb = { 0 };
	struct ip ip;
	unsigned i;
	int64_t now;

	for (i = 0; i < 7; i++)
		for (now = 0; now < 100; now += 60) {
			assert_same(policy_find_domain(a, POLICY_RELAY,
			    text_of(names[i]), now, &ea), a, &ea,
			    policy_find_domain(b, POLICY_RELAY,
			    text_of(names[i]), now, &eb), b, &eb);
			assert_same(policy_find_domain(a, POLICY_LOCAL,
			    text_of(names[i]), now, &ea), a, &ea,
			    policy_find_domain(b, POLICY_LOCAL,
			    text_of(names[i]), now, &eb), b, &eb);
			assert_true(ip_parse(text_of(ips[i]), &ip));
			assert_same(policy_find_client(a, &ip, now, &ea), a,
			    &ea, policy_find_client(b, &ip, now, &eb), b, &eb);
			assert_same(policy_find_forwarder(a, &ip, now, &ea), a,
			    &ea, policy_find_forwarder(b, &ip, now, &eb), b,
			    &eb);
		}
}

static void
test_layers_answer_as_one(void **state)
{
	struct world w;
	struct policy *layers, *one;
	unsigned turn, kind;

	(void)state;
	for (turn = 0; turn < 2000; turn++) {
		random_world(&w);
		layers = build_layers(&w);
		one = build(&w, 0, 2, false);
		records_free(w.records); /* the policies hold it */
		compare(layers, one);
		for (kind = 0; kind < POLICY_KINDS; kind++)
			assert_int_equal(policy_count(layers,
			    (enum policy_kind)kind), policy_count(one,
			    (enum policy_kind)kind));
		policy_free(layers);
		policy_free(one);
	}
}

/* What is taken out twice counts once, is listed as void, and stays shared. */
static void
test_taken_out(void **state)
{
	struct policy_entry e, from = { .kind = POLICY_RELAY,
		.value = TEXT("a.test") };
	struct policy_builder *b = policy_builder_new(SEED);
	struct policy *p, *joined, *again;
	unsigned none = 1;

	(void)state;
	assert_int_equal(policy_source(b, TEXT("file"), &from.source),
	    POLICY_OK);
	assert_int_equal(policy_add(b, &from, NULL), POLICY_OK);
	p = policy_freeze(b);
	assert_int_equal(policy_index(p, &from, INT64_MIN, is_line, &none), 1);
	joined = policy_join((const struct policy *const *)&p, 1);
	assert_true(policy_take_out(joined, 0) && policy_take_out(joined, 0));
	assert_int_equal(policy_count(joined, POLICY_RELAY), 0);
	again = policy_join((const struct policy *const *)&joined, 1);
	policy_free(joined);
	assert_int_equal(policy_entries(again), 1);
	policy_entry_at(again, 0, &e);
	assert_int_equal(e.until, 1);
	assert_false(policy_find_domain(again, POLICY_RELAY, TEXT("a.test"), 0,
	    &e));
	assert_true(policy_find_domain(p, POLICY_RELAY, TEXT("a.test"), 0,
	    &e));
	assert_int_equal(policy_entry_dn(p, &e).n, 0);
	assert_true(policy_bytes(again) == policy_bytes(p) + 8);
	policy_free(again);
	policy_free(p);
}

static void
test_too_many_layers(void **state)
{
	struct policy *part[POLICY_LAYERS_MAX + 1];
	unsigned i;

	(void)state;
	for (i = 0; i <= POLICY_LAYERS_MAX; i++)
		part[i] = policy_freeze(policy_builder_new(SEED));
	assert_null(policy_join((const struct policy *const *)part,
	    POLICY_LAYERS_MAX + 1));
	for (i = 0; i <= POLICY_LAYERS_MAX; i++)
		policy_free(part[i]);
}

/* Chunk borders, and records larger than a chunk. */
static void
test_records(void **state)
{
	static char large[1200000];
	unsigned char uuid[RECORD_UUID];
	struct records *r = records_new();
	uint32_t number[3000];
	char dn[64];
	unsigned i;
	size_t n;

	(void)state;
	memset(large, 'x', sizeof large);
	for (i = 0; i < 3000; i++) {
		memset(uuid, (int)(i & 0xff), sizeof uuid);
		snprintf(dn, sizeof dn, "cn=%u", i);
		n = i % 1000 == 999 ? sizeof large : i;
		number[i] = records_add(r, uuid, text_of(dn),
		    (struct text){ large, n });
		assert_int_not_equal(number[i], 0);
	}
	for (i = 0; i < 3000; i++) {
		n = i % 1000 == 999 ? sizeof large : i;
		snprintf(dn, sizeof dn, "cn=%u", i);
		memset(uuid, (int)(i & 0xff), sizeof uuid);
		assert_memory_equal(records_uuid(r, number[i]), uuid,
		    sizeof uuid);
		assert_true(text_equal(records_dn(r, number[i]), text_of(dn)));
		assert_true(text_equal(records_lines(r, number[i]),
		    (struct text){ large, n }));
	}
	assert_true(records_bytes(r) > 3 * sizeof large);
	assert_int_equal(records_lines(r, records_add(r, uuid, TEXT(""),
	    TEXT(""))).n, 0);
	records_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layers_answer_as_one),
		cmocka_unit_test(test_taken_out),
		cmocka_unit_test(test_too_many_layers),
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
