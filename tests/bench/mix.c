/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/bench/mix.h"

#include <stddef.h>
#include <stdio.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define VICTIM "victim@elsewhere.example.com"

/* In all texts # stands for a number. */
static const char *const honest_senders[] = {
	"<alice@partner#.example.net>",
	"<>",
	"<newsletter+id=#@lists.example.com>",
	"<bob.#@example.com>",
	"<user#@example.org>",
};

static const struct {
	const char *argument, *mailer, *host, *addr;
} honest[] = {
	{ "<user#@example.org>", "local", "", "user#" },
	{ "<postmaster@mail.example.org>", "local", "", "postmaster" },
	{ "<info+tag#@Example.ORG>", "local", "", "info+tag#" },
	{ "<sales@sub#.example.org>", "local", "", "sales" },
	{ "<user#@partner.example.com>", "esmtp", "partner.example.com.",
	    "user#@partner.example.com" },
	{ "<sale!@example.org>", "local", "", "sale!" },
	{ "<100%@example.org>", "local", "", "100%" },
	{ "<\"john q. doe #\"@example.org>", "local", "", "\"john q. doe #\"" },
};

/* Sender and recipient of the paper's tests that fail at RCPT. */
static const struct {
	const char *sender, *argument;
} abuse[] = {
	{ "<probe#@probe.example.net>", "<victim@elsewhere.example.com>" },
	{ "<>", "<victim@elsewhere.example.com>" },
	{ "<probe@mail.example.org>", "<victim@elsewhere.example.com>" },
	{ "<probe@[192.0.2.25]>", "<victim@elsewhere.example.com>" },
	{ "<postmaster@example.org>", "<victim@elsewhere.example.com>" },
	{ "<p@mail.example.org>",
	    "<victim%elsewhere.example.com@mail.example.org>" },
	{ "<p@mail.example.org>",
	    "<victim%elsewhere.example.com@[192.0.2.25]>" },
	{ "<p@mail.example.org>", "<\"victim@elsewhere.example.com\">" },
	{ "<p@mail.example.org>", "<\"victim%elsewhere.example.com\">" },
	{ "<p@mail.example.org>",
	    "<victim@elsewhere.example.com@[192.0.2.25]>" },
	{ "<p@mail.example.org>",
	    "<\"victim@elsewhere.example.com\"@[192.0.2.25]>" },
	{ "<p@mail.example.org>",
	    "<victim@elsewhere.example.com@mail.example.org>" },
	{ "<p@mail.example.org>",
	    "<@[192.0.2.25]:victim@elsewhere.example.com>" },
	{ "<p@mail.example.org>",
	    "<@mail.example.org:victim@elsewhere.example.com>" },
	{ "<p@mail.example.org>", "<elsewhere.example.com!victim>" },
	{ "<p@mail.example.org>",
	    "<elsewhere.example.com!victim@[192.0.2.25]>" },
	{ "<p@mail.example.org>",
	    "<elsewhere.example.com!victim@mail.example.org>" },
};

/* Scatter neighbouring numbers; the constant is 2^32 / golden ratio. */
static unsigned
scatter(unsigned number)
{
	return (number * 2654435769u) >> 8;
}

/* Copy pattern to out[MIX_TEXT_MAX] with the number for every #. */
static void
fill_in(const char *pattern, unsigned number, char *out)
{
	size_t n = 0;

	for (; *pattern != '\0' && n < MIX_TEXT_MAX - 12; pattern++) {
		if (*pattern == '#')
			n += (size_t)snprintf(out + n, 12, "%u",
			    number % 10000);
		else
			out[n++] = *pattern;
	}
	out[n] = '\0';
}

static void
client_address(unsigned number, char *out)
{
	unsigned low = number % 254 + 1;

	switch (number / 254 % 4) {
	case 0:
		snprintf(out, MIX_TEXT_MAX, "2001:db8:%x::%x", number & 0xfff,
		    low);
		return;
	case 1:
		snprintf(out, MIX_TEXT_MAX, "198.51.100.%u", low);
		return;
	default:
		snprintf(out, MIX_TEXT_MAX, "203.0.113.%u", low);
	}
}

void
mix_session(unsigned number, unsigned abusive, struct mix_session *out)
{
	unsigned random = scatter(number);

	out->number = number;
	out->abusive = number % 100 * 37 % 100 < abusive;
	client_address(random, out->client);
	fill_in("client#.example.net", random, out->helo);
	fill_in(out->abusive ? abuse[number % LENGTH(abuse)].sender :
	    honest_senders[number % LENGTH(honest_senders)], random,
	    out->sender);
}

void
mix_recipient(const struct mix_session *s, unsigned n,
    struct mix_recipient *out)
{
	unsigned random = scatter(s->number + n);
	unsigned pick = s->number + n;

	if (s->abusive) {
		out->mailer = "esmtp";
		out->host = "elsewhere.example.com.";
		fill_in(VICTIM, 0, out->addr);
		fill_in(abuse[pick % LENGTH(abuse)].argument, random,
		    out->argument);
		return;
	}
	pick %= LENGTH(honest);
	out->mailer = honest[pick].mailer;
	out->host = honest[pick].host;
	fill_in(honest[pick].addr, random, out->addr);
	fill_in(honest[pick].argument, random, out->argument);
}
