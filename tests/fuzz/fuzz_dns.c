/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of the DNS, any bytes: the first chooses the type, the others are a
 * message.  It is read as an answer to the question that it holds itself, so
 * that the fuzzer need not guess one.  What comes out keeps the promises of
 * dns.h, is the same every time, and is "unknown" to any other id.
 */
#include "milter/ask/dns_answer.h"
#include "milter/ask/dns_name.h"
#include "milter/ask/dns_parse.h"
#include "tests/fuzz/exact.h"
#include "tests/fuzz/expect.h"

static void
check_name(struct text name)
{
	struct dns_question q;
	size_t i;

	expect(name.n <= DOMAIN_MAX);
	for (i = 0; i < name.n; i++)
		expect(text_lower(name.at[i]) == name.at[i]);
	/* a target can be asked for in turn; the root cannot */
	expect(dns_question_set(&q, name, DNS_A) == (name.n > 0));
	expect(name.n == 0 || text_equal(dns_question_name(&q), name));
}

static void
check_record(const struct dns_record *r, enum dns_type type)
{
	expect(r->type == type);
	expect(type == DNS_MX || r->preference == 0);
	expect(type == DNS_TXT || r->txt.n == 0);
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		expect(r->address.family == (type == DNS_A ? IP_V4 : IP_V6));
		break;
	case DNS_MX:
	case DNS_PTR:
		check_name(r->name);
		break;
	case DNS_TXT:
		expect(r->txt.n <= 65535);
		break;
	}
}

static void
check_answer(const struct dns_answer *a, enum dns_type type)
{
	enum dns_status status = dns_answer_status(a);
	size_t i;

	expect((status == DNS_FOUND) == (dns_answer_count(a) > 0));
	expect(dns_answer_ttl(a) >= DNS_TTL_LEAST);
	expect(dns_answer_ttl(a) <= (status == DNS_FOUND ? DNS_TTL_MOST :
	    status == DNS_UNKNOWN ? DNS_TTL_UNKNOWN : DNS_TTL_NO_MOST));
	for (i = 0; i < dns_answer_count(a); i++)
		check_record(dns_answer_at(a, i), type);
}

static enum dns_status
parse(struct text m, const struct dns_question *q, uint16_t id)
{
	struct dns_answer *a = dns_parse(m, q, id);
	enum dns_status status;

	expect(a != NULL);
	check_answer(a, q->type);
	status = dns_answer_status(a);
	dns_answer_free(a);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = { DNS_A, DNS_PTR, DNS_MX, DNS_TXT,
		DNS_AAAA };
	struct dns_question q;
	struct dns_name name;
	struct text m;
	size_t at = 12;
	uint16_t id;

	if (size < 13)
		return 0;
	m = exact_copy(data + 1, size - 1);
	id = (uint16_t)(data[1] << 8 | data[2]);
	if (dns_name_read(m, &at, &name) && dns_question_set(&q,
	    dns_name_text(&name), types[data[0] % 5])) {
		expect(parse(m, &q, id) == parse(m, &q, id));
		expect(parse(m, &q, (uint16_t)(id + 1)) == DNS_UNKNOWN);
	}
	exact_free(m);
	return 0;
}
