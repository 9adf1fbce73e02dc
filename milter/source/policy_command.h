/* SPDX-License-Identifier: BSD-2-Clause */
/* policy_command.h - the command that looks at policies and makes them. */
#ifndef SOURCE_POLICY_COMMAND_H
#define SOURCE_POLICY_COMMAND_H

/*
 * relayguard policy show | diff | import, see the usage of each.
 * Exit: 0; 1 diff: they differ, import: not all is carried over; 64 usage;
 * 78 mistakes in a file.
 */
int policy_command(int argc, char **argv);

#endif
