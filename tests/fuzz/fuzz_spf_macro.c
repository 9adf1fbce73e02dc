/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Macro-strings of SPF of any bytes, expanded.  The input: a line with the
 * client and the sender, then the string.
 */
#include "milter/ask/spf_macro.h"
#include "policy/domain.h"
#include "tests/fuzz/spf_input.h"

#define WORDS 300

static struct spf_macro_values
values_of(struct text sender, const struct ip *client)
{
	size_t at = text_find(sender, '@');

	return (struct spf_macro_values){ .sender = sender,
		.local = text_cut(sender, 0, at),
		.sender_domain = text_cut(sender, at + (at < sender.n),
		    sender.n),
		.domain = TEXT("example.com"), .helo = TEXT("h.example.org"),
		.host = TEXT("mx.example.net"), .client = *client, .now = 1 };
}

/* What does not fit is left out at the end, and nothing else changes. */
static void
check_words(struct text s, const struct spf_macro_values *v)
{
	char *words = malloc(WORDS), *begin = malloc(WORDS / 2);
	size_t n, m;

	expect(words != NULL && begin != NULL);
	n = spf_macro_expand(s, v, words, WORDS);
	m = spf_macro_expand(s, v, begin, WORDS / 2);
	expect(n <= WORDS && m == (n < WORDS / 2 ? n : WORDS / 2));
	expect(memcmp(words, begin, m) == 0);
	free(words);
	free(begin);
}

static void
check_name(struct text s, const struct spf_macro_values *v)
{
	char *name = malloc(DOMAIN_MAX);
	size_t n, i, label = 0;

	expect(name != NULL);
	n = spf_macro_expand_domain(s, v, name);
	expect(n <= DOMAIN_MAX);
	for (i = 0; i < n; i++) {
		label = name[i] == '.' ? 0 : label + 1;
		expect(label <= 63 && (label > 0 || (i > 0 &&
		    name[i - 1] != '.' && i + 1 < n)));
	}
	free(name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text all = exact_copy(data, size), s = all;
	struct ip client;
	struct text sender = next_sender(&s, &client);
	struct spf_macro_values v = values_of(sender, &client);

	if (spf_macro_wants_name(s))
		v.name = TEXT("mail.example.com");
	if (spf_macro_valid(s, true))
		check_words(s, &v);
	else
		expect(!spf_macro_valid(s, false));
	if (spf_macro_domain_valid(s)) {
		expect(spf_macro_valid(s, false));
		check_name(s, &v);
	}
	exact_free(all);
	return 0;
}
