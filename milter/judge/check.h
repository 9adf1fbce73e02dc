/* SPDX-License-Identifier: BSD-2-Clause */
/* check.h - the what-if command: what would happen to an envelope, and why. */
#ifndef JUDGE_CHECK_H
#define JUDGE_CHECK_H

/*
 * relayguard check [-c FILE] --client IP --from A --rcpt A ... [--json]
 * Exit 0 accept, 1 refuse, 2 defer (the worst of all recipients), 64 usage,
 * 78 mistakes in the configuration.
 */
int check_command(int argc, char **argv);

#endif
