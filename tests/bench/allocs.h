/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * allocs.h - counts every allocation of the program, those inside libc
 * included, by standing before glibc's own functions.  Not thread-safe, not
 * for sanitizer builds.
 */
#ifndef TESTS_ALLOCS_H
#define TESTS_ALLOCS_H

/* Calls of malloc, calloc, realloc and the aligned ones since the start. */
unsigned long allocs_count(void);

#endif
