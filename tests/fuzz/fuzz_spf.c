/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPF records, explanations and senders of any bytes, through the validator,
 * the macros, libspf2 and the headers.  The input: a line with the client and
 * the sender, then TXT records, each up to a NUL byte: the first is what is
 * found at the sender's domain, the next at the names asked for after it.
 * Every result is printable, bounded, and within the limits.
 */
#include "milter/ask/dns_answer.h"
#include "milter/ask/spf_header.h"
#include "milter/ask/spf_macro.h"
#include "milter/ask/spf_record.h"
#include "policy/domain.h"
#include "tests/fuzz/exact.h"

/* What is left of the records, and a die for the other questions. */
struct zone {
	struct text rest;
	unsigned asked;
};

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

static void
expect_printable(const char *s, size_t cap)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		expect(s[i] >= 0x20 && s[i] <= 0x7e && i + 1 < cap);
}

static struct text
next_text(struct text *rest, char end)
{
	size_t n = text_find(*rest, end);
	struct text t = text_cut(*rest, 0, n);

	*rest = text_cut(*rest, n + (n < rest->n), rest->n);
	return t;
}

static void
add_host(struct dns_answer *a, enum dns_type type, struct text name)
{
	struct dns_record r = { .type = type, .name = name };

	ip_parse(type == DNS_AAAA ? TEXT("2001:db8::1") : TEXT("192.0.2.1"),
	    &r.address);
	expect(dns_answer_add(a, &r));
}

/* Answers depend on the name alone but for TXT: the next record. */
static struct dns_answer *
ask(void *with, struct text name, enum dns_type type, int64_t deadline_ms)
{
	struct zone *z = with;
	unsigned die = 0;
	struct dns_answer *a;
	struct dns_record r = { .type = DNS_TXT };
	size_t i;

	(void)deadline_ms;
	expect(name.n > 0 && name.n <= DOMAIN_MAX);
	expect(z->asked++ <= 11 + 10 * 11 + 11);
	for (i = 0; i < name.n; i++)
		die = die * 31 + (unsigned char)name.at[i];
	die = (die >> 3) % 8;
	if (type == DNS_TXT ? z->rest.n == 0 : die < 3)
		return dns_answer_new((enum dns_status)(DNS_NO_NAME + die % 3),
		    60);
	a = dns_answer_new(DNS_FOUND, 60);
	expect(a != NULL);
	if (type == DNS_TXT) {
		struct text txt = next_text(&z->rest, '\0');
		struct text exact = exact_copy(txt.at, txt.n);

		r.txt = exact;
		expect(dns_answer_add(a, &r));
		exact_free(exact);
	}
	for (i = 0; type != DNS_TXT && i < die * 2; i++)
		add_host(a, type, i == 0 ? TEXT("") : TEXT("mail.example.com"));
	return a;
}

static void
check_record(struct text txt, const struct ip *client)
{
	struct spf_term plan[12];
	struct spf_record r;
	struct spf_flaw flaw;
	size_t i, n;

	if (!spf_record_parse(txt, &r, &flaw)) {
		expect(flaw.words != NULL && flaw.term.n <= txt.n);
		return;
	}
	expect(flaw.words == NULL && spf_record_is(txt));
	n = spf_record_plan(&r, client, 11, plan);
	expect(n >= 1 && n <= 12);
	for (i = 0; i < n; i++) {
		expect(plan[i].kind == SPF_TERM_NONE ? i == n - 1 :
		    plan[i].text.n > 0 && plan[i].text.at >= txt.at &&
		    plan[i].text.at + plan[i].text.n <= txt.at + txt.n);
		expect(plan[i].bits4 <= 32 && plan[i].bits6 <= 128);
	}
}

static void
check_macros(struct text s, const struct spf_macro_values *v)
{
	char *head = malloc(300), *name = malloc(DOMAIN_MAX);
	size_t n;

	expect(head != NULL && name != NULL);
	if (spf_macro_valid(s, true))
		expect(spf_macro_expand(s, v, head, 300) <= 300);
	if (spf_macro_domain_valid(s)) {
		expect(spf_macro_valid(s, false));
		n = spf_macro_expand_domain(s, v, name);
		expect(n <= DOMAIN_MAX && (n == 0 || name[n - 1] != '.'));
	}
	free(head);
	free(name);
}

static void
check_all(const struct spf_question *q, struct text records)
{
	struct spf_checked c = { .question = *q };
	struct zone z = { .rest = records };
	struct spf_dns dns = { &z, ask };
	char header[SPF_HEADER_MAX];

	spf_check(&dns, q, NULL, &c.outcome);
	expect(c.outcome.queries == z.asked);
	expect(c.outcome.terms <= SPF_TERMS_MAX &&
	    c.outcome.voids <= SPF_VOIDS_MAX);
	expect_printable(c.outcome.mechanism, SPF_WORDS_MAX);
	expect_printable(c.outcome.domain, SPF_WORDS_MAX);
	expect_printable(c.outcome.explanation, SPF_EXPLANATION_MAX);
	expect_printable(c.outcome.problem, SPF_WORDS_MAX);
	expect(spf_header_received(&c, header) < SPF_HEADER_MAX);
	expect(spf_header_results(q->host, &c, 1, header) < SPF_HEADER_MAX);
	spf_header_claims(records, q->host);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text all = exact_copy(data, size), rest = all;
	struct text line = next_text(&rest, '\n');
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = TEXT("h.example.org"), .host = TEXT("mx.example.net"),
		.deadline_ms = INT64_MAX };
	struct spf_macro_values v = { .domain = TEXT("example.com"),
		.helo = q.helo, .host = q.host, .now = 1 };

	if (!ip_parse(next_text(&line, ' '), &q.client))
		ip_parse(TEXT("192.0.2.1"), &q.client);
	q.sender = line;
	v.sender = v.local = v.sender_domain = line;
	v.client = q.client;
	check_record(rest, &q.client);
	check_macros(rest, &v);
	check_all(&q, rest);
	exact_free(all);
	return 0;
}
