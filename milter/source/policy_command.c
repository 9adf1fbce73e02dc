/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "conf/policy_file.h"
#include "milter/log.h"
#include "milter/source/effective.h"
#include "milter/source/file.h"
#include "milter/source/policy_confirm.h"
#include "milter/source/policy_diff.h"
#include "milter/source/policy_import.h"
#include "milter/source/policy_show.h"

static const char usage[] =
    "usage: relayguard policy show [-c FILE] [--ldap] [--json]\n"
    "       relayguard policy diff A B\n"
    "       relayguard policy diff [-c FILE] --with B\n"
    "       relayguard policy import [--local-host-names FILE]\n"
    "           [--relay-domains FILE] [--access FILE] [--cf FILE]\n"
    "       relayguard policy confirm [-c FILE]\n"
    "show: every entry in force or expired, where it comes from, and which\n"
    "one decides where two speak about the same value.\n"
    "diff: what A and B say differently.  Each is a configuration, named\n"
    "*.yaml or *.yml, or else a file of relay.policy(5).\n"
    "import: sendmail's files as a file of relay.policy(5), on standard\n"
    "output; what cannot be carried over is told line by line.  --cf is a\n"
    "sendmail.cf: its classes w and R, and the files it takes them from.\n"
    "confirm: put in force what the guard holds back, because too much of the\n"
    "directory's policy would go at once; see relayguard status.\n"
    "  -c, --config FILE  default " CONF_DEFAULT_PATH "\n"
    "      --with B       compare the policy in force (-c) with B\n"
    "      --ldap         ask the directory, too (diff always does)\n"
    "      --json         a JSON array, one object an entry\n"
    "Exit: 0; 1 diff: they differ, import: not all could be carried over;\n"
    "confirm: it is not in force; 64 usage, 69 the guard does not run, 78\n"
    "mistakes in a file.\n";

struct arguments {
	const char *conf, *with;
	bool json, ldap;
	struct policy_sources sources;
};

#define GO_ON (-1)

enum { OPTION_WITH = 256, OPTION_JSON, OPTION_HOSTS, OPTION_DOMAINS,
	OPTION_ACCESS, OPTION_CF, OPTION_LDAP };

static const struct option options_show[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "ldap", no_argument, NULL, OPTION_LDAP },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};
static const struct option options_diff[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "with", required_argument, NULL, OPTION_WITH },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};
static const struct option options_confirm[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};
static const struct option options_import[] = {
	{ "local-host-names", required_argument, NULL, OPTION_HOSTS },
	{ "relay-domains", required_argument, NULL, OPTION_DOMAINS },
	{ "access", required_argument, NULL, OPTION_ACCESS },
	{ "cf", required_argument, NULL, OPTION_CF },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
wrong_usage(const char *why)
{
	if (why != NULL)
		log_say("policy: %s", why);
	fputs(usage, stderr);
	return EX_USAGE;
}

/* GO_ON, or the exit status; operands follow from optind on. */
static int
read_arguments(int argc, char **argv, const char *letters,
    const struct option *options, struct arguments *a)
{
	int option;

	*a = (struct arguments){ 0 };
	while ((option = getopt_long(argc, argv, letters, options,
	    NULL)) != -1) {
		switch (option) {
		case 'c':
			a->conf = optarg;
			break;
		case OPTION_WITH:
			a->with = optarg;
			break;
		case OPTION_JSON:
			a->json = true;
			break;
		case OPTION_LDAP:
			a->ldap = true;
			break;
		case OPTION_HOSTS:
			a->sources.local_host_names = optarg;
			break;
		case OPTION_DOMAINS:
			a->sources.relay_domains = optarg;
			break;
		case OPTION_ACCESS:
			a->sources.access = optarg;
			break;
		case OPTION_CF:
			a->sources.cf = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		default:
			return wrong_usage(NULL);
		}
	}
	return GO_ON;
}

static bool
wants_colour(void)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term != NULL &&
	    strcmp(term, "dumb") != 0 &&
	    (no_colour == NULL || no_colour[0] == '\0');
}

/* What was printed has arrived?  Otherwise says so. */
static int
finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	log_say("standard output: %s", strerror(errno));
	return EX_IOERR;
}

/* The policy in force by a configuration (NULL: the default one). */
static struct policy *
load_effective(const char *path, enum effective_way way, struct complaints *c)
{
	struct conf *conf = file_conf(path, c);
	struct policy *p = conf != NULL ? effective_policy(conf, way, c) :
	    NULL;

	if (p != NULL && way == EFFECTIVE_FILES && conf->ldap.uri.n > 0)
		complaint_add(c, COMPLAINT_NOTE, "ldap_uri", 0,
		    "not asked; --ldap does");

	conf_free(conf);
	return p;
}

