/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grammar and readings alone, on any bytes: the parts of an address lie where
 * they must, and every reading's host is one run of its bytes.
 */
#include "policy/readings.h"
#include "tests/fuzz/exact.h"

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

static bool
lies_in(struct text part, struct text whole)
{
	return part.n == 0 || (part.at >= whole.at &&
	    part.at + part.n <= whole.at + whole.n);
}

static void
check_parts(const struct address *a, struct text argument)
{
	expect(lies_in(a->route, argument) && lies_in(a->local, argument) &&
	    lies_in(a->domain, argument));
	expect((a->class == ADDRESS_MALFORMED) == (a->error != ADDRESS_OK));
	if (a->class == ADDRESS_MAILBOX)
		expect(a->local.n > 0 && a->domain.n > 0 &&
		    a->local.at + a->local.n + 1 == a->domain.at);
	if (a->class == ADDRESS_BARE)
		expect(a->local.n > 0 && a->domain.n == 0);
}

static void
check_readings(const struct address *a, const struct readings *r)
{
	struct text scratch = { r->scratch, sizeof r->scratch };
	size_t i;

	expect(r->n <= READINGS_MAX);
	for (i = 0; i < r->n; i++) {
		struct text host = r->at[i].host;

		expect(host.n > 0);
		expect(lies_in(host, scratch) || lies_in(host, a->route));
	}
}

/* Every error and every form has words. */
static void
check_words(const struct address *a, const struct readings *r)
{
	size_t i;

	expect(address_error_text(a->error)[0] != '\0');
	expect(address_error_text((enum address_error)99)[0] != '\0');
	expect(form_name((enum form)99)[0] != '\0');
	for (i = 0; i < r->n; i++) {
		expect(form_name(r->at[i].form)[0] != '\0');
		expect(readings_have(r, r->at[i].form));
	}
	expect(!readings_have(r, FORM_PLAIN));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool utf8 = size > 0 && (data[0] & 1) != 0;
	struct text argument = exact_copy(data + (size > 0), size > 0 ?
	    size - 1 : 0);
	struct address a;
	static struct readings r;

	address_parse(argument, utf8, &a);
	check_parts(&a, argument);
	r.n = 0;
	if (a.class != ADDRESS_MALFORMED) {
		readings_find(&a, &r);
		check_readings(&a, &r);
	}
	check_words(&a, &r);
	exact_free(argument);
	return 0;
}
