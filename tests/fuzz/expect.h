/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expect.h - what a fuzz target claims about every input.
 */
#ifndef FUZZ_EXPECT_H
#define FUZZ_EXPECT_H

#include <stdbool.h>
#include <stdlib.h>

static inline void
expect(bool holds)
{
	if (!holds)
		abort();
}

#endif
