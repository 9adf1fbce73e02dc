/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exact.h - a heap copy of exactly the bytes given, without a terminator, so
 * that the sanitizers see every byte read too far.
 */
#ifndef FUZZ_EXACT_H
#define FUZZ_EXACT_H

#include <stdint.h>
#include <stdlib.h>

#include "policy/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Free .at, cast to void *. */
static inline struct text
exact_copy(const void *at, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1);

	if (copy == NULL)
		abort();
	if (n > 0)
		memcpy(copy, at, n);
	return (struct text){ copy, n };
}

static inline void
exact_free(struct text t)
{
	free((void *)(uintptr_t)t.at);
}

#endif
