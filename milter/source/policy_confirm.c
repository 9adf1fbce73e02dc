/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_confirm.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "milter/log.h"
#include "milter/new_file.h"
#include "milter/source/directory.h"
#include "milter/source/file.h"
#include "milter/source/status_read.h"

#define WAIT_TENTHS 50 /* the guard looks every second */

static int
write_number(const char *path, json_int_t lost)
{
	struct new_file n;

	if (new_file_begin(&n, path, 0640) == 0 &&
	    new_file_end(&n, fprintf(n.to, "%lld\n", lost) > 0, false) == 0)
		return 0;
	log_say("%s: cannot be written: %s", path, strerror(errno));
	return -1;
}

/* Is nothing held any more? */
static bool
wait_for_guard(const struct conf *conf)
{
	const struct timespec tenth = { 0, 100000000 };
	struct complaints c = { 0 };
	bool done = false;
	json_t *s;
	int i;

	for (i = 0; i < WAIT_TENTHS && !done; i++) {
		nanosleep(&tenth, NULL);
		s = status_read(conf, &c);
		done = s != NULL && status_at(s, "directory.held") == NULL;
		json_decref(s);
	}
	complaints_free(&c);
	return done;
}

static int
confirm(const struct conf *conf, const json_t *status)
{
	json_int_t lost = status_number(status, "directory.held.lost");
	char path[PATH_MAX];

	if (status_at(status, "directory.held") == NULL) {
		puts("nothing is held");
		return EX_OK;
	}
	if (!directory_confirm_path(conf, path)) {
		log_say("state_dir: is switched off; set it, or raise "
		    "ldap_hold_percent");
		return EX_CONFIG;
	}
	if (write_number(path, lost) != 0)
		return EX_CANTCREAT;
	if (!wait_for_guard(conf)) {
		log_say("not in force: more has changed, or the guard is "
		    "busy; look at relayguard status and try again");
		return 1;
	}
	printf("in force: %lld of %lld values are gone or denied\n", lost,
	    status_number(status, "directory.held.of"));
	return EX_OK;
}

int
policy_confirm(const char *path)
{
	struct complaints c = { 0 };
	struct conf *conf = file_conf(path, &c);
	json_t *s = conf != NULL ? status_read(conf, &c) : NULL;
	int status = conf == NULL ? EX_CONFIG : EX_UNAVAILABLE;

	log_complaints(&c);
	complaints_free(&c);
	if (s != NULL)
		status = confirm(conf, s);
	json_decref(s);
	conf_free(conf);
	return status;
}
