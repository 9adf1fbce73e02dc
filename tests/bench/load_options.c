/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/bench/load_options.h"

#include <err.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static unsigned
number(const char *option, const char *s, unsigned min, unsigned max)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end != '\0' || n < min || n > max)
		errx(EX_USAGE, "--%s: not a number from %u to %u: %s", option,
		    min, max, s);
	return (unsigned)n;
}

static const char usage[] =
"usage: load [OPTION]... SOCKET\n"
"  --sessions N      play N sessions (1000)\n"
"  --concurrency N   so many at a time (50)\n"
"  --recipients N    RCPT commands in each (5)\n"
"  --abusive N       percent of sessions that try to relay (0)\n"
"  --think N         pause N ms before each command (0)\n"
"  --limit N         begin no session after N seconds (60)\n"
"  --pid PID         the filter's process, to report its CPU time\n"
"  --hold N          instead: open N sessions up to HELO, print a line of\n"
"                    JSON, hold them until standard input ends\n"
"The result is one line of JSON: seconds, replies to RCPT and their rate,\n"
"p50_us, p99_us, max_us (latency of a reply to RCPT), cpu_s (of the filter),\n"
"asked (what the filter negotiated: protocol bits, macros of each stage), and\n"
"how many recipients were honest and abusive, and how these fared.  errors\n"
"counts connections that broke or fell silent.\n"
"Exit status: 0, 1 when there were errors, 64 usage.\n";

static bool
set_option(struct load_options *o, const char *name, const char *value)
{
	if (strcmp(name, "help") == 0)
		return false;
	else if (strcmp(name, "sessions") == 0)
		o->sessions = number(name, value, 1, 10000000);
	else if (strcmp(name, "concurrency") == 0)
		o->concurrency = number(name, value, 1, 100000);
	else if (strcmp(name, "recipients") == 0)
		o->recipients = number(name, value, 1, 1000);
	else if (strcmp(name, "abusive") == 0)
		o->abusive = number(name, value, 0, 100);
	else if (strcmp(name, "think") == 0)
		o->think_ms = number(name, value, 0, 60000);
	else if (strcmp(name, "limit") == 0)
		o->limit_s = number(name, value, 1, 86400);
	else if (strcmp(name, "hold") == 0)
		o->hold = number(name, value, 1, 100000);
	else
		o->pid = (pid_t)number(name, value, 1, 1u << 30);
	return true;
}

void
load_options(struct load_options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{ "sessions", 1, NULL, 0 }, { "concurrency", 1, NULL, 0 },
		{ "recipients", 1, NULL, 0 }, { "abusive", 1, NULL, 0 },
		{ "think", 1, NULL, 0 }, { "hold", 1, NULL, 0 },
		{ "limit", 1, NULL, 0 },
		{ "pid", 1, NULL, 0 }, { "help", 0, NULL, 0 }, { 0 },
	};
	int c, i;

	*o = (struct load_options){ .sessions = 1000, .concurrency = 50,
	    .recipients = 5, .limit_s = 60 };
	while ((c = getopt_long(argc, argv, "", known, &i)) != -1) {
		if (c != 0)
			exit(EX_USAGE);
		if (!set_option(o, known[i].name, optarg)) {
			fputs(usage, stdout);
			exit(EX_OK);
		}
	}
	if (optind != argc - 1) {
		fputs(usage, stderr);
		exit(EX_USAGE);
	}
	o->socket = argv[optind];
	if (o->hold > 0)
		o->sessions = o->concurrency = o->hold;
}
