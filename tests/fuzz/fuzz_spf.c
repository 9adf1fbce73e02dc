/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPF records, explanations and senders of any bytes, through a whole check and
 * the headers.  The input: a line with the client and the sender, then TXT
 * records, each up to a NUL byte: the first is what is found at the sender's
 * domain, the next at the names asked for after it.  Every result is printable,
 * bounded, and within the limits.
 */
#include "milter/ask/auth_results.h"
#include "milter/ask/dns_answer.h"
#include "milter/ask/spf_header.h"
#include "policy/domain.h"
#include "tests/fuzz/spf_input.h"

/* What is left of the records, and a die for the other questions. */
struct zone {
	struct text rest;
	unsigned asked;
};

static void
expect_printable(const char *s, size_t cap)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		expect(s[i] >= 0x20 && s[i] <= 0x7e && i + 1 < cap);
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
	auth_results_claim(records, q->host);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text all = exact_copy(data, size), rest = all;
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = TEXT("h.example.org"), .host = TEXT("mx.example.net"),
		.deadline_ms = INT64_MAX };

	q.sender = next_sender(&rest, &q.client);
	check_all(&q, rest);
	exact_free(all);
	return 0;
}
