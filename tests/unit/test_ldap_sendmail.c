/* SPDX-License-Identifier: BSD-2-Clause */
/* sendmail's data of a whole directory: vectors, and the access map kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/ldap_sendmail.h"
#include "conf/ldif.h"
#include "tests/unit/policy_dump.h"

#define RECORDS_MAX 8

struct tree {
	struct ldap_lines lines[RECORDS_MAX];
	struct ldap_sendmail_record record[RECORDS_MAX];
	char dn[RECORDS_MAX][16];
	size_t n;
	struct complaints complaints;
};

static bool
take(void *with, const struct ldap_entry *e, unsigned line)
{
	struct tree *t = with;
	struct ldap_lines *l = &t->lines[t->n];
	bool good = ldap_sendmail_lines(e, (struct ldap_sendmail_owner){
	    TEXT("farm"), TEXT("mx.example.org") }, l, &t->complaints);

	(void)line;
	assert_true(t->n < RECORDS_MAX);
	assert_true(e->dn.n <= sizeof t->dn[0]);
	memcpy(t->dn[t->n], e->dn.at, e->dn.n);
	t->record[t->n] = (struct ldap_sendmail_record){
		(uint32_t)t->n + 1, { t->dn[t->n], e->dn.n },
		{ l->at, l->n } };
	t->n++;
	return good;
}

/* The policy of a tree in LDIF, complaints in t. */
static struct policy *
policy_of(struct text ldif, struct tree *t)
{
	struct policy_builder *b = policy_builder_new(1);
	struct ldap_sendmail_sources to;

	assert_non_null(b);
	assert_true(ldif_read(ldif, "l", take, t, &t->complaints));
	assert_int_equal(policy_source(b, TEXT("classes"), &to.classes), 0);
	assert_int_equal(policy_source(b, TEXT("access"), &to.access), 0);
	assert_true(ldap_sendmail_add(t->record, t->n, to, b,
	    &t->complaints));
	return policy_freeze(b);
}

static void
release(struct tree *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		ldap_lines_free(&t->lines[i]);
	complaints_free(&t->complaints);
}

/*
 * An entry of a vector is short for LDIF: "C farm R a.example" is one of class
 * R, "A farm KEY VALUE" one of the access map, for a cluster; "c" and "a" are
 * the same for a host.  Behind "|" stand more lines.
 */
static void
expand(struct text s, size_t i, struct ldap_lines *out)
{
	struct text word[4] = { { NULL, 0 } };
	char head[1200];
	size_t k, end;
	bool class = s.n > 0 && text_lower(s.at[0]) == 'c';

	for (k = 0; k < 4; k++) {
		end = k < 3 ? text_find(s, ' ') : text_find(s, '|');
		word[k] = text_cut(s, 0, end);
		s = text_cut(s, end < s.n ? end + 1 : end, s.n);
	}
	snprintf(head, sizeof head, "dn: cn=e%zu\nobjectClass: sendmailMTA%s\n"
	    "%s: %.*s\n", i, class ? "Class" : "MapObject",
	    word[0].at[0] >= 'a' ? "sendmailMTAHost" : "sendmailMTACluster",
	    (int)word[1].n, word[1].at);
	assert_true(ldap_lines_add(out, text_of(head)));
	snprintf(head, sizeof head, "%s%.*s\n", class ?
	    "sendmailMTAClassName: " : "sendmailMTAMapName: access\n"
	    "sendmailMTAKey: ", (int)word[2].n, word[2].at);
	assert_true(ldap_lines_add(out, text_of(head)));
	snprintf(head, sizeof head, "sendmailMTA%s: %.*s\n", class ?
	    "ClassValue" : "MapValue", (int)word[3].n, word[3].at);
	if (word[3].n > 0)
		assert_true(ldap_lines_add(out, text_of(head)));
	for (; s.n > 0; s = text_cut(s, end < s.n ? end + 1 : end, s.n)) {
		end = text_find(s, '|');
		assert_true(ldap_lines_add(out, text_cut(s, 0, end)) &&
		    ldap_lines_add(out, TEXT("\n")));
	}
	assert_true(ldap_lines_add(out, TEXT("\n")));
}

