/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "conf/ldap_value.h"
#include "conf/policy_file.h"
#include "milter/log.h"
#include "milter/source/effective.h"
#include "milter/source/file.h"
#include "milter/source/policy_arguments.h"
#include "milter/source/policy_confirm.h"
#include "milter/source/policy_diff.h"
#include "milter/source/policy_ldif.h"
#include "milter/source/policy_show.h"

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

/* An export of a directory; NULL with complaints. */
static struct policy *
load_ldif(const char *path, const struct ldap_map_options *ldap,
    struct complaints *c)
{
	struct ldap_map *map = ldap_map_new(ldap, c);
	struct policy_builder *b = map != NULL ? file_builder(c) : NULL;

	if (b != NULL)
		policy_ldif_add(path, map, false, b, c);
	ldap_map_free(map);
	return b != NULL ? file_freeze(b, c) : NULL;
}

/*
 * What an operand of diff names, of a file's name the end tells; NULL with
 * complaints.
 */
static struct policy *
load_operand(const char *path, const struct ldap_map_options *ldap,
    struct complaints *c)
{
	struct text name = text_of(path);
	struct ldap_map_options own = *ldap;
	char map[32];

	name = text_cut(name, 0, text_find(name, ':'));
	if (path[name.n] == ':' && ldap_map_exists(name)) {
		snprintf(map, sizeof map, "%.*s", (int)name.n, name.at);
		own.name = map;
		return load_ldif(path + name.n + 1, &own, c);
	}
	if (ends_in(path, TEXT(".ldif")))
		return load_ldif(path, ldap, c);
	return is_configuration(path) ?
	    load_effective(path, EFFECTIVE_ASK, c) :
	    load_native(path, c);
}

/*
 * The policy of an operand, or with ldap NULL that of a configuration; NULL
 * with all complaints said.
 */
static struct policy *
load(const char *path, const struct ldap_map_options *ldap,
    enum effective_way way)
{
	struct complaints c = { 0 };
	struct policy *p = ldap == NULL ? load_effective(path, way, &c) :
	    load_operand(path, ldap, &c);

	log_complaints(&c);
	complaints_free(&c);
	return p;
}

static int
show_command(int argc, char **argv)
{
	struct policy_arguments a;
	int status = policy_arguments_read(argc, argv, POLICY_SHOW, &a);
	struct policy_show how = { .now = time(NULL),
		.colour = wants_colour() };
	struct policy *p;

	if (status != POLICY_GO_ON)
		return status;
	if (optind < argc)
		return policy_usage("unexpected argument");
	p = load(a.conf, NULL, a.ask ? EFFECTIVE_ASK : EFFECTIVE_FILES);
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
	struct policy_arguments a;
	int status = policy_arguments_read(argc, argv, POLICY_DIFF, &a);
	struct policy_diff d = { .now = time(NULL), .colour = wants_colour() };
	struct policy *one, *other;

	if (status != POLICY_GO_ON)
		return status;
	if (argc - optind != (a.with != NULL ? 0 : 2) ||
	    (a.with == NULL && a.conf != NULL))
		return policy_usage("diff takes A and B, or --with B");
	d.a.name = a.with == NULL ? argv[optind] :
	    a.conf != NULL ? a.conf : CONF_DEFAULT_PATH;
	d.b.name = a.with != NULL ? a.with : argv[optind + 1];
	one = a.with != NULL ? load(a.conf, NULL, EFFECTIVE_ASK) :
	    load(d.a.name, &a.ldap, EFFECTIVE_ASK);
	other = load(d.b.name, &a.ldap, EFFECTIVE_ASK);
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

/* Import with the map that an export is read by; an exit status. */
static int
import_with_map(struct policy_arguments *a)
{
	struct complaints c = { 0 };
	struct ldap_map *map = ldap_map_new(&a->ldap, &c);
	int status = EX_USAGE;

	log_complaints(&c);
	complaints_free(&c);
	a->sources.map = map;
	if (map != NULL)
		status = finish(policy_import(&a->sources, a->base, stdout));
	ldap_map_free(map);
	return status;
}

/* Could it be a DN?  No line may end in it. */
static bool
is_dn(const char *base)
{
	return strchr(base, '=') != NULL &&
	    ldap_value_fault(text_of(base)) == NULL;
}

static int
import_command(int argc, char **argv)
{
	struct policy_arguments a;
	int status = policy_arguments_read(argc, argv, POLICY_IMPORT, &a);

	if (status != POLICY_GO_ON)
		return status;
	if (optind < argc)
		return policy_usage("unexpected argument");
	if (a.sources.local_host_names == NULL &&
	    a.sources.relay_domains == NULL && a.sources.access == NULL &&
	    a.sources.cf == NULL && a.sources.ldif == NULL)
		return policy_usage("import needs a file to import");
	if (a.base != NULL && !is_dn(a.base))
		return policy_usage("--to-ldif takes a DN, like "
		    "ou=relay,dc=example,dc=org");
	return import_with_map(&a);
}

static int
confirm_command(int argc, char **argv)
{
	struct policy_arguments a;
	int status = policy_arguments_read(argc, argv, POLICY_CONFIRM, &a);

	if (status != POLICY_GO_ON)
		return status;
	if (optind < argc)
		return policy_usage("unexpected argument");
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
		return policy_usage("show, diff, import or confirm?");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return policy_help();
	for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	return policy_usage("show, diff, import or confirm?");
}
