/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vectors.h - reads the files of tests/vectors: one case a line, fields separated by
 * blanks, '#' starts a comment line.  A field in 'single quotes' may hold
 * blanks; \xHH stands for a byte anywhere.
 */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include "policy/text.h"

#define VECTOR_FIELDS_MAX 12

struct vector {
	const char *file;
	unsigned line;
	size_t n;
	struct text field[VECTOR_FIELDS_MAX]; /* heap copies of exact size */
};

/*
 * Call run for every case of tests/vectors/NAME, or of the file NAME if there
 * is a slash in it; run returns NULL when the
 * case holds, else what was wrong (a static buffer is fine).  Prints each
 * failure as FILE:LINE and returns how many failed; a missing or empty file
 * counts as one failure.
 */
unsigned vectors_run(const char *name,
    const char *(*run)(const struct vector *v));

#endif
