/* SPDX-License-Identifier: BSD-2-Clause */
/* serve.h - the command that runs the guard. */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

/*
 * relayguard serve [-c FILE]: run in the foreground until SIGTERM.  SIGUSR1 or
 * SIGHUP: read everything anew, keep the old when there is a mistake.
 * Exit 0 after SIGTERM or SIGINT, else a code of sysexits(3).
 */
int serve_command(int argc, char **argv);

#endif
