/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/directory_watch.h"

#include <errno.h>
#include <limits.h>
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

/* Say why the file of a confirmation is of no use, if that is new. */
static bool
wrong(struct directory_watch *w, const char *path, const char *what,
    int error)
{
	if (!w->wrong_confirmation)
		log_say("%s: %s: %s; nothing is confirmed", path, what,
		    bytes_trouble(error));
	w->wrong_confirmation = true;
	return false;
}

/* Digits and the end of a line, nothing else. */
static bool
read_number(const struct bytes *b, size_t *out)
{
	size_t i;

	*out = 0;
	for (i = 0; i < b->n && i < 18 && b->at[i] >= '0' && b->at[i] <= '9';
	     i++)
		*out = *out * 10 + (size_t)(b->at[i] - '0');
	return i > 0 && (i == b->n || (i + 1 == b->n && b->at[i] == '\n'));
}

/* The number that "policy confirm" wrote; false: there is none. */
static bool
read_confirmation(struct directory_watch *w, const char *path, size_t *lost)
{
	struct bytes b;
	bool good;

	if (bytes_read(path, &b) != 0) {
		if (errno != ENOENT)
			return wrong(w, path, "cannot be read", errno);
		w->wrong_confirmation = false;
		return false;
	}
	good = read_number(&b, lost);
	free(b.at);
	/* what cannot be taken away would confirm again and again */
	if (unlink(path) != 0)
		return wrong(w, path, "cannot be removed", errno);
	w->wrong_confirmation = false;
	if (!good)
		log_say("%s: not a number of values; nothing is confirmed",
		    path);
	return good;
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
	    !read_confirmation(w, path, &lost))
		return;
	if (directory_confirm(w->directory, lost))
		log_say("ldap: confirmed: %zu values are gone or denied",
		    lost);
	else
		log_say("ldap: confirmation of %zu values does not fit what "
		    "is held now", lost);
}
