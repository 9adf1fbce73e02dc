/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load_options.h - the command line of the load generator.
 */
#ifndef TESTS_LOAD_OPTIONS_H
#define TESTS_LOAD_OPTIONS_H

#include <sys/types.h>

struct load_options {
	const char *socket;
	unsigned sessions;    /* to play in all */
	unsigned concurrency; /* at a time */
	unsigned recipients;  /* in each */
	unsigned abusive;     /* percent of the sessions */
	unsigned think_ms;
	unsigned limit_s;     /* begin no session after so long */
	unsigned hold;        /* > 0: that many idle sessions instead */
	pid_t pid;            /* of the filter, 0 = not known */
};

/* Does not return after --help, nor after a mistake: exit status EX_USAGE. */
void load_options(struct load_options *o, int argc, char **argv);

#endif