static struct policy *
load_native(const char *path, struct complaints *c)
{
	struct policy_builder *b = file_builder(c);
	struct bytes content;

	if (b == NULL)
		return NULL;
	if (file_read(path, &content, c)) {
		policy_file_parse((struct text){ content.at, content.n }, path,
		    b, c);
		free(content.at);
	}
	return file_freeze(b, c);
}

static bool
ends_in(const char *s, struct text end)
{
	struct text t = text_of(s);

	return t.n >= end.n && text_equal(text_cut(t, t.n - end.n, t.n), end);
}

static bool
is_configuration(const char *path)
{
	return ends_in(path, TEXT(".yaml")) || ends_in(path, TEXT(".yml"));
}

/* NULL with all complaints said. */
static struct policy *
load(const char *path, bool configuration, enum effective_way way)
{
	struct complaints c = { 0 };
	struct policy *p = configuration ? load_effective(path, way, &c) :
	    load_native(path, &c);

	log_complaints(&c);
	complaints_free(&c);
	return p;
}

static int
show_command(int argc, char **argv)
{
	struct arguments a;
	int status = read_arguments(argc, argv, "c:h", options_show, &a);
	struct policy_show how = { .now = time(NULL),
		.colour = wants_colour() };
	struct policy *p;

	if (status != GO_ON)
		return status;
	if (optind < argc)
		return wrong_usage("unexpected argument");
	p = load(a.conf, true, a.ldap ? EFFECTIVE_ASK : EFFECTIVE_FILES);
	if (p == NULL)
		return EX_CONFIG;
	how.json = a.json;
	status = EX_OK;
	if (!policy_show(p, &how, stdout)) {
		log_say("out of memory");
		status = EX_OSERR;
	}
	policy_free(p);
	return finish(status);
}

/* Compare two that are there; an exit status. */
static int
compare(const struct policy_diff *d)
{
	long differences = policy_diff(d, stdout);

	if (differences < 0) {
		log_say("out of memory");
		return EX_OSERR;
	}
	return finish(differences > 0);
}

static int
diff_command(int argc, char **argv)
{
	struct arguments a;
	int status = read_arguments(argc, argv, "c:h", options_diff, &a);
	struct policy_diff d = { .now = time(NULL), .colour = wants_colour() };
	struct policy *one, *other;

	if (status != GO_ON)
		return status;
	if (argc - optind != (a.with != NULL ? 0 : 2) ||
	    (a.with == NULL && a.conf != NULL))
		return wrong_usage("diff takes A and B, or --with B");
	d.a.name = a.with == NULL ? argv[optind] :
	    a.conf != NULL ? a.conf : CONF_DEFAULT_PATH;
	d.b.name = a.with != NULL ? a.with : argv[optind + 1];
	one = a.with != NULL ? load(a.conf, true, EFFECTIVE_ASK) :
	    load(d.a.name, is_configuration(d.a.name), EFFECTIVE_ASK);
	other = load(d.b.name, is_configuration(d.b.name), EFFECTIVE_ASK);
	status = EX_CONFIG;
	if (one != NULL && other != NULL) {
		d.a.policy = one;
		d.b.policy = other;
		status = compare(&d);
	}
	policy_free(one);
	policy_free(other);
	return status;
}

static int
import_command(int argc, char **argv)
{
	struct arguments a;
	int status = read_arguments(argc, argv, "h", options_import, &a);

	if (status != GO_ON)
		return status;
	if (optind < argc)
		return wrong_usage("unexpected argument");
	if (a.sources.local_host_names == NULL &&
	    a.sources.relay_domains == NULL && a.sources.access == NULL &&
	    a.sources.cf == NULL)
		return wrong_usage("import needs a file to import");
	return finish(policy_import(&a.sources, stdout));
}

static int
confirm_command(int argc, char **argv)
{
	struct arguments a;
	int status = read_arguments(argc, argv, "c:h", options_confirm, &a);

	if (status != GO_ON)
		return status;
	if (optind < argc)
		return wrong_usage("unexpected argument");
	return finish(policy_confirm(a.conf));
}

int
policy_command(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} verbs[] = {
		{ "show", show_command },
		{ "diff", diff_command },
		{ "import", import_command },
		{ "confirm", confirm_command },
	};
	size_t i;

	if (argc < 2)
		return wrong_usage("show, diff, import or confirm?");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		fputs(usage, stdout);
		return EX_OK;
	}
	for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	return wrong_usage("show, diff, import or confirm?");
}