/* The DN of a complaint, cn=eN, as its line. */
static void
number_complaints(struct complaints *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		assert_int_equal(c->at[i].line, 0);
		assert_int_equal(strncmp(c->at[i].file, "cn=e", 4), 0);
		c->at[i].line = (unsigned)atoi(c->at[i].file + 4);
	}
}

static const char *
run(const struct vector *v)
{
	struct tree t = { .n = 0 };
	struct ldap_lines ldif = { 0 };
	struct policy *p;
	const char *wrong;
	size_t i;

	for (i = 0; i < v->n && !text_equal(v->field[i], TEXT("->")); i++)
		expand(v->field[i], i + 1, &ldif);
	p = policy_of((struct text){ ldif.at, ldif.n }, &t);
	number_complaints(&t.complaints);
	wrong = i == v->n ? "no ->" : dump_compare(v, i + 1, &t.complaints, p);
	policy_free(p);
	release(&t);
	ldap_lines_free(&ldif);
	return wrong;
}

static void
vectors_hold(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("ldap_sendmail.txt", run), 0);
}

static const char *
lookup(const struct policy *p, const char *key)
{
	static char value[300];
	unsigned source;
	struct text found;

	if (!access_map_find(policy_access(p, &source), text_of(key), &found))
		return "-";
	snprintf(value, sizeof value, "%.*s", (int)found.n, found.at);
	return value;
}

/* What the map door answers: all keys, those that do not relay too. */
static void
access_map_is_kept(void **state)
{
	struct tree t = { .n = 0 };
	struct policy *p = policy_of(TEXT(
	    "dn: cn=1\nobjectClass: sendmailMTAMapObject\n"
	    "sendmailMTACluster: farm\nsendmailMTAMapName: access\n"
	    "sendmailMTAKey: From:Spam.example\nsendmailMTAKey: To:a.example\n"
	    "sendmailMTAMapValue: ERROR:5.7.1:550  Go  away\n\n"
	    "dn: cn=2\nobjectClass: sendmailMTAMapObject\n"
	    "sendmailMTAHost: mx.example.org\nsendmailMTAMapName: Access\n"
	    "sendmailMTAKey: to:A.EXAMPLE\nsendmailMTAMapValue: RELAY\n\n"
	    "dn: cn=3\nobjectClass: sendmailMTAMapObject\n"
	    "sendmailMTAHost: mx.example.org\nsendmailMTAMapName: access\n"
	    "sendmailMTAKey: To:b.example\nsendmailMTAMapSearch: (x=y)\n\n"
	    "dn: cn=4\nobjectClass: sendmailMTAMapObject\n"
	    "sendmailMTAHost: mx.example.org\nsendmailMTAMapName: access\n"
	    "sendmailMTAKey: To:c.example\nsendmailMTAMapValue:\n"), &t);
	unsigned source;

	(void)state;
	assert_string_equal(lookup(p, "from:spam.example"),
	    "ERROR:5.7.1:550  Go  away");
	assert_string_equal(lookup(p, "to:a.example"), "-");
	assert_string_equal(lookup(p, "to:c.example"), "-");
	assert_int_equal(strncmp(lookup(p, "to:b.example"),
	    "ERROR:4.7.1:", 12), 0);
	assert_int_equal(access_map_count(policy_access(p, &source)), 2);
	assert_int_equal(source, 1);
	assert_int_equal(t.complaints.errors, 0);
	policy_free(p);
	release(&t);
}

/* A byte order mark in front of the first value is no mark of a file's. */
static void
first_value_is_like_others(void **state)
{
	struct tree t = { .n = 0 };
	struct policy *p = policy_of(TEXT("dn: cn=1\n"
	    "objectClass: sendmailMTAClass\nsendmailMTACluster: farm\n"
	    "sendmailMTAClassName: R\n"
	    "sendmailMTAClassValue: \xef\xbb\xbfIPv6:2001:db8\n"), &t);

	(void)state;
	assert_int_equal(policy_count(p, POLICY_CLIENT), 0);
	policy_free(p);
	release(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(access_map_is_kept),
		cmocka_unit_test(first_value_is_like_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
