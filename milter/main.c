/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - the table of commands. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "milter/audit/audit.h"
#include "milter/judge/check.h"
#include "milter/probe/lint.h"
#include "milter/probe/probe.h"
#include "milter/serve/serve.h"
#include "milter/serve/status_command.h"
#include "milter/source/policy_command.h"
#include "milter/source/roaming.h"
#include "milter/source/testconf.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
	const char *does;
};

static const struct command commands[] = {
	{ "serve", serve_command, "run the guard" },
	{ "check", check_command,
	    "what would happen to an envelope, and why" },
	{ "probe", probe_command, "self-test: fire relay tests at a server" },
	{ "lint", lint_command,
	    "what in a sendmail.cf opens the relay, and to which tests" },
	{ "audit", audit_command, "report on blocked attempts" },
	{ "roaming", roaming_command, "clients that have logged in lately" },
	{ "policy", policy_command,
	    "show policy, compare, import, confirm changes" },
	{ "status", status_command, "how it stands with the running guard" },
	{ "testconf", testconf_command, "check configuration and policy" },
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void
usage(FILE *to)
{
	size_t i;

	fputs("usage: relayguard COMMAND [OPTION ...]\n"
	      "Keeps a mail server from being used as an open relay.\n\n", to);
	for (i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].does);
	fputs("\n`relayguard COMMAND --help` tells more; relayguard(8).\n", to);
}

int
main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		usage(stderr);
		return EX_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("relayguard " RELAYGUARD_VERSION);
		return EX_OK;
	}
	if (strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return EX_OK;
	}
	for (i = 0; i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "relayguard: no such command\n");
	usage(stderr);
	return EX_USAGE;
}
