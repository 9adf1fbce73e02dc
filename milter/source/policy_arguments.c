/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "milter/log.h"
#include "milter/source/file.h"

static const char usage[] =
    "usage: relayguard policy show [-c FILE] [--ldap] [--json]\n"
    "       relayguard policy diff A B\n"
    "       relayguard policy diff [-c FILE] --with B\n"
    "       relayguard policy import [--local-host-names FILE]\n"
    "           [--relay-domains FILE] [--access FILE] [--cf FILE]\n"
    "           [--ldif FILE] [--to-ldif BASE]\n"
    "       relayguard policy confirm [-c FILE]\n"
    "show: every entry in force or expired, where it comes from, and which\n"
    "one decides where two speak about the same value.\n"
    "diff: what A and B say differently.  Each is a configuration, named\n"
    "*.yaml or *.yml, an export of a directory, named *.ldif or with its map\n"
    "in front (sendmail:FILE), or else a file of relay.policy(5).\n"
    "import: sendmail's files, or an export of a directory, as a file of\n"
    "relay.policy(5), on standard output; what cannot be carried over is told\n"
    "line by line.  --cf is a sendmail.cf: its classes w and R, and the files\n"
    "it takes them from.  --to-ldif: as entries below BASE instead, in the\n"
    "schema of relayguard, for ldapadd.\n"
    "confirm: put in force what the guard holds back, because too much of the\n"
    "directory's policy would go at once; see relayguard status.\n"
    "  -c, --config FILE  default " CONF_DEFAULT_PATH "\n"
    "      --with B       compare the policy in force (-c) with B\n"
    "      --ldap         ask the directory, too (diff always does)\n"
    "      --json         a JSON array, one object an entry\n"
    "How a directory is read, as the options of relayguard.yaml(5):\n"
    "      --ldap-map NAME  relayguard (default), sendmail, associatedDomain,\n"
    "                       mailLocalAddress or custom\n"
    "      --ldap-cluster NAME, --ldap-host NAME\n"
    "                       the cluster and host that entries are for\n"
    "      --ldap-domain-attribute NAME, --ldap-client-attribute NAME\n"
    "                       of the map custom\n"
    "Exit: 0; 1 diff: they differ, import: not all could be carried over;\n"
    "confirm: it is not in force; 64 usage, 69 the guard does not run, 78\n"
    "mistakes in a file.\n";

enum { OPTION_WITH = 256, OPTION_JSON, OPTION_HOSTS, OPTION_DOMAINS,
	OPTION_ACCESS, OPTION_CF, OPTION_LDIF, OPTION_BASE, OPTION_MAP,
	OPTION_CLUSTER, OPTION_HOST, OPTION_DOMAIN, OPTION_CLIENT,
	OPTION_ASK };

#define LDAP_OPTIONS                                                         \
	{ "ldap-map", required_argument, NULL, OPTION_MAP },                 \
	{ "ldap-cluster", required_argument, NULL, OPTION_CLUSTER },         \
	{ "ldap-host", required_argument, NULL, OPTION_HOST },               \
	{ "ldap-domain-attribute", required_argument, NULL, OPTION_DOMAIN }, \
	{ "ldap-client-attribute", required_argument, NULL, OPTION_CLIENT }

static const struct option options_confirm[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};
static const struct option options_show[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "ldap", no_argument, NULL, OPTION_ASK },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};
static const struct option options_diff[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "with", required_argument, NULL, OPTION_WITH },
	LDAP_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};
static const struct option options_import[] = {
	{ "local-host-names", required_argument, NULL, OPTION_HOSTS },
	{ "relay-domains", required_argument, NULL, OPTION_DOMAINS },
	{ "access", required_argument, NULL, OPTION_ACCESS },
	{ "cf", required_argument, NULL, OPTION_CF },
	{ "ldif", required_argument, NULL, OPTION_LDIF },
	{ "to-ldif", required_argument, NULL, OPTION_BASE },
	LDAP_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int
policy_help(void)
{
	fputs(usage, stdout);
	return EX_OK;
}

int
policy_usage(const char *why)
{
	if (why != NULL)
		log_say("policy: %s", why);
	fputs(usage, stderr);
	return EX_USAGE;
}

/* One option with an argument; false when it is none of these. */
static bool
read_named(int option, struct policy_arguments *a)
{
	const struct {
		int option;
		const char **to;
	} named[] = {
		{ 'c', &a->conf },
		{ OPTION_WITH, &a->with },
		{ OPTION_HOSTS, &a->sources.local_host_names },
		{ OPTION_DOMAINS, &a->sources.relay_domains },
		{ OPTION_ACCESS, &a->sources.access },
		{ OPTION_CF, &a->sources.cf },
		{ OPTION_LDIF, &a->sources.ldif },
		{ OPTION_BASE, &a->base },
		{ OPTION_MAP, &a->ldap.name },
		{ OPTION_CLUSTER, &a->ldap.cluster },
		{ OPTION_HOST, &a->ldap.host },
		{ OPTION_DOMAIN, &a->ldap.domain_attribute },
		{ OPTION_CLIENT, &a->ldap.client_attribute },
	};
	size_t i;

	for (i = 0; i < sizeof named / sizeof named[0]; i++)
		if (named[i].option == option) {
			*named[i].to = optarg;
			return true;
		}
	return false;
}

int
policy_arguments_read(int argc, char **argv, enum policy_verb verb,
    struct policy_arguments *a)
{
	static const struct {
		const char *letters;
		const struct option *options;
	} verbs[] = {
		[POLICY_SHOW] = { "c:h", options_show },
		[POLICY_DIFF] = { "c:h", options_diff },
		[POLICY_IMPORT] = { "h", options_import },
		[POLICY_CONFIRM] = { "c:h", options_confirm },
	};
	int option;

	*a = (struct policy_arguments){ .ldap.name = "relayguard" };
	while ((option = getopt_long(argc, argv, verbs[verb].letters,
	    verbs[verb].options, NULL)) != -1) {
		if (option == OPTION_JSON) {
			a->json = true;
		} else if (option == OPTION_ASK) {
			a->ask = true;
		} else if (option == 'h') {
			return policy_help();
		} else if (!read_named(option, a)) {
			return policy_usage(NULL);
		}
	}
	return POLICY_GO_ON;
}
