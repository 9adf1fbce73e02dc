/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/testconf.h"

#include <stdio.h>
#include <sysexits.h>

#include "milter/log.h"
#include "milter/source/config_option.h"
#include "milter/source/effective.h"
#include "milter/source/file.h"

static const char usage[] =
    "usage: relayguard testconf [-c FILE]\n"
    "Check the configuration, every file it names, and the directory: let in,\n"
    "and is the policy there?\n"
    "  -c, --config FILE  default " CONF_DEFAULT_PATH "\n"
    "Exit: 0 usable, 78 mistakes (each with file and line), 64 usage.\n";

static int
test_files(const char *path)
{
	struct complaints c = { 0 };
	struct conf *conf = file_conf(path, &c);
	struct policy *policy = conf != NULL ?
	    effective_policy(conf, EFFECTIVE_ASK, &c) : NULL;
	int status = policy != NULL ? EX_OK : EX_CONFIG;

	log_complaints(&c);
	if (policy != NULL)
		printf("configuration ok: %zu local, %zu relay, %zu client, "
		    "%zu auth entries\n",
		    policy_count(policy, POLICY_LOCAL),
		    policy_count(policy, POLICY_RELAY),
		    policy_count(policy, POLICY_CLIENT),
		    policy_count(policy, POLICY_IDENTITY));
	policy_free(policy);
	conf_free(conf);
	complaints_free(&c);
	return status;
}

int
testconf_command(int argc, char **argv)
{
	const char *path;
	int status = config_option(argc, argv, usage, &path);

	return status >= 0 ? status : test_files(path);
}
