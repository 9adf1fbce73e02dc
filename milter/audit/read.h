/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * read.h - reads audit files back, one record at a time, in bounded memory.
 * A line that is no record is reported and skipped, never fatal: files get
 * cut, edited and mixed.  Blank lines are passed over.
 */
#ifndef AUDIT_READ_H
#define AUDIT_READ_H

#include <stdint.h>
#include <stdio.h>

#include "policy/verdict.h"

/* Longest line that is read; the guard's own are at most a quarter of it. */
#ifndef AUDIT_READ_MAX /* the fuzzer has it smaller */
#define AUDIT_READ_MAX 65536
#endif

/*
 * What a report needs of one line.  All text is as the client sent it, any
 * byte, unescaped; it is valid until the next audit_read.  Missing or null
 * fields are empty.
 */
struct audit_record {
	int64_t time; /* milliseconds since 1970, UTC */
	enum verdict_action verdict;
	bool monitor;
	struct text door, queue_id;
	struct text rule, form, client, sender, recipient;
};

enum audit_read_result {
	AUDIT_READ_RECORD,
	AUDIT_READ_BAD,   /* see audit_reader_line and audit_reader_error */
	AUDIT_READ_END,
	AUDIT_READ_FAILED /* the file cannot be read on, or no memory */
};

struct audit_reader;

/* f stays the caller's.  NULL when out of memory. */
struct audit_reader *audit_reader_new(FILE *f);
void audit_reader_free(struct audit_reader *r);

enum audit_read_result audit_read(struct audit_reader *r,
    struct audit_record *out);

/* Number of the line read last, from 1. */
uint64_t audit_reader_line(const struct audit_reader *r);

/* What is wrong with it: a short text without bytes of the line. */
const char *audit_reader_error(const struct audit_reader *r);

#endif
