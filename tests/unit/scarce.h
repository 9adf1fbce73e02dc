/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scarce.h - an allocator that counts, and that fails when it is told to; for
 * one file of a test program.  OWN_ALLOCATOR is 0 where it is not to be had;
 * with SCARCE_ALL, for a file that is nothing without it, main is here then.
 */
#ifndef TESTS_SCARCE_H
#define TESTS_SCARCE_H

/* The sanitizers bring their own, which cannot: there are no such tests. */
#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 0
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define OWN_ALLOCATOR 0
#endif

#if !defined OWN_ALLOCATOR
#define OWN_ALLOCATOR 1
#include <dlfcn.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>

static size_t live, blocks; /* what is handed out and not yet given back */
static unsigned long until; /* which allocation fails, counted down; 0: none */
static bool failed;

static bool
fails_now(void)
{
	failed = failed || until == 1;
	return until > 0 && until-- == 1;
}

static void *
next(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f == NULL)
		abort();
	return f;
}

static void *
counted(void *p)
{
	live += p != NULL ? malloc_usable_size(p) : 0;
	blocks += p != NULL;
	return p;
}

void *
malloc(size_t n)
{
	static void *(*real)(size_t);

	if (real == NULL)
		*(void **)&real = next("malloc");
	return fails_now() ? NULL : counted(real(n));
}

void *
calloc(size_t n, size_t size)
{
	static void *(*real)(size_t, size_t);

	if (real == NULL)
		*(void **)&real = next("calloc");
	return fails_now() ? NULL : counted(real(n, size));
}

void *
realloc(void *old, size_t n)
{
	static void *(*real)(void *, size_t);
	size_t was = old != NULL ? malloc_usable_size(old) : 0;
	void *p;

	if (real == NULL)
		*(void **)&real = next("realloc");
	if (fails_now())
		return NULL;
	p = counted(real(old, n));
	live -= p != NULL ? was : 0;
	blocks -= p != NULL && old != NULL;
	return p;
}

void
free(void *p)
{
	static void (*real)(void *);

	if (real == NULL)
		*(void **)&real = next("free");
	live -= p != NULL ? malloc_usable_size(p) : 0;
	blocks -= p != NULL;
	real(p);
}

/* Memory of its own for a large block would be rounded to pages. */
__attribute__((constructor)) static void
keep_together(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
}

#elif defined SCARCE_ALL

#include <stdio.h>

int
main(void)
{
	puts("not with a sanitizer");
	return 0;
}

#endif
#endif
