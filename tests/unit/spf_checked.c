/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/spf_checked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "milter/clock.h"
#include "tests/unit/spf_follow.h"

bool
spf_is_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

void
spf_checked(struct spf_zone *z, const struct spf_question *q,
    struct spf_outcome *out)
{
	struct spf_dns dns = { z, spf_zone_ask };

	spf_follow(&dns, q, out);
	assert_true(spf_is_printable(out->mechanism));
	assert_true(spf_is_printable(out->domain));
	assert_true(spf_is_printable(out->explanation));
	assert_true(spf_is_printable(out->problem));
	assert_true(out->terms <= SPF_TERMS_MAX);
	assert_true(out->voids <= SPF_VOIDS_MAX);
}

struct spf_outcome
spf_ask_about(struct spf_zone *z, const char *domain)
{
	struct spf_question q = { .identity = SPF_HELO,
		.helo = text_of(domain), .host = TEXT("receiver.example") };
	struct spf_outcome out;

	ip_parse(TEXT("192.0.2.1"), &q.client);
	q.deadline_ms = clock_ms() + 20000;
	z->asked = 0;
	spf_checked(z, &q, &out);
	return out;
}

void
spf_zone_text(struct spf_zone *z, const char *name, struct text txt)
{
	spf_zone_add(z, text_of(name), TEXT("TXT"), txt);
}

struct text
spf_repeated(char *room, const char *first, const char *word, size_t n)
{
	size_t at = strlen(first), width = strlen(word), i;

	memcpy(room, first, at);
	for (i = 0; i < n; i++, at += width)
		memcpy(room + at, word, width);
	return (struct text){ room, at };
}
