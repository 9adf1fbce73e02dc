/* SPDX-License-Identifier: BSD-2-Clause */
/* Without memory nothing that a directory says is half used in silence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "conf/ldap_map.h"
#include "conf/ldap_sendmail.h"
#include "conf/ldif.h"
#define SCARCE_ALL
#include "tests/unit/scarce.h"

#if OWN_ALLOCATOR

static const char tree[] =
    "dn: cn=1\nobjectClass: rgRelayDomain\nrgDomain: a.example\n"
    "rgDomain: com\nrgNetwork: 10.0.0.0/8\nrgExpires: 20311231235959Z\n"
    "description: long enough for a note that needs some room in a line\n\n"
    "dn: cn=2\nobjectClass: sendmailMTAMapObject\nsendmailMTACluster: farm\n"
    "sendmailMTAMapName: access\nsendmailMTAKey: To:a.example\n"
    "sendmailMTAKey: Connect:10\nsendmailMTAMapValue: RELAY\n\n"
    "dn: cn=3\nobjectClass: sendmailMTAMapObject\nsendmailMTACluster: farm\n"
    "sendmailMTAMapName: access\nsendmailMTAKey: To:b.example\n"
    "sendmailMTAKey: to:A.example\nsendmailMTAMapValue: REJECT\n\n"
    "dn: cn=4\nobjectClass: sendmailMTAClass\nsendmailMTACluster: farm\n"
    "sendmailMTAClassName: R\nsendmailMTAClassValue: c.example com\n"
    "sendmailMTAClassSearch: (x=y)\n";

/* What one map makes of the tree. */
struct made {
	const struct ldap_map *map;
	struct ldap_lines lines[4];
	struct ldap_sendmail_record record[4];
	size_t n;
	struct complaints complaints;
};

static bool
take(void *with, const struct ldap_entry *e, unsigned line)
{
	struct made *m = with;
	struct ldap_lines *l = &m->lines[m->n];
	bool good = ldap_map_lines(m->map, e, l, &m->complaints);

	m->record[m->n++] = (struct ldap_sendmail_record){ line, TEXT("cn=x"),
		{ l->at, l->n } };
	return good;
}

/* What sendmail's records make; false when it was told that memory ran out. */
static bool
join(struct made *m)
{
	struct policy_builder *b = policy_builder_new(1);
	struct ldap_sendmail_sources to = { 0, 0 };
	bool good = b != NULL &&
	    policy_source(b, TEXT("c"), &to.classes) == POLICY_OK &&
	    policy_source(b, TEXT("a"), &to.access) == POLICY_OK &&
	    ldap_sendmail_add(m->record, m->n, to, b, &m->complaints);

	policy_builder_free(b);
	return good;
}

/* All of it; the lines of the first map and all complaints counted in n. */
static bool
read_tree(const char *name, size_t n[2])
{
	struct made m = { .n = 0 };
	struct ldap_map *map;
	bool good;
	size_t i;

	map = ldap_map_new(&(struct ldap_map_options){ .name = name,
	    .cluster = "farm" }, &m.complaints);
	m.map = map;
	good = map != NULL && ldif_read((struct text){ tree, sizeof tree - 1 },
	    "l", take, &m, &m.complaints);
	if (good && ldap_map_is_sendmail(map))
		good = join(&m);
	good = good && !m.complaints.out_of_memory;
	n[0] = m.lines[0].n + m.lines[1].n + m.lines[2].n + m.lines[3].n;
	n[1] = m.complaints.n;
	for (i = 0; i < 4; i++)
		ldap_lines_free(&m.lines[i]);
	ldap_map_free(map);
	complaints_free(&m.complaints);
	return good;
}

/* Each allocation in its turn fails: that is told, and nothing is lost. */
static void
test_no_memory(const char *name)
{
	size_t before = live, whole[2], got[2];
	unsigned long n, told = 0;

	assert_true(read_tree(name, whole));
	for (n = 1;; n++) {
		bool good;

		failed = false;
		until = n;
		good = read_tree(name, got);
		until = 0;
		assert_int_equal(live, before);
		if (!failed)
			break;
		told += !good;
		/* only a number in a note may be missing */
		if (good && (got[0] != whole[0] || got[1] != whole[1]))
			fail_msg("%s: allocation %lu failed unnoticed", name,
			    n);
	}
	assert_true(n > 20 && told > n / 2);
}

static void
our_schema(void **state)
{
	(void)state;
	test_no_memory("relayguard");
}

static void
sendmails_schema(void **state)
{
	(void)state;
	test_no_memory("sendmail");
}

/* A line of LDIF is there as a whole or not at all. */
static void
written(void **state)
{
	struct policy_entry e = { .kind = POLICY_RELAY,
		.value = TEXT("a.example"), .note = TEXT("\xc3\xbc") };
	struct ldap_lines l = { 0 };
	size_t before = live;
	const char *why;
	bool good;
	unsigned long n;

	(void)state;
	for (n = 1;; n++) {
		failed = false;
		until = n;
		good = ldif_policy(&l, &e, "dc=x", &why);
		until = 0;
		assert_int_equal(good, !failed);
		assert_int_equal(l.n > 0, good);
		ldap_lines_free(&l);
		assert_int_equal(live, before);
		if (!failed)
			break;
	}
	assert_true(n > 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_schema),
		cmocka_unit_test(sendmails_schema),
		cmocka_unit_test(written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
