/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of a directory as lines: vectors, times, filters, options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/ldap_map.h"
#include "conf/ldap_value.h"
#include "conf/ldif.h"
#include "conf/lines.h"
#include "conf/policy_file.h"
#include "tests/unit/policy_dump.h"

struct made {
	const struct ldap_map *map;
	struct ldap_lines lines;
	struct complaints complaints;
};

static bool
make(void *with, const struct ldap_entry *e, unsigned line)
{
	struct made *m = with;

	(void)line;
	return ldap_map_lines(m->map, e, &m->lines, &m->complaints);
}

/* The map that a vector's first field names: "custom:vd:net" has attributes. */
static struct ldap_map *
map_of(struct text spec)
{
	char name[200], *part[3] = { name, NULL, NULL };
	struct complaints c = { 0 };
	struct ldap_map *m;
	size_t i;

	snprintf(name, sizeof name, "%.*s", (int)spec.n, spec.at);
	for (i = 1; i < 3 && strchr(part[i - 1], ':') != NULL; i++) {
		part[i] = strchr(part[i - 1], ':');
		*part[i]++ = '\0';
	}
	m = ldap_map_new(&(struct ldap_map_options){ .name = name,
	    .domain_attribute = part[1], .client_attribute = part[2],
	    .cluster = "farm", .host = "mx.example.org" }, &c);
	for (i = 0; i < c.n; i++)
		printf("%s\n", c.at[i].text);
	complaints_free(&c);
	return m;
}

/* NULL when complaints and lines are as expected from field 2 on. */
static const char *
compare(const struct vector *v, const struct made *m)
{
	static char got[2400], wrong[2500];
	struct lines lines = lines_of((struct text){ m->lines.at,
	    m->lines.n });
	size_t at = 2, i = 0;
	struct text line;

	for (; i < m->complaints.n || lines_next(&lines, &line); i++, at++) {
		if (i < m->complaints.n) {
			const struct complaint *c = &m->complaints.at[i];

			if (c->line != 0 || strcmp(c->file, "cn=e") != 0)
				return "not told of the DN";
			snprintf(got, sizeof got, "%s: %s", c->level ==
			    COMPLAINT_ERROR ? "error" : "note", c->text);
		} else {
			escape_text(line, got, sizeof got);
		}
		if (at < v->n && dump_matches(text_of(got), v->field[at]))
			continue;
		snprintf(wrong, sizeof wrong, "got '%s'", got);
		return wrong;
	}
	return at == v->n ? NULL : "less than expected";
}

/* What was made is policy, word for word. */
static const char *
is_policy(const struct made *m)
{
	struct policy_builder *b = policy_builder_new(1);
	struct complaints c = { 0 };
	bool good;

	policy_file_parse((struct text){ m->lines.at, m->lines.n }, "p", b,
	    &c);
	good = c.n == 0;
	policy_builder_free(b);
	complaints_free(&c);
	return good ? NULL : "not lines of relay.policy";
}

static const char *
run(const struct vector *v)
{
	struct ldap_lines ldif = { 0 };
	struct complaints c = { 0 };
	struct made m = { .map = map_of(v->field[0]) };
	const char *wrong = NULL;

	if (m.map == NULL || v->n < 2)
		return "not a map and an entry";
	if (!ldap_lines_add(&ldif, TEXT("dn: cn=e\n")) ||
	    !ldap_lines_add(&ldif, v->field[1]) ||
	    !ldif_read((struct text){ ldif.at, ldif.n }, "l", make, &m, &c) ||
	    c.n > 0)
		wrong = "the entry is no LDIF";
	if (wrong == NULL)
		wrong = compare(v, &m);
	if (wrong == NULL && !ldap_map_is_sendmail(m.map))
		wrong = is_policy(&m);
	ldap_map_free((struct ldap_map *)m.map);
	ldap_lines_free(&m.lines);
	ldap_lines_free(&ldif);
	complaints_free(&m.complaints);
	complaints_free(&c);
	return wrong;
}

