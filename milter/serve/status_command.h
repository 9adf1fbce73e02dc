/* SPDX-License-Identifier: BSD-2-Clause */
/* status_command.h - relayguard status: how it stands with the guard. */
#ifndef SERVE_STATUS_COMMAND_H
#define SERVE_STATUS_COMMAND_H

int status_command(int argc, char **argv);

#endif
