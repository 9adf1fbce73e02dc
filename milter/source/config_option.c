/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/config_option.h"

#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

int
config_option(int argc, char **argv, const char *usage, const char **path)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*path = NULL;
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		if (option == 'c') {
			*path = optarg;
		} else if (option == 'h') {
			fputs(usage, stdout);
			return EX_OK;
		} else {
			fputs(usage, stderr);
			return EX_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "unexpected argument: %s\n%s", argv[optind], usage);
	return EX_USAGE;
}
