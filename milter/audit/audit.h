/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit.h - `relayguard audit`: what was blocked, from the guard's own audit
 * files.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

/*
 * argv[0] is the command's name, options follow.  Prints the report to
 * standard output and what cannot be read to standard error.  Returns the
 * exit status: 0, 64 usage, 65 no line of the input is an audit record, 66 an
 * input file cannot be read (the others are reported on all the same),
 * 71 out of memory, 74 the report could not be written.
 */
int audit_command(int argc, char **argv);

#endif
