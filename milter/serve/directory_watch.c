/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/directory_watch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "milter/bytes.h"
#include "milter/log.h"

void
directory_watch_end(struct directory_watch *w)
{
	directory_close(w->directory);
	conf_free(w->conf);
	w->directory = NULL;
	w->conf = NULL;
}

bool
directory_watch_use(struct directory_watch *w, struct conf *conf)
{
	struct complaints c = { 0 };
	struct policy *before;

	if (w->directory != NULL && directory_is(w->directory, conf)) {
		directory_refresh(w->directory);
		return false;
	}
	before = directory_policy(w->directory);
	directory_watch_end(w);
	if (conf->ldap.uri.n == 0) {
		policy_free(before);
		combine_directory(w->combine, NULL);
		return false;
	}
	w->directory = directory_new(conf, combine_directory, w->combine, &c);
	log_complaints(&c);
	complaints_free(&c);
	directory_inherit(w->directory, before);
	if (w->directory == NULL)
		return false;
	w->conf = conf;
	if (directory_follow(w->directory) != 0)
		log_say("ldap: no thread to follow the directory");
	return true;
}

/* The number that "policy confirm" wrote; false: there is none. */
static bool
read_confirmation(const char *path, size_t *lost)
{
	struct bytes b;
	char *end, number[32];

	if (bytes_read(path, &b) != 0)
		return false;
	snprintf(number, sizeof number, "%.*s", (int)(b.n < 31 ? b.n : 31),
	    b.at);
	free(b.at);
	unlink(path);
	*lost = strtoul(number, &end, 10);
	return end != number;
}

void
directory_watch_tick(struct directory_watch *w)
{
	char path[PATH_MAX];
	size_t lost;

	if (w->directory == NULL)
		return;
	directory_tick(w->directory);
	if (!directory_confirm_path(w->conf, path) ||
	    !read_confirmation(path, &lost))
		return;
	if (directory_confirm(w->directory, lost))
		log_say("ldap: confirmed: %zu values are gone or denied",
		    lost);
	else
		log_say("ldap: confirmation of %zu values does not fit what "
		    "is held now", lost);
}
