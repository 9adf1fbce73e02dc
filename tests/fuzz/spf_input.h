/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_input.h - what the SPF targets share: an input that begins with a line
 * "CLIENT SENDER".
 */
#ifndef FUZZ_SPF_INPUT_H
#define FUZZ_SPF_INPUT_H

#include "policy/network.h"
#include "tests/fuzz/exact.h"
#include "tests/fuzz/expect.h"

/* Cut rest at the next end, which goes too. */
static inline struct text
next_text(struct text *rest, char end)
{
	size_t n = text_find(*rest, end);
	struct text t = text_cut(*rest, 0, n);

	*rest = text_cut(*rest, n + (n < rest->n), rest->n);
	return t;
}

/* Cut the first line off rest; returns the sender.  Any client will do. */
static inline struct text
next_sender(struct text *rest, struct ip *client)
{
	struct text line = next_text(rest, '\n');

	if (!ip_parse(next_text(&line, ' '), client))
		ip_parse(TEXT("192.0.2.1"), client);
	return line;
}

#endif
