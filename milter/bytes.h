/* SPDX-License-Identifier: BSD-2-Clause */
/* bytes.h - all bytes of a file that a postmaster wrote. */
#ifndef MILTER_BYTES_H
#define MILTER_BYTES_H

#include <stddef.h>

/* Largest file that is read, in bytes: about five million entries. */
#define BYTES_MAX (256u * 1024 * 1024)

struct bytes {
	char *at; /* to be freed */
	size_t n;
};

/* Read a regular file; 0, or -1 with errno and nothing to free. */
int bytes_read(const char *path, struct bytes *out);

/* What such an errno means, for people. */
const char *bytes_trouble(int error);

#endif
