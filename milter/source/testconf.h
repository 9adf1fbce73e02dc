/* SPDX-License-Identifier: BSD-2-Clause */
/* testconf.h - the command that checks configuration and policy files. */
#ifndef SOURCE_TESTCONF_H
#define SOURCE_TESTCONF_H

/*
 * relayguard testconf [-c FILE]: prints every mistake with file and line.
 * Exit 0: usable; 78 (EX_CONFIG): not; 64: usage.
 */
int testconf_command(int argc, char **argv);

#endif
