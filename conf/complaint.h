/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * complaint.h - what is wrong in the files a postmaster wrote, collected so
 * that one run shows every mistake.  The parsers of conf/ add to such a list;
 * the shell prints it as "FILE:LINE: text".
 */
#ifndef CONF_COMPLAINT_H
#define CONF_COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>

enum complaint_level {
	COMPLAINT_ERROR, /* the file cannot be used */
	COMPLAINT_NOTE   /* legal there, but has no meaning here; said once */
};

struct complaint {
	enum complaint_level level;
	char *file;    /* as named by the caller */
	unsigned line; /* 0: the whole file */
	char *text;    /* printable ASCII, no newline */
};

struct complaints {
	size_t n;
	size_t errors;   /* how many of them are COMPLAINT_ERROR */
	bool out_of_memory; /* at least one could not be kept; counts as error */
	struct complaint *at;
	size_t cap;
};

/* An empty list is struct complaints c = { 0 }. */

/* Add one; bytes that are not printable ASCII are escaped. */
__attribute__((format(printf, 5, 6))) void complaint_add(struct complaints *c,
    enum complaint_level level, const char *file, unsigned line,
    const char *format, ...);

/* Release everything and make c an empty list again. */
void complaints_free(struct complaints *c);

#endif
