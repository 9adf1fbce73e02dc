/* SPDX-License-Identifier: BSD-2-Clause */
/* config_option.h - the command line of commands that take only -c FILE. */
#ifndef SOURCE_CONFIG_OPTION_H
#define SOURCE_CONFIG_OPTION_H

/*
 * Store FILE (or NULL) in *path.  Returns -1 to go on; otherwise the exit
 * status: help was printed, or the usage was wrong.
 */
int config_option(int argc, char **argv, const char *usage, const char **path);

#endif
