/* SPDX-License-Identifier: BSD-2-Clause */
/* sendmail's own files: vectors, and what the access map decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/sendmail_files.h"
#include "tests/unit/policy_dump.h"

typedef void parser(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c);

static struct policy *
parse(parser *parse_file, struct text content, struct complaints *c)
{
	struct policy_builder *b = policy_builder_new(1);

	assert_non_null(b);
	parse_file(content, "f", b, c);
	return policy_freeze(b);
}

static parser *
parser_of(struct text kind)
{
	if (text_equal(kind, TEXT("w")))
		return sendmail_local_host_names_parse;
	if (text_equal(kind, TEXT("R")))
		return sendmail_relay_domains_parse;
	return text_equal(kind, TEXT("access")) ? sendmail_access_parse :
	    NULL;
}

static const char *
run(const struct vector *v)
{
	struct complaints c = { 0 };
	parser *parse_file = parser_of(v->field[0]);
	struct policy *p;
	const char *wrong;

	if (parse_file == NULL || v->n < 2)
		return "not w, R or access and a content";
	p = parse(parse_file, v->field[1], &c);
	wrong = dump_compare(v, 2, &c, p);
	policy_free(p);
	complaints_free(&c);
	return wrong;
}

static void
vectors_hold(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("sendmail_files.txt", run), 0);
}

/* Is mail to this domain relayed? */
static bool
relays(const struct policy *p, const char *domain)
{
	struct policy_entry e;

	return policy_find_domain(p, POLICY_RELAY, text_of(domain), 0, &e) &&
	    e.action == POLICY_GRANT;
}

static bool
trusts(const struct policy *p, const char *address)
{
	struct policy_entry e;
	struct ip ip;

	assert_true(ip_parse(text_of(address), &ip));
	return policy_find_client(p, &ip, 0, &e) && e.action == POLICY_GRANT;
}

/* The longest key decides, as in check_rcpt of a real sendmail. */
static void
longest_key_decides(void **state)
{
	struct complaints c = { 0 };
	struct policy *p = parse(sendmail_access_parse, TEXT(
	    "To:a.example\tRELAY\n"
	    "To:no.a.example\tREJECT\n"
	    "yes.no.a.example\tRELAY\n"
	    "b.example\tRELAY\n"
	    "To:b.example\tOK\n"
	    "c.example\tOK\n"
	    "Connect:10\tRELAY\n"
	    "10.1\tDISCARD\n"
	    "Connect:10.1.2\tRELAY\n"
	    "10.1.2.3\tSKIP\n"
	    "Connect:IPv6:2001:db8\tRELAY\n"
	    "Connect:IPv6:2001:db8:1::\tREJECT\n"), &c);

	(void)state;
	assert_int_equal(c.errors, 0);
	assert_true(relays(p, "a.example"));
	assert_true(relays(p, "x.a.example"));
	assert_false(relays(p, "xa.example"));
	assert_false(relays(p, "no.a.example"));
	assert_false(relays(p, "x.no.a.example"));
	assert_true(relays(p, "yes.no.a.example"));
	assert_false(relays(p, "b.example"));
	assert_false(relays(p, "c.example"));
	assert_true(trusts(p, "10.9.9.9"));
	assert_false(trusts(p, "10.1.9.9"));
	assert_true(trusts(p, "10.1.2.9"));
	assert_false(trusts(p, "10.1.2.3"));
	assert_false(trusts(p, "11.0.0.1"));
	assert_true(trusts(p, "2001:db8::9"));
	assert_false(trusts(p, "2001:db8:1::9"));
	policy_free(p);
	complaints_free(&c);
}

/* In sendmail class R grants before the access map is asked. */
static void
access_does_not_undo_relay_domains(void **state)
{
	struct policy_builder *b = policy_builder_new(1);
	struct complaints c = { 0 };
	struct policy *p;

	(void)state;
	assert_non_null(b);
	sendmail_relay_domains_parse(TEXT("a.example\n10.1\n"), "R", b, &c);
	sendmail_access_parse(TEXT("a.example OK\nx.a.example REJECT\n"
	    "10.1.2 REJECT\n"), "A", b, &c);
	p = policy_freeze(b);
	assert_int_equal(c.n, 0);
	assert_true(relays(p, "a.example"));
	assert_true(relays(p, "x.a.example"));
	assert_true(trusts(p, "10.1.2.3"));
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(longest_key_decides),
		cmocka_unit_test(access_does_not_undo_relay_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
