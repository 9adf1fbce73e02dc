/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lint.h - the lint command: reads the mail server's own configuration and
 * tells what in it opens which test.
 */
#ifndef PROBE_LINT_H
#define PROBE_LINT_H

/* Returns the exit code: 0 clean, 1 findings, 2 unreadable, 64 usage. */
int lint_command(int argc, char **argv);

#endif
