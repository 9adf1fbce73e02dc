/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/bench/allocs.h"

#include <errno.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static unsigned long count;

unsigned long
allocs_count(void)
{
	return count;
}

void *
malloc(size_t size)
{
	count++;
	return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	count++;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	count++;
	return __libc_realloc(p, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	count++;
	return __libc_memalign(alignment, size);
}

int
posix_memalign(void **out, size_t alignment, size_t size)
{
	count++;
	*out = __libc_memalign(alignment, size);
	return *out != NULL ? 0 : ENOMEM;
}
