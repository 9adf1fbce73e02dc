/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - the clock for deadlines and spans: nobody sets it. */
#ifndef MILTER_CLOCK_H
#define MILTER_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since some time in the past (CLOCK_MONOTONIC). */
static inline int64_t
clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
