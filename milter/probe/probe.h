/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.h - `relayguard probe`, the self-test: is this mail server an open
 * relay?  Works on any server that speaks SMTP, with or without the guard.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

/*
 * argv[0] is the word "probe".  Returns the exit code: 0 closed, 1 relays,
 * 2 inconclusive, 3 not a valid test, 64 usage, 71 no memory, 74 output.
 */
int probe_command(int argc, char **argv);

#endif
