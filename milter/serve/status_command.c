/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/status_command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "milter/log.h"
#include "milter/source/file.h"
#include "milter/source/status_read.h"
#include "policy/escape.h"

static const char usage[] =
    "usage: relayguard status [-c FILE] [--json]\n"
    "How it stands with the running guard: policy, sessions, directory.\n"
    "  -c, --config FILE  default " CONF_DEFAULT_PATH "\n"
    "      --json         the file that the guard keeps (status_file)\n"
    "Exit: 0 all is well, 1 something wants attention, 64 usage, 69 the guard\n"
    "does not run, 78 mistakes in the configuration.\n";

/* "3 min", "2 h": how long ago that was. */
static const char *
age(json_int_t then, char out[32])
{
	long long s = (long long)time(NULL) - then;

	if (s < 120)
		snprintf(out, 32, "%lld s", s > 0 ? s : 0);
	else if (s < 7200)
		snprintf(out, 32, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(out, 32, "%lld h", s / 3600);
	else
		snprintf(out, 32, "%lld days", s / 86400);
	return out;
}

static void
print_text(const char *name, const char *value)
{
	char safe[1024];

	escape_text(text_of(value), safe, sizeof safe);
	printf("%-11s%s\n", name, safe);
}

static bool
print_policy(const json_t *s)
{
	if (status_at(s, "policy") == NULL) {
		print_text("policy", "none in force yet: all mail is deferred");
		return false;
	}
	printf("%-11sserial %lld, mode %s: %lld local, %lld relay, %lld client, "
	    "%lld auth\n", "policy", status_number(s, "policy.serial"),
	    status_text(s, "policy.mode"), status_number(s, "policy.local"),
	    status_number(s, "policy.relay"), status_number(s, "policy.client"),
	    status_number(s, "policy.auth"));
	if (!json_is_true(status_at(s, "policy.waiting")))
		return true;
	print_text("waiting", "the directory has told nothing yet: what the "
	    "files do not grant is deferred");
	return false;
}

static bool
print_held(const json_t *s)
{
	char when[32];

	if (status_at(s, "directory.held") == NULL)
		return true;
	printf("%-11s%lld of %lld values would go or be denied, since %s; if "
	    "that is right: relayguard policy confirm\n", "held",
	    status_number(s, "directory.held.lost"),
	    status_number(s, "directory.held.of"),
	    age(status_number(s, "directory.held.since"), when));
	return false;
}

static bool
print_directory(const json_t *s)
{
	const char *state = status_text(s, "directory.state");
	const char *trouble = status_text(s, "directory.trouble");
	bool well = strcmp(state, "live") == 0 || strcmp(state, "poll") == 0;
	char when[32];

	if (status_at(s, "directory") == NULL)
		return true;
	printf("%-11s%s since %s, %lld entries, %lld values in force, %lld "
	    "wrong\n", "directory", state,
	    age(status_number(s, "directory.since"), when),
	    status_number(s, "directory.entries"),
	    status_number(s, "directory.values"),
	    status_number(s, "directory.wrong"));
	print_text("server", status_text(s, "directory.uri"));
	if (!well && trouble[0] != '\0')
		print_text("trouble", trouble);
	if (status_number(s, "directory.saved") > 0)
		printf("%-11swhat was saved %s ago\n", "in force",
		    age(status_number(s, "directory.saved"), when));
	return print_held(s) && well;
}

/* true: nothing wants attention. */
static bool
print(const json_t *s)
{
	char when[32];
	bool policy, directory;

	printf("%-11spid %lld, started %s ago\n", "guard",
	    status_number(s, "pid"), age(status_number(s, "started"), when));
	policy = print_policy(s);
	printf("%-11s%lld now, %lld since the start\n", "sessions",
	    status_number(s, "sessions.now"),
	    status_number(s, "sessions.total"));
	printf("%-11s%lld records, %lld lost\n", "audit",
	    status_number(s, "audit.written"), status_number(s, "audit.lost"));
	directory = print_directory(s);
	return policy && directory && status_number(s, "audit.lost") == 0;
}

static int
show(const char *path, bool json)
{
	struct complaints c = { 0 };
	struct conf *conf = file_conf(path, &c);
	json_t *s = conf != NULL ? status_read(conf, &c) : NULL;
	int status = conf == NULL ? EX_CONFIG : EX_UNAVAILABLE;

	log_complaints(&c);
	complaints_free(&c);
	if (s != NULL && json) {
		json_dumpf(s, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII);
		putchar('\n');
		status = EX_OK;
	} else if (s != NULL) {
		status = print(s) ? EX_OK : 1;
	}
	json_decref(s);
	conf_free(conf);
	return status;
}

int
status_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = NULL;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		default:
			fputs(usage, stderr);
			return EX_USAGE;
		}
	}
	if (optind == argc)
		return show(path, json);
	fputs(usage, stderr);
	return EX_USAGE;
}
