/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPF records of any bytes, through the validator and the plan.  The first
 * byte chooses the client and how many questions are left; the others are a
 * record, or its terms alone.
 */
#include "milter/ask/spf_record.h"
#include "tests/fuzz/exact.h"
#include "tests/fuzz/expect.h"

#define VERSION "v=spf1 "
#define QUERIES 12

static bool
lies_in(struct text part, struct text whole)
{
	return part.at >= whole.at && part.at + part.n <= whole.at + whole.n;
}

static void
check_term(const struct spf_term *t, struct text txt)
{
	expect(t->text.n > 0 && t->text.n <= SPF_TERM_MAX);
	expect(lies_in(t->text, txt) && text_find(t->text, ' ') == t->text.n);
	expect(t->domain.n == 0 || lies_in(t->domain, t->text));
	expect(t->bits4 <= 32 && t->bits6 <= 128);
	if (t->kind == SPF_TERM_IP)
		expect(t->network.bits <= ip_width(t->network.base.family));
	if (t->kind <= SPF_TERM_EXISTS)
		expect(text_find(TEXT("+-~?"), t->qualifier) < 4);
}

/* With more questions left a plan goes on, and begins as it did. */
static void
check_plan(const struct spf_record *r, const struct ip *client, size_t queries,
    struct text txt)
{
	struct spf_term plan[QUERIES + 1], more[QUERIES + 2];
	size_t n = spf_record_plan(r, client, queries, plan);
	size_t m = spf_record_plan(r, client, queries + 1, more), i;

	expect(n >= 1 && n <= queries + 1 && m >= n && m <= n + 1);
	for (i = 0; i < n; i++) {
		if (plan[i].kind == SPF_TERM_NONE) {
			expect(i == n - 1);
			break;
		}
		check_term(&plan[i], txt);
		expect(plan[i].text.at == more[i].text.at);
	}
}

static void
check_record(struct text txt, const struct ip *client, size_t queries)
{
	struct spf_record r;
	struct spf_flaw flaw;

	if (!spf_record_parse(txt, &r, &flaw)) {
		expect(flaw.words != NULL && lies_in(flaw.term, txt));
		return;
	}
	expect(flaw.words == NULL && spf_record_is(txt));
	if (r.redirect.kind != SPF_TERM_NONE)
		check_term(&r.redirect, txt);
	if (r.exp.kind != SPF_TERM_NONE)
		check_term(&r.exp, txt);
	check_plan(&r, client, queries, txt);
}

/* An exact copy of the bytes, behind the version when they have none. */
static struct text
whole_record(struct text s)
{
	size_t n = spf_record_is(s) ? 0 : strlen(VERSION);
	char *at = malloc(n + s.n + (n + s.n == 0));

	expect(at != NULL);
	memcpy(at, VERSION, n);
	if (s.n > 0)
		memcpy(at + n, s.at, s.n);
	return (struct text){ at, n + s.n };
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ip clients[] = {
		{ .family = IP_V4, .byte = { 192, 0, 2, 1 } },
		{ .family = IP_V6, .byte = { 0x20, 1, 0x0d, 0xb8, [15] = 1 } },
	};
	struct text txt;

	if (size == 0)
		return 0;
	txt = whole_record((struct text){ (const char *)data + 1, size - 1 });
	check_record(txt, &clients[data[0] & 1],
	    (size_t)(data[0] >> 1) % QUERIES);
	exact_free(txt);
	return 0;
}