static void
vectors_hold(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("ldap_map.txt", run), 0);
}

/* Against values made with date -u -d ... +%s. */
static void
times_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* 0: refused */
	} times[] = {
		{ "20311231235959Z", 1956527999 },
		{ "203112312359Z", 1956527940 },
		{ "2031123123Z", 1956524400 },
		{ "20311231235960Z", 1956528000 },
		{ "20311231235959+0100", 1956524399 },
		{ "20311231235959-01", 1956531599 },
		{ "20311231235959-0530", 1956547799 },
		{ "20311231235959.9Z", 1956527999 },
		{ "20311231235959,999999999999Z", 1956527999 },
		{ "203112312359.5Z", 1956527970 },
		{ "2031123123.25Z", 1956525300 },
		{ "2031123123,25+0000", 1956525300 },
		{ "19700101000001Z", 1 },
		{ "19700101000000-0001", 60 },
		{ "20000229000000Z", 951782400 },
		{ "99991231235959Z", 253402300799 },
		{ "19700101000000Z", 0 },
		{ "19691231235959Z", 0 },
		{ "19700101000000+0001", 0 },
		{ "20311231235959", 0 },
		{ "20311231235959z", 0 },
		{ "20311231235959Z ", 0 },
		{ " 20311231235959Z", 0 },
		{ "20311231235959ZZ", 0 },
		{ "20311231235961Z", 0 },
		{ "20311231236059Z", 0 },
		{ "20311231245959Z", 0 },
		{ "20310229000000Z", 0 },
		{ "20311331000000Z", 0 },
		{ "20310001000000Z", 0 },
		{ "20310100000000Z", 0 },
		{ "20311231Z", 0 },
		{ "203112312Z", 0 },
		{ "20311231235Z", 0 },
		{ "2031123123595Z", 0 },
		{ "20311231235959.Z", 0 },
		{ "20311231235959.x", 0 },
		{ "20311231235959+", 0 },
		{ "20311231235959+1", 0 },
		{ "20311231235959+24", 0 },
		{ "20311231235959+0060", 0 },
		{ "20311231235959+01000", 0 },
		{ "2031-12-31", 0 },
		{ "2031123123595\xc2\xb9Z", 0 },
		{ "", 0 },
		{ "Z", 0 },
	};
	size_t i;
	int64_t got;

	(void)state;
	for (i = 0; i < sizeof times / sizeof times[0]; i++) {
		if (!ldap_time(text_of(times[i].text), &got))
			got = 0;
		if (got != times[i].want)
			fail_msg("%s: %lld", times[i].text, (long long)got);
	}
}

static void
filters_and_attributes(void **state)
{
	static const struct {
		struct ldap_map_options o;
		const char *filter, *last; /* the last attribute asked for */
	} maps[] = {
		{ { .name = "relayguard" }, "(|(objectClass=rgRelayDomain)"
		    "(objectClass=rgClientNetwork)(objectClass=rgRoamingClient)"
		    "(objectClass=rgPolicyAux))", "rgNetwork" },
		{ { .name = "AssociatedDomain" }, "(|(associatedDomain=*))",
		    "associatedDomain" },
		{ { .name = "mailLocalAddress" }, "(|(mailLocalAddress=*))",
		    "mailLocalAddress" },
		{ { .name = "mailLocalAddress", .filter = "(ou=x)" },
		    "(ou=x)", "mailLocalAddress" },
		{ { .name = "custom", .domain_attribute = "vd",
		    .client_attribute = "1.2.3" }, "(|(vd=*)(1.2.3=*))",
		    "1.2.3" },
		{ { .name = "custom", .client_attribute = "net",
		    .filter = "(&(a=\\28)(b=*))" }, "(&(a=\\28)(b=*))", "net" },
		{ { .name = "sendmail", .cluster = "A*(b)\\",
		    .host = "mx.\xc3\xa4" }, "(&(|(&(objectClass=sendmailMTA"
		    "Class)(|(sendmailMTAClassName=R)(sendmailMTAClassName=w)))"
		    "(&(objectClass=sendmailMTAMapObject)(sendmailMTAMapName="
		    "access)))(|(sendmailMTACluster=A\\2a\\28b\\29\\5c)"
		    "(sendmailMTAHost=mx.\xc3\xa4)))", "sendmailMTAMapURL" },
	};
	struct complaints c = { 0 };
	const char *const *name;
	struct ldap_map *m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof maps / sizeof maps[0]; i++) {
		m = ldap_map_new(&maps[i].o, &c);
		assert_non_null(m);
		assert_string_equal(ldap_map_filter(m), maps[i].filter);
		name = ldap_map_attributes(m);
		assert_string_equal(name[0], "objectClass");
		while (name[1] != NULL)
			name++;
		assert_string_equal(*name, maps[i].last);
		ldap_map_free(m);
	}
	assert_int_equal(c.n, 0);
}

