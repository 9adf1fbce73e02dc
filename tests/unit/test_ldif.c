/* SPDX-License-Identifier: BSD-2-Clause */
/* LDIF: what is read of it, mistakes by line, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/ldif.h"
#include "conf/lines.h"
#include "conf/policy_file.h"
#include "tests/unit/policy_dump.h"

/* Append "LINE DN", then " NAME=VALUE" for each value, and a line end. */
static bool
show(void *with, const struct ldap_entry *e, unsigned line)
{
	struct ldap_lines *out = with;
	char number[16];
	size_t i, k;
	bool good;

	snprintf(number, sizeof number, "%u ", line);
	good = ldap_lines_add(out, text_of(number)) &&
	    ldap_lines_add(out, e->dn);
	for (i = 0; i < e->n; i++)
		for (k = 0; k < e->attribute[i].n; k++)
			good = good && ldap_lines_add(out, TEXT(" ")) &&
			    ldap_lines_add(out, e->attribute[i].name) &&
			    ldap_lines_add(out, TEXT("=")) &&
			    ldap_lines_add(out, e->attribute[i].value[k]);
	return good && ldap_lines_add(out, TEXT("\n"));
}

/* NULL when complaints, then lines are the fields of v from 1 on. */
static const char *
compare(const struct vector *v, const struct complaints *c,
    const struct ldap_lines *l)
{
	static char got[2400], wrong[2500];
	struct lines lines = { { l->at, l->n }, 0 };
	size_t i;
	struct text line;

	for (i = 0; i < c->n || lines_next(&lines, &line); i++) {
		if (i < c->n)
			dump_complaint(&c->at[i], got, sizeof got);
		else
			escape_text(line, got, sizeof got);
		if (i + 1 < v->n &&
		    dump_matches(text_of(got), v->field[i + 1]))
			continue;
		snprintf(wrong, sizeof wrong, "got '%s'", got);
		return wrong;
	}
	return i + 1 == v->n ? NULL : "less than expected";
}

static const char *
run(const struct vector *v)
{
	struct complaints c = { 0 };
	struct ldap_lines l = { 0 };
	const char *wrong = ldif_read(v->field[0], "l", show, &l, &c) ?
	    compare(v, &c, &l) : "reading was given up";

	ldap_lines_free(&l);
	complaints_free(&c);
	return wrong;
}

static void
vectors_hold(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("ldif.txt", run), 0);
}

/* Values of every length, of every byte, come back as they were. */
static void
values_come_back(void **state)
{
	static char bytes[600];
	size_t n, i;

	(void)state;
	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	for (n = 0; n < sizeof bytes; n++) {
		struct ldap_lines ldif = { 0 }, got = { 0 }, want = { 0 };
		struct text value = { bytes + sizeof bytes - n, n };
		struct ldap_attribute a = { TEXT("a"), &value, 1 };
		struct ldap_entry e = { TEXT("x=y"), &a, 1 };
		struct complaints c = { 0 };

		assert_true(ldif_add(&ldif, "dn", TEXT("x=y")) &&
		    ldif_add(&ldif, "a", value) && show(&want, &e, 1));
		assert_true(ldif_read((struct text){ ldif.at, ldif.n }, "l",
		    show, &got, &c));
		assert_int_equal(c.n, 0);
		assert_int_equal(got.n, want.n);
		assert_memory_equal(got.at, want.at, want.n);
		ldap_lines_free(&ldif);
		ldap_lines_free(&got);
		ldap_lines_free(&want);
	}
}

static bool
no_more(void *with, const struct ldap_entry *e, unsigned line)
{
	(void)e;
	(void)line;
	++*(unsigned *)with;
	return false;
}

static void
taker_ends_it(void **state)
{
	struct complaints c = { 0 };
	unsigned n = 0;

	(void)state;
	assert_false(ldif_read(TEXT("dn: a\nb: c\n\ndn: b\nb: c\n"), "l",
	    no_more, &n, &c));
	assert_int_equal(n, 1);
	assert_int_equal(c.n, 0);
}

/* One line of relay.policy as an entry of the directory. */
static void
policy_as_ldif(void **state)
{
	static const struct {
		const char *line, *ldif; /* or why not */
	} cases[] = {
		{ "relay a.example", "dn: rgDomain=a.example,ou=r,dc=x\n"
		    "objectClass: rgRelayDomain\nrgDomain: a.example\n\n" },
		{ "relay .a.example", "dn: rgDomain=.a.example,ou=r,dc=x\n"
		    "objectClass: rgRelayDomain\nrgDomain: .a.example\n\n" },
		{ "client 2001:db8::/32 note=\"our B\xc3\xbcro\"",
		    "dn: rgNetwork=2001:db8::/32,ou=r,dc=x\n"
		    "objectClass: rgClientNetwork\nrgNetwork: 2001:db8::/32\n"
		    "description:: b3VyIELDvHJv\n\n" },
		{ "deny client 192.0.2.1 until=2031-12-31",
		    "dn: rgNetwork=192.0.2.1,ou=r,dc=x\n"
		    "objectClass: rgClientNetwork\nrgNetwork: 192.0.2.1\n"
		    "rgAction: REJECT\nrgExpires: 20320101000000Z\n\n" },
		{ "relay a.example until=2031-12-31T23:59:59Z",
		    "dn: rgDomain=a.example,ou=r,dc=x\n"
		    "objectClass: rgRelayDomain\nrgDomain: a.example\n"
		    "rgExpires: 20311231235959Z\n\n" },
		{ "forwarder 192.0.2.0/24 note=\"x\"",
		    "dn: rgAction=FORWARDER+rgNetwork=192.0.2.0/24,ou=r,dc=x\n"
		    "objectClass: rgClientNetwork\nrgNetwork: 192.0.2.0/24\n"
		    "rgAction: FORWARDER\ndescription: x\n\n" },
		{ "deny forwarder 192.0.2.1",
		    "the directory has nothing like deny forwarder" },
		{ "relay a.example until=9999-12-31",
		    "a date beyond the year 9999" },
		{ "relay b\xc3\xbc.example",
		    "a name beyond ASCII; write it as xn--..." },
		{ "client 192.0.2.1 only=a.example",
		    "the directory has nothing like only=" },
		{ "local a.example",
		    "the directory has domains and clients only" },
		{ "auth bob", "the directory has domains and clients only" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct policy_builder *b = policy_builder_new(1);
		struct complaints c = { 0 };
		struct ldap_lines l = { 0 };
		struct policy_entry e;
		const char *why = "x";

		policy_file_parse(text_of(cases[i].line), "p", b, &c);
		assert_int_equal(c.n, 0);
		policy_entry_at(policy_builder_view(b), 0, &e);
		assert_true(ldif_policy(&l, &e, "ou=r,dc=x", &why));
		if (why != NULL)
			assert_int_equal(l.n, 0);
		else
			assert_true(ldap_lines_add(&l, (struct text){ "", 1 }));
		assert_string_equal(why != NULL ? why : l.at, cases[i].ldif);
		ldap_lines_free(&l);
		policy_builder_free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(values_come_back),
		cmocka_unit_test(taker_ends_it),
		cmocka_unit_test(policy_as_ldif),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