static void
wrong_options_are_refused(void **state)
{
	static const struct {
		struct ldap_map_options o;
		const char *what;
	} maps[] = {
		{ { .name = NULL }, ": no such map; there are..." },
		{ { .name = "sendmale" },
		    "sendmale: no such map (did you mean sendmail?); ..." },
		{ { .name = "sendmail" }, "sendmail needs the cluster..." },
		{ { .name = "custom" }, "custom needs the name..." },
		{ { .name = "custom", .domain_attribute = "a b" },
		    "not the name of an attribute..." },
		{ { .name = "custom", .client_attribute = "a)(b" },
		    "not the name of an attribute..." },
		{ { .name = "relayguard", .domain_attribute = "vd" },
		    "attributes of your choice..." },
		{ { .name = "relayguard", .filter = "a=b" },
		    "the filter is not..." },
		{ { .name = "relayguard", .filter = "(a=b)(c=d)" },
		    "the filter is not..." },
		{ { .name = "relayguard", .filter = "(a=b" },
		    "the filter is not..." },
		{ { .name = "relayguard", .filter = "(a=b))" },
		    "the filter is not..." },
		{ { .name = "relayguard", .filter = "()" },
		    "the filter is not..." },
		{ { .name = "relayguard", .filter = "(a=\n)" },
		    "the filter is not..." },
	};
	struct complaints c = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof maps / sizeof maps[0]; i++) {
		assert_null(ldap_map_new(&maps[i].o, &c));
		assert_int_equal(c.errors, i + 1);
		if (!dump_matches(text_of(c.at[i].text),
		    text_of(maps[i].what)))
			fail_msg("%s", c.at[i].text);
	}
	complaints_free(&c);
}

/* A note that is cut is still one, and no character is cut in half. */
static void
long_notes_are_cut(void **state)
{
	static char text[600] = "xx";
	struct ldap_attribute attribute[2];
	struct text domain = TEXT("a.example"), note = { text, sizeof text };
	struct ldap_entry e = { TEXT("cn=e"), attribute, 2 };
	struct made m = { .map = map_of(TEXT("relayguard")) };
	size_t i;

	(void)state;
	for (i = 2; i < sizeof text; i++)
		text[i] = i % 3 == 2 ? '\xe2' : i % 3 == 0 ? '\x82' : '\xac';
	attribute[0] = (struct ldap_attribute){ TEXT("description"), &note, 1 };
	attribute[1] = (struct ldap_attribute){ TEXT("rgDomain"), &domain, 1 };
	assert_true(make(&m, &e, 0));
	assert_int_equal(m.complaints.n, 0);
	assert_null(is_policy(&m));
	/* relay a.example note="xx + 84 characters of three bytes */
	assert_int_equal(m.lines.n, 22 + 2 + 84 * 3 + 2);
	ldap_map_free((struct ldap_map *)m.map);
	ldap_lines_free(&m.lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(filters_and_attributes),
		cmocka_unit_test(wrong_options_are_refused),
		cmocka_unit_test(long_notes_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
